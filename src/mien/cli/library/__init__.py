"""``mien library``."""
