"""Writes a mood into a file's tags, and leaves every other byte as it is."""
