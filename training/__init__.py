"""How the expression network is made: read ``data``, ``augment``, ``model``, ``train``, ``export``, in that order."""
