"""Turns expressions into a mood on the valence-arousal plane, steadily. Pure."""
