"""Turns frames into steady moods: the engine behind the page, the terminal view and videos."""
