"""Where music comes from: one file a source."""
