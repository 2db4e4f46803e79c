"""From frames to steady moods: the engine behind the page, the terminal and videos."""
