"""Maps expressions to a steady mood on the valence-arousal plane; no I/O."""
