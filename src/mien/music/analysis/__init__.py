"""From an audio file to its valence, arousal, tempo, key and loudness."""
