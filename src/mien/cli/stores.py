"""Opens what mien stores for the person who runs a command: the library, taste, playlists and servers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mien.cli.terminal.settings import settings

if TYPE_CHECKING:
    from mien.music.connections import Connections
    from mien.music.library.library import Library
    from mien.music.library.playlist_store import PlaylistStore
    from mien.music.library.taste_store import TasteStore


def open_library() -> Library:
    """The library; close it. Raises ``LibraryError`` or ``ConfigError``."""
    from mien.music.library.library import Library

    chosen = settings()
    return Library.open(chosen.library_path, starter=chosen.starter)


def open_tastes() -> TasteStore:
    """The learnt taste; close it. Raises ``LibraryError`` or ``ConfigError``."""
    from mien.music.library.taste_store import TasteStore

    return TasteStore.open(settings().library_path)


def open_playlists() -> PlaylistStore:
    """The stored playlists; close it. Raises ``LibraryError`` or ``ConfigError``."""
    from mien.music.library.playlist_store import PlaylistStore

    return PlaylistStore.open(settings().library_path)


def open_connections() -> Connections:
    """The connected servers. Raises ``SourceError`` or ``ConfigError``."""
    from mien.config import HOME
    from mien.music.connections import Connections

    # With MIEN_HOME everything stays in one folder, passwords too.
    return Connections.open(settings().data_dir, portable=bool(os.environ.get(HOME)))
