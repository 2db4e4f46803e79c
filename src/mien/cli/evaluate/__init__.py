"""``mien evaluate``."""
