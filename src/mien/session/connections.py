"""Opens the servers that a person connected, for the command line and for a session alike."""

from __future__ import annotations

import os

from mien.config import HOME, Settings
from mien.music.connections import Connections


def open_connections(settings: Settings) -> Connections:
    """The connected servers; with ``MIEN_HOME`` everything stays in one folder, passwords too."""
    return Connections.open(settings.data_dir, portable=bool(os.environ.get(HOME)))
