"""Opens the user's stored data: the library, taste, playlists and servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from mien.cli.terminal.settings import settings

if TYPE_CHECKING:
    from mien.config import Settings
    from mien.music.connections import Connections
    from mien.music.library.database import Database
    from mien.music.library.library import Library
    from mien.music.library.playlist_store import PlaylistStore
    from mien.music.library.taste_store import TasteStore
    from mien.types import Track


class Stores:
    """The library, taste and playlists in one open database; each is loaded when it is first used."""

    def __init__(self, database: Database, chosen: Settings) -> None:
        self._database = database
        self._settings = chosen

    @cached_property
    def library(self) -> Library:
        """The library."""
        from mien.music.library.library import Library

        return Library(self._database, starter=self._settings.starter)

    def choosable(self) -> list[Track]:
        """The tracks to choose music from, without those that are away now: see ``Library.choosable``."""
        self.library.check_away()
        return self.library.choosable(starter_until=self._settings.starter_until)

    @cached_property
    def tastes(self) -> TasteStore:
        """The ratings, plays and learnt taste."""
        from mien.music.library.taste_store import TasteStore

        return TasteStore(self._database)

    @cached_property
    def playlists(self) -> PlaylistStore:
        """The stored playlists."""
        from mien.music.library.playlist_store import PlaylistStore

        return PlaylistStore(self._database)


@contextmanager
def open_stores() -> Iterator[Stores]:
    """Open the database and close it at the end; raises ``LibraryError`` or ``ConfigError``."""
    from mien.music.library.database import Database

    chosen = settings()
    with Database.open(chosen.library_path) as database:
        yield Stores(database, chosen)


@contextmanager
def open_library() -> Iterator[Library]:
    """Open the library alone; see ``open_stores``."""
    with open_stores() as stores:
        yield stores.library


@contextmanager
def open_tastes() -> Iterator[TasteStore]:
    """Open the ratings, plays and learnt taste alone; see ``open_stores``."""
    with open_stores() as stores:
        yield stores.tastes


@contextmanager
def open_playlists() -> Iterator[PlaylistStore]:
    """Open the stored playlists alone; see ``open_stores``."""
    with open_stores() as stores:
        yield stores.playlists


def open_connections() -> Connections:
    """The connected servers. Raises ``SourceError`` or ``ConfigError``."""
    from mien.session import connections

    return connections.open_connections(settings())
