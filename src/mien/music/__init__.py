"""Hears music, keeps a catalogue of it, and chooses what fits a mood."""
