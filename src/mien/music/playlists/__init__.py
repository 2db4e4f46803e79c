"""Playlists: what is in one, how files write it down, and how servers keep it."""
