"""What plays music besides the page: one file a player, all behind the protocol in ``player``."""
