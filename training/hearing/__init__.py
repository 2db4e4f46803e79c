"""A set of labelled music for the estimates of valence and arousal: composed here, traditional tunes, and VGMIDI."""
