"""Servers are kept without their passwords, and come back as sources and players."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from mien.errors import Remedy, SourceError
from mien.music.connections import FILE_NAME, Connection, Connections
from mien.music.players.mpd import MpdPlayer
from mien.music.sources.mpd import MpdSource
from mien.music.sources.subsonic import SubsonicSource
from mien.storage.secrets import SecretBackend, Secrets

WORD = "hush-hush"


@pytest.fixture
def kept(tmp_path):
    return Connections(tmp_path, secrets=Secrets(tmp_path))


HOME = Connection("home", "subsonic", "http://127.0.0.1:4533", {"user": "ada"}, "password")
HIFI = Connection("hifi", "mpd", "music.local", {"folder": "/media/music"})


def test_servers_come_back_and_go(kept, tmp_path):
    assert kept.all() == []
    assert kept.put(HOME, secret=WORD).secret is SecretBackend.FILE
    assert kept.put(HIFI, secret="").secret is SecretBackend.NOWHERE
    assert [connection.name for connection in kept.all()] == ["hifi", "home"]
    file = tmp_path / FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert WORD not in file.read_text()
    assert WORD not in repr(kept.all())
    kept.remove("home")
    assert kept.all() == [HIFI]
    assert Secrets(tmp_path).get("home") is None


def test_how_one_signs_in_and_whom_one_trusts_come_back(kept):
    keyed = Connection("nas", "subsonic", "https://nas.local/music", {"ca": "/home/ada/nas.pem"}, "api_key")
    kept.put(keyed, secret=WORD)
    assert kept.find("nas") == replace(keyed, secret=SecretBackend.FILE)
    assert kept.source(kept.find("nas")).client.host == "nas.local"


def test_servers_are_sources_and_players(kept):
    kept.put(HOME, secret=WORD)
    kept.put(HIFI, secret="")
    hifi, home = kept.sources()
    assert isinstance(hifi, MpdSource)
    assert isinstance(home, SubsonicSource)
    assert (hifi.name, home.name, hifi.folder()) == ("hifi", "home", Path("/media/music"))
    assert isinstance(kept.player(HIFI), MpdPlayer)
    with pytest.raises(SourceError, match="does not play by itself"):
        kept.player(HOME)


def test_a_password_that_is_gone_is_asked_for_and_costs_no_other_server(kept, tmp_path, caplog):
    kept.put(HOME, secret=WORD)
    Secrets(tmp_path).delete("home")
    with pytest.raises(SourceError, match="has no stored password") as error:
        kept.source(kept.find("home"))
    assert (error.value.subject, error.value.remedy) == ("home", Remedy.SIGN_IN)
    kept.put(HIFI, secret="")
    assert [source.name for source in kept.sources()] == ["hifi"]
    assert "“home” has no stored password" in caplog.text


def test_a_file_of_the_first_format_is_read(kept, tmp_path):
    first = {"kind": "subsonic", "address": "https://nas.local", "user": "", "folder": "", "ca": "/home/ada/nas.pem"}
    entries = [
        first | {"name": "nas", "secret": "file", "proof": "key"},
        first | {"name": "home", "secret": "file", "proof": "password", "user": "ada", "ca": ""},
        {"name": "hifi", "kind": "mpd", "address": "music.local", "folder": "/media/music", "secret": "nowhere"},
    ]
    (tmp_path / FILE_NAME).write_text(json.dumps({"sources": entries}))
    hifi, home, nas = kept.all()
    assert hifi == HIFI
    assert (dict(home.options), home.secret_option, home.secret) == ({"user": "ada"}, "password", SecretBackend.FILE)
    assert (dict(nas.options), nas.secret_option) == ({"ca": "/home/ada/nas.pem"}, "api_key")


def test_a_server_without_its_plug_in_costs_no_other_server(kept, caplog):
    kept.put(Connection("odd", "gramophone", "x"), secret="")
    kept.put(HIFI, secret="")
    assert [source.name for source in kept.sources()] == ["hifi"]
    assert "needs the plug-in “gramophone”" in caplog.text


@pytest.mark.parametrize("name", ["", "Home", "folder", "starter", "a:b", "../x", "a" * 40, "é"])
def test_a_name_that_is_none(name):
    with pytest.raises(SourceError, match="is no name for a server"):
        Connection(name, "mpd", "music.local")


@pytest.mark.parametrize("text", ["", "[]", '{"sources": [{}]}', '{"sources": [{"name": 1}]}', '{"sources": 5}', "{"])
def test_a_damaged_file_is_a_sentence(kept, tmp_path, text):
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(SourceError, match="is damaged; mend it"):
        kept.all()


def test_an_unknown_name_says_which_there_are(kept):
    with pytest.raises(SourceError, match="no server called") as error:
        kept.find("home")
    assert error.value.remedy is Remedy.ADD_SERVER
    kept.put(HIFI, secret="")
    with pytest.raises(SourceError, match="the servers are: hifi"):
        kept.find("home")
