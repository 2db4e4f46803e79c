"""``mien source``: connect servers of music, Subsonic's and MPD."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.examples import examples
from mien.cli.kinds import AnyPath
from mien.cli.library import counted, open_library, summarise, with_progress
from mien.cli.output import say
from mien.cli.rows import Layout, style_options, written
from mien.cli.settings import settings

if TYPE_CHECKING:
    from mien.connections import Connection, Connections

_KINDS = ("subsonic", "mpd")


@click.group(
    epilog=examples(
        "mien source add subsonic https://music.example.org --user ada",
        "mien source add mpd music.local --folder /media/music",
        "mien source list",
    )
)
def source() -> None:
    """Connect servers: Subsonic's, and MPD.

    Navidrome, supysonic, gonic and Airsonic speak Subsonic's language. A password is kept in the system's keyring
    where there is one (it needs: pip install 'mien[keyring]'), else in a file that only you can read.
    """


@source.command(
    epilog=examples(
        "mien source add subsonic http://127.0.0.1:4533 --user ada --name home",
        "mien source add mpd /run/mpd/socket",
    )
)
@click.argument("kind", metavar="|".join(_KINDS), type=click.Choice(_KINDS))
@click.argument("address", metavar="ADDRESS")
@click.option("--name", metavar="NAME", help="What to call the server; its kind unless set.")
@click.option("--user", metavar="NAME", default="", help="Your account on a Subsonic server.")
@click.option(
    "--folder", metavar="DIR", type=AnyPath(), help="MPD's music folder on this computer, so that it plays here too."
)
@click.option("--password", "wants_password", is_flag=True, help="Ask for MPD's password, where it has one.")
def add(kind: str, address: str, name: str | None, user: str, folder: Path | None, wants_password: bool) -> None:
    """Sign in to a server, and keep it.

    The password is asked for, or read from standard input.
    """
    from mien.connections import Connection

    if kind == "subsonic" and not user:
        raise click.UsageError("Say whose account it is: --user NAME")
    kept = open_connections()
    asked = Connection(name or kind, kind, address, user, folder.absolute() if folder else None)
    _sign_in(kept, asked, _ask_password() if kind == "subsonic" or wants_password else "")


@source.command(name="list", epilog=examples("mien source list", "mien source list --json"))
@style_options
def list_servers(style: str | None) -> None:
    """List the servers that were added."""
    servers = open_connections().all()
    with written(style, LAYOUT) as write:
        for server in servers:
            write(server)
    if not servers:
        say("No server was added yet; add one with: mien source add")


@source.command(epilog=examples("mien source hear home"))
@click.argument("name", metavar="NAME")
def hear(name: str) -> None:
    """Hear a server's music, and offer it from then on.

    Excerpts are fetched into memory; no file is kept, and nothing is changed there. Asking again hears what is new.
    Ctrl-C stops; what was heard is kept, and the same command goes on from there.
    """
    kept = open_connections()
    server = kept.source(kept.find(name))
    with open_library() as catalogue:
        summarise(f"“{name}”", with_progress(partial(catalogue.add_server, server)))


@source.command(epilog=examples("mien source moods hifi"))
@click.argument("name", metavar="NAME")
def moods(name: str) -> None:
    """Write what was heard onto an MPD's songs.

    Mood and tempo become stickers of those songs that the library knows: mood_valence, mood_arousal, mood_tempo_bpm.
    """
    from mien.music.players.mpd import MpdPlayer
    from mien.music.playlists.playlist import entry_of

    kept = open_connections()
    player = kept.player(kept.find(name))
    if not isinstance(player, MpdPlayer):
        raise click.UsageError(f"“{name}” keeps no stickers.")
    with open_library() as catalogue:
        heard = [(entry_of(track, catalogue.place(track.id)), track) for track in catalogue.tracks()]
    say(f"{counted(player.keep_moods(heard), 'song')} on “{name}” have their moods now.")


@source.command(epilog=examples("mien source login home"))
@click.argument("name", metavar="NAME")
def login(name: str) -> None:
    """Give a new password for a server."""
    kept = open_connections()
    _sign_in(kept, kept.find(name), _ask_password())


@source.command(epilog=examples("mien source remove home"))
@click.argument("name", metavar="NAME")
def remove(name: str) -> None:
    """Forget a server and its password.

    Nothing is changed on the server.
    """
    open_connections().remove(name)
    with open_library() as catalogue:
        count = catalogue.remove_server(name)
    say(f"“{name}”, its password and its {counted(count, 'track')} are forgotten.")


def open_connections() -> Connections:
    """The servers of the person who runs this."""
    from mien.config import HOME
    from mien.connections import Connections

    # A home of one's own holds all that mien keeps, passwords too.
    return Connections.open(settings().data_dir, portable=bool(os.environ.get(HOME)))


def _sign_in(kept: Connections, connection: Connection, password: str) -> None:
    greeting = kept.source(connection, password=password).greet()
    connection = kept.put(connection, password=password)
    where = {"keyring": "the password is in the system's keyring", "file": "the password is in a file of yours"}
    secret = where.get(connection.secret, "without a password")
    say(f"“{connection.name}” is {greeting.words}; {secret}.")
    if greeting.warning:
        say(greeting.warning)


def _ask_password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, err=True))
    # Not the locale's encoding: a password is the same bytes everywhere.
    return sys.stdin.buffer.readline().decode("utf-8", "replace").rstrip("\r\n")


def _as_json(connection: Connection) -> dict[str, Any]:
    return {
        "name": connection.name,
        "kind": connection.kind,
        "address": connection.address,
        "user": connection.user or None,
        "folder": str(connection.folder) if connection.folder else None,
        "password": str(connection.secret),
    }


def _as_values(connection: Connection) -> Iterator[list[Any]]:
    yield list(_as_json(connection).values())


def _as_cells(connection: Connection) -> Iterator[tuple[str, ...]]:
    yield tuple(value or "" for value in _as_json(connection).values())


LAYOUT = Layout(
    as_json=_as_json,
    header=("name", "kind", "address", "user", "folder", "password"),
    as_values=_as_values,
    columns=("Name", "Kind", "Address", "User", "Folder", "Password in"),
    numbers=(),
    as_cells=_as_cells,
)
