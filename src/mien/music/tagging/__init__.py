"""Reads the tags of music files, and writes moods into them without changing any other byte."""
