"""``mien source``: connect servers of music, Subsonic's and MPD."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.library.scan_progress import say_scan_report, scan_with_progress
from mien.cli.stores import open_connections, open_library
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import say
from mien.cli.terminal.param_types import AnyPath
from mien.cli.terminal.quantities import counted
from mien.cli.terminal.rows import RowFormat, row_writer, style_options
from mien.errors import SourceError

if TYPE_CHECKING:
    from mien.music.connections import Connection, Connections
    from mien.music.sources.source import RemoteSource

_KINDS = ("subsonic", "mpd")


@click.group(
    epilog=examples(
        "mien source add subsonic https://music.example.org --user ada",
        "mien source add mpd music.local --folder /media/music",
        "mien source hear",
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
        "mien source add subsonic https://nas.local/music --api-key --ca nas.pem",
        "mien source add mpd /run/mpd/socket",
    )
)
@click.argument("kind", metavar="|".join(_KINDS), type=click.Choice(_KINDS))
@click.argument("address", metavar="ADDRESS")
@click.option("--name", metavar="NAME", help="What to call the server; its kind unless set.")
@click.option("--user", metavar="NAME", default="", help="Your account on a Subsonic server.")
@click.option("--api-key", "by_key", is_flag=True, help="Ask for an API key in place of name and password.")
@click.option("--ca", metavar="FILE", type=AnyPath(), help="Certificates to trust, in PEM: a Subsonic server's own.")
@click.option(
    "--folder", metavar="DIR", type=AnyPath(), help="MPD's music folder on this computer, so that it plays here too."
)
@click.option("--password", "wants_password", is_flag=True, help="Ask for MPD's password, where it has one.")
def add(
    kind: str,
    address: str,
    name: str | None,
    user: str,
    by_key: bool,
    ca: Path | None,
    folder: Path | None,
    wants_password: bool,
) -> None:
    """Sign in to a server, and keep it.

    The password, or the API key, is asked for, or read from standard input. Adding a server again changes what is
    kept of it.
    """
    from mien.music.connections import Connection

    if kind == "subsonic" and bool(user) == by_key:
        raise click.UsageError("Say whose account it is, or that a key does: --user NAME, or --api-key")
    if kind == "mpd" and (user or by_key or ca):
        raise click.UsageError("An MPD has no accounts and no certificates: leave out --user, --api-key and --ca.")
    if folder is not None and not folder.is_dir():
        raise SourceError(f"{folder} is no folder on this computer; see that it is mounted.")
    kept = open_connections()
    asked = Connection(
        *(name or kind, kind, address, user, folder.absolute() if folder else None),
        ca=ca.absolute() if ca else None,
        by_key=by_key,
    )
    before = next((known for known in kept.all() if known.name == asked.name), None)
    if before is not None and (before.kind, before.address) != (kind, address):
        raise SourceError(f"“{asked.name}” is {before.address} already; choose another name with --name.")
    secret = _ask_secret(asked) if kind == "subsonic" or wants_password else ""
    _sign_in(kept, asked, secret, again="say them again")
    say(f"Hear its music with: mien source hear {asked.name}")


@source.command(name="list", epilog=examples("mien source list", "mien source list --json"))
@style_options
def list_servers(style: str | None) -> None:
    """List the servers that were added."""
    servers = open_connections().all()
    with row_writer(style, LAYOUT) as write:
        for server in servers:
            write(server)
    if not servers:
        say("No server was added yet; add one with: mien source add")


@source.command(epilog=examples("mien source check", "mien source check home"))
@click.argument("names", metavar="[NAME…]", nargs=-1)
def check(names: tuple[str, ...]) -> None:
    """See whether servers answer, and what they can do.

    All of them, unless some are named. The exit status is 1 if one does not answer.
    """
    failed = False
    kept = open_connections()
    for connection in _chosen(kept, names):
        began_s = time.monotonic()
        try:
            greeting = kept.source(connection).greet()
        except SourceError as error:
            say(f"“{connection.name}”: {error}")
            failed = True
            continue
        say(f"“{connection.name}” is {greeting.words}, and answered within {time.monotonic() - began_s:.1f} s.")
        if greeting.extensions:
            say(f"  It can: {', '.join(greeting.extensions)}.")
        if greeting.warning:
            say(f"  {greeting.warning}")
    if failed:
        raise click.exceptions.Exit(1)


@source.command(epilog=examples("mien source hear", "mien source hear home"))
@click.argument("names", metavar="[NAME…]", nargs=-1)
def hear(names: tuple[str, ...]) -> None:
    """Hear the music of servers, and offer it from then on.

    All of them, unless some are named. Excerpts are fetched into memory; no file is kept, and nothing is changed
    there. Asking again hears what is new. Ctrl-C stops; what was heard is kept, and the same command goes on from
    there.
    """
    failed = False
    kept = open_connections()
    with open_library() as catalogue:
        for connection in _chosen(kept, names):
            try:
                report = scan_with_progress(partial(catalogue.add_server, _heard_from(kept, connection)))
            except SourceError as error:
                say(f"“{connection.name}”: {error}")
                failed = True
                continue
            say_scan_report(f"“{connection.name}”", report)
    if failed:
        raise click.exceptions.Exit(1)


@source.command(epilog=examples("mien source follow hifi", "mien source follow hifi --no-level"))
@click.argument("name", metavar="NAME")
@click.option("--no-level", is_flag=True, help="Leave MPD's volume alone.")
def follow(name: str, no_level: bool) -> None:
    """Stay beside an MPD while it plays.

    Pieces become equally loud, by MPD's own volume. What is heard out or skipped there, in any program, counts for your
    taste, as does what is said of a piece: by the message "like" or "never" on the channel "mien", or by the stickers
    "like" and "rating". It goes on when MPD comes back after a restart. Ctrl-C ends it, and gives the volume back.
    """
    from mien.cli.follow import follow as stay_beside
    from mien.music.players.mpd import MpdPlayer

    kept = open_connections()
    player = kept.player(kept.find(name))
    if not isinstance(player, MpdPlayer):
        raise click.UsageError(f"“{name}” cannot be followed.")
    stay_beside(name, player, level=not no_level)


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
        heard = [(entry_of(track, catalogue.location(track.id)), track) for track in catalogue.tracks()]
    say(f"{counted(player.keep_moods(heard), 'song')} on “{name}” have their moods now.")


@source.command(epilog=examples("mien source login home"))
@click.argument("name", metavar="NAME")
def login(name: str) -> None:
    """Give a new password, or a new API key, for a server."""
    kept = open_connections()
    connection = kept.find(name)
    _sign_in(kept, connection, _ask_secret(connection), again=f"run again: mien source login {name}")


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


def _chosen(kept: Connections, names: tuple[str, ...]) -> list[Connection]:
    """The servers of these names, or else all; raises ``SourceError`` where there is none."""
    if names:
        return [kept.find(name) for name in names]
    if not kept.all():
        raise SourceError("No server was added yet; add one with: mien source add")
    return kept.all()


def _heard_from(kept: Connections, connection: Connection) -> RemoteSource:
    """A server whose music can be heard here; raises ``SourceError`` for an MPD whose folder is out of reach."""
    from mien.music.sources.mpd import MpdSource

    server = kept.source(connection)
    if isinstance(server, MpdSource) and server.folder() is None:
        again = f"mien source add mpd {connection.address} --name {connection.name} --folder DIR"
        raise SourceError(f"MPD sends no files; say where its music lies with: {again}")
    return server


def _sign_in(kept: Connections, connection: Connection, password: str, *, again: str) -> None:
    try:
        greeting = kept.source(connection, password=password).greet()
    except SourceError as error:
        # The servers' own sentence sends to a command for a server that is kept; this one may not be.
        words, refused, _ = str(error).partition("; run: mien source login")
        raise (SourceError(f"{words}; {again}.") if refused else error) from None
    connection = kept.put(connection, password=password)
    what = "API key" if connection.by_key else "password"
    where = {"keyring": f"the {what} is in the system's keyring", "file": f"the {what} is in a file of yours"}
    secret = where.get(connection.secret, "without a password")
    say(f"“{connection.name}” is {greeting.words}; {secret}.")
    if greeting.warning:
        say(greeting.warning)


def _ask_secret(connection: Connection) -> str:
    if sys.stdin.isatty():
        return str(click.prompt("API key" if connection.by_key else "Password", hide_input=True, err=True))
    # Not the locale's encoding: a password is the same bytes everywhere.
    return sys.stdin.buffer.readline().decode("utf-8", "replace").rstrip("\r\n")


def _as_json(connection: Connection) -> dict[str, Any]:
    return {
        "name": connection.name,
        "kind": connection.kind,
        "address": connection.address,
        "user": connection.user or None,
        "folder": str(connection.folder) if connection.folder else None,
        "ca": str(connection.ca) if connection.ca else None,
        "password": str(connection.secret),
    }


def _as_values(connection: Connection) -> Iterator[list[Any]]:
    yield list(_as_json(connection).values())


def _as_cells(connection: Connection) -> Iterator[tuple[str, ...]]:
    yield tuple(value or "" for name, value in _as_json(connection).items() if name != "ca")


LAYOUT = RowFormat(
    as_json=_as_json,
    header=("name", "kind", "address", "user", "folder", "ca", "password"),
    as_values=_as_values,
    columns=("Name", "Kind", "Address", "User", "Folder", "Password in"),
    numbers=(),
    as_cells=_as_cells,
)
