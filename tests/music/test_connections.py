"""Connections are stored without their passwords, and become sources and players."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from mien.errors import Remedy, SourceError
from mien.music.connections import FILE_NAME, Connection, Connections
from mien.music.players.mpd import MpdPlayer
from mien.music.servers.server import ConnectionOption, OptionKind
from mien.music.sources.mpd import MpdSource
from mien.music.sources.subsonic import SubsonicSource
from mien.storage.secrets import SecretBackend, Secrets
from tests.broken_plugin import install_broken_plugin

WORD = "hush-hush"


@pytest.fixture
def connections(tmp_path):
    return Connections(tmp_path, secrets=Secrets(tmp_path))


HOME = Connection("home", "subsonic", "http://127.0.0.1:4533", {"user": "ada"}, "password")
HIFI = Connection("hifi", "mpd", "music.local", {"folder": "/media/music"})


def test_servers_are_stored_and_removed(connections, tmp_path):
    assert connections.all() == []
    assert connections.put(HOME, secret=WORD).secret is SecretBackend.FILE
    assert connections.put(HIFI, secret="").secret is SecretBackend.NOWHERE
    assert [connection.name for connection in connections.all()] == ["hifi", "home"]
    file = tmp_path / FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert WORD not in file.read_text()
    assert WORD not in repr(connections.all())
    connections.remove("home")
    assert connections.all() == [HIFI]
    assert Secrets(tmp_path).get("home") is None


def test_options_and_the_kind_of_secret_are_stored(connections):
    keyed = Connection("nas", "subsonic", "https://nas.local/music", {"ca": "/home/ada/nas.pem"}, "api_key")
    connections.put(keyed, secret=WORD)
    assert connections.find("nas") == replace(keyed, secret=SecretBackend.FILE)
    assert connections.source(connections.find("nas")).client.host == "nas.local"


def test_servers_are_sources_and_players(connections):
    connections.put(HOME, secret=WORD)
    connections.put(HIFI, secret="")
    hifi, home = connections.sources()
    assert isinstance(hifi, MpdSource)
    assert isinstance(home, SubsonicSource)
    assert (hifi.name, home.name, hifi.folder()) == ("hifi", "home", Path("/media/music"))
    assert isinstance(connections.player(HIFI), MpdPlayer)
    with pytest.raises(SourceError, match="does not play by itself"):
        connections.player(HOME)


def test_a_missing_password_is_an_error_of_its_server_only(connections, tmp_path, caplog):
    connections.put(HOME, secret=WORD)
    Secrets(tmp_path).delete("home")
    with pytest.raises(SourceError, match="has no stored password") as error:
        connections.source(connections.find("home"))
    assert (error.value.subject, error.value.remedy) == ("home", Remedy.SIGN_IN)
    connections.put(HIFI, secret="")
    assert [source.name for source in connections.sources()] == ["hifi"]
    assert "“home” has no stored password" in caplog.text


def test_a_file_of_the_first_format_is_read(connections, tmp_path):
    first = {"kind": "subsonic", "address": "https://nas.local", "user": "", "folder": "", "ca": "/home/ada/nas.pem"}
    entries = [
        first | {"name": "nas", "secret": "file", "proof": "key"},
        first | {"name": "home", "secret": "file", "proof": "password", "user": "ada", "ca": ""},
        {"name": "hifi", "kind": "mpd", "address": "music.local", "folder": "/media/music", "secret": "nowhere"},
    ]
    (tmp_path / FILE_NAME).write_text(json.dumps({"sources": entries}))
    hifi, home, nas = connections.all()
    assert hifi == HIFI
    assert (dict(home.options), home.secret_option, home.secret) == ({"user": "ada"}, "password", SecretBackend.FILE)
    assert (dict(nas.options), nas.secret_option) == ({"ca": "/home/ada/nas.pem"}, "api_key")


def test_a_missing_plug_in_is_an_error_of_its_server_only(connections, caplog):
    connections.put(Connection("odd", "gramophone", "x"), secret="")
    connections.put(HIFI, secret="")
    assert [source.name for source in connections.sources()] == ["hifi"]
    assert "needs the plug-in “gramophone”" in caplog.text


@pytest.mark.parametrize("name", ["", "Home", "folder", "starter", "a:b", "../x", "a" * 40, "é"])
def test_an_invalid_name_is_refused(name):
    with pytest.raises(SourceError, match="is not a valid server name"):
        Connection(name, "mpd", "music.local")


@pytest.mark.parametrize("text", ["", "[]", '{"sources": [{}]}', '{"sources": [{"name": 1}]}', '{"sources": 5}', "{"])
def test_a_damaged_file_is_an_error(connections, tmp_path, text):
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(SourceError, match="is damaged; mend it"):
        connections.all()


def test_an_unknown_name_lists_the_known_ones(connections):
    with pytest.raises(SourceError, match="no server called") as error:
        connections.find("home")
    assert error.value.remedy is Remedy.ADD_SERVER
    connections.put(HIFI, secret="")
    with pytest.raises(SourceError, match="choose one of hifi"):
        connections.find("home")


def test_a_broken_plug_in_is_an_error_of_its_server_only(connections, tmp_path, monkeypatch, caplog):
    monkeypatch.syspath_prepend(install_broken_plugin(tmp_path))
    connections.put(Connection("odd", "bad", "x"), secret="")
    connections.put(HIFI, secret="")
    assert [source.name for source in connections.sources()] == ["hifi"]
    assert "The plug-in “bad” cannot be loaded" in caplog.text


def test_a_player_alone_has_no_music(connections, monkeypatch):
    monkeypatch.setattr("mien.music.connections.source_names", lambda: ["subsonic"])
    assert not connections.has_music(HIFI)
    assert connections.has_music(HOME)


@pytest.mark.parametrize("name", ["name", "address", "kind", "help", "password", "two words", "2nd", "class", ""])
def test_an_option_with_a_reserved_or_invalid_name_is_refused(name):
    with pytest.raises(ValueError, match="option"):
        ConnectionOption(name=name, help="No.")


def test_a_secret_may_be_called_password():
    assert ConnectionOption(name="password", kind=OptionKind.SECRET, help="Ask for it.").flag == "--password"


def test_a_class_without_options_has_none(connections, monkeypatch):
    class Bare:
        def __init__(self, address, *, name):
            self.name = name

        def sign_in(self):
            raise NotImplementedError

    monkeypatch.setattr("mien.music.connections.source_names", lambda: ["bare"])
    monkeypatch.setattr("mien.music.connections.find_source", lambda name: Bare)
    (client,) = connections.clients(Connection("attic", "bare", "x"))
    assert client.name == "attic"
