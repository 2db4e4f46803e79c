"""``mien bench``."""
