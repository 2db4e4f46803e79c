"""``mien watch``."""
