"""What a command opens of the person's data."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mien.cli.stores import open_connections, open_stores, open_tastes
from mien.config import load_settings
from mien.errors import LibraryError
from mien.music.connections import Connection
from mien.music.recommender.feedback import Rating
from mien.session.session import Session
from mien.storage.secrets import Secrets


def test_the_stores_share_one_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_HOME", str(tmp_path))
    monkeypatch.setenv("MIEN_STARTER", "no")
    with open_stores() as stores:
        assert stores.library.tracks() == []
        assert stores.playlists.all() == []
        stores.tastes.rate("folder:a", Rating.LIKE, at=datetime.now(UTC))
    with open_tastes() as tastes:
        assert tastes.ratings() == {"folder:a": Rating.LIKE}
    assert [path.name for path in tmp_path.iterdir()] == ["library.sqlite3"], "closed, and no journal left"


def test_a_database_that_cannot_be_opened_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_HOME", str(tmp_path))
    (tmp_path / "library.sqlite3").write_text("not a database " * 500)
    with pytest.raises(LibraryError, match="damaged"), open_stores():
        pass


def test_in_a_single_folder_passwords_are_not_looked_up_in_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.music.connections.system_keyring", lambda: pytest.fail("the keyring was asked"))
    monkeypatch.setenv("MIEN_HOME", str(tmp_path))
    monkeypatch.setenv("MIEN_STARTER", "no")
    connection = Connection("home", "subsonic", "http://127.0.0.1:1", {"user": "ada"}, "password")
    open_connections().put(connection, secret="hush")  # noqa: S106
    Secrets(tmp_path).delete("home")
    assert open_connections().sources() == []
    Session.open(load_settings(os.environ)).close()
