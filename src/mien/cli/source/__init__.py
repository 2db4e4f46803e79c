"""``mien source``."""
