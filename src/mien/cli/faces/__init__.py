"""``mien faces``."""
