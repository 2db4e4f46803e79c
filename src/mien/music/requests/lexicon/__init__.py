"""The words that requests for music are understood by, as tables in TOML."""
