"""Measures how well and how fast mien estimates the mood of music that nothing in mien was fitted to."""
