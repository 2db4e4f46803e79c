"""Who says which expression a face shows: one file a classifier, all behind the protocol in ``classifier``."""
