"""Training of the expression network; start with ``data``, ``augment``, ``model``, ``train`` and ``export``."""
