"""How the catalogue's tables came to be, step by step; Alembic runs the missing steps when a catalogue is opened."""
