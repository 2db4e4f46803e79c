"""The error for a server that lacks a capability names the servers that have it."""

from pathlib import Path

from mien.cli.capabilities import unable
from mien.music.connections import Connection, Connections
from mien.music.players.player import FollowsPlayback


def follows(client: object) -> bool:
    return isinstance(client, FollowsPlayback)


def test_servers_with_the_capability_are_named(tmp_path: Path) -> None:
    connections = Connections.open(tmp_path, portable=True)
    connections.put(Connection("broken", "gramophone", "x"), secret="")
    connections.put(Connection("hifi", "mpd", "127.0.0.1:1"), secret="")
    connections.put(Connection("home", "subsonic", "http://127.0.0.1:1"), secret="")
    error = unable("home", "cannot be followed", connections, can=follows)
    assert error.message == "“home” cannot be followed; choose one of hifi."


def test_without_such_a_server_one_can_be_added(tmp_path: Path) -> None:
    error = unable("home", "cannot be followed", Connections.open(tmp_path, portable=True), can=follows)
    assert error.message.endswith("add a server that can, such as an MPD, with: mien source add")
