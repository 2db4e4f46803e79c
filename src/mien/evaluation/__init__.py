"""Measures of how well expressions are read, and what measuring needs."""
