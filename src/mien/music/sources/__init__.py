"""Where music comes from: one file a source, all behind the protocol in ``source``."""
