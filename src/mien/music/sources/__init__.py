"""Sources of music, behind the protocols in ``source``; one file each."""
