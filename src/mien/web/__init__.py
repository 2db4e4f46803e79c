"""The page and its server, for one person on this machine."""
