"""Playlists: their values, their file formats, and finding their tracks in the library."""
