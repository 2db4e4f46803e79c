"""One running mien: frames to moods, moods to music, and what was played and rated."""
