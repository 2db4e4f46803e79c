"""mien reads a face, works out the mood, and plays music for it."""

__version__ = "0.1.0"
