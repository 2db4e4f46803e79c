"""Makes the starter library: the music that mien plays before anybody has added a folder of their own.

``python -m starter.make`` writes every piece as notes, has FluidSynth play it, levels and encodes it, and measures it.
Nothing here is part of the installed package; only the sound files and ``manifest.json`` are.
"""
