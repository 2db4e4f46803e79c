"""Makes the starter library, the music that mien plays before the listener has added a folder.

``python -m starter.make`` writes every piece as MIDI, synthesises it with FluidSynth, masters, encodes and measures it.
Nothing here is part of the installed package; only the sound files and ``manifest.json`` are.
"""
