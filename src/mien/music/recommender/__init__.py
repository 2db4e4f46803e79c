"""Chooses tracks for a mood: pure functions over values."""
