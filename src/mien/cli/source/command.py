"""``mien source``: connect music servers, analyse their music, and follow what they play."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from mien.cli.capabilities import unable
from mien.cli.library.scan_progress import say_scan_report, scan_with_progress
from mien.cli.source.add import KindGroup
from mien.cli.stores import open_connections, open_library
from mien.cli.terminal.error_words import error_words
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import say
from mien.cli.terminal.quantities import counted
from mien.cli.terminal.rows import RowFormat, output_options, row_writer
from mien.errors import Remedy, SourceError

if TYPE_CHECKING:
    from mien.music.connections import Connection, Connections
    from mien.music.servers.server import ConnectionOption
    from mien.music.sources.source import RemoteSource


@click.group(
    epilog=examples(
        "mien source add subsonic https://music.example.org --user ada",
        "mien source add mpd music.local --folder /media/music",
        "mien source hear",
    )
)
def source() -> None:
    """Connect music servers: Subsonic's, and MPD.

    Navidrome, supysonic, gonic and Airsonic have the Subsonic API. A password is stored in the system's keyring if
    there is one (it needs: pip install 'mien[keyring]'), else in a file that only you can read.
    """


def _add(kind: str, address: str, name: str | None, options: Mapping[str, str], secret_option: str) -> None:
    """Sign in to a server and store it: the body of each ``mien source add KIND``."""
    from mien.music.connections import Connection

    connections = open_connections()
    connection = Connection(name or kind, kind, address, options, secret_option)
    known = next((one for one in connections.all() if one.name == connection.name), None)
    if known is not None:
        if (known.kind, known.address) != (kind, address):
            problem = f"“{connection.name}” already refers to {known.address}"
            raise SourceError(problem, "choose another name with --name")
        connection = replace(connection, options={**_learnt_options(known), **options})
    secret = _ask_secret(connection) if secret_option else ""
    _sign_in(connections, connection, secret, if_refused=f"enter the {_secret_label(connection)} again")
    if connections.has_music(connection):
        say(f"Hear its music with: mien source hear {connection.name}")


source.add_command(
    KindGroup(
        name="add",
        add=_add,
        help="""Sign in to a server, and store it.

        KIND is one of those below; each has its own options. The password, or the API key, is prompted for, or read
        from standard input. Adding a server again replaces its stored settings.
        """,
        epilog=examples(
            "mien source add subsonic http://127.0.0.1:4533 --user ada --name home",
            "mien source add subsonic https://nas.local/music --api-key --ca nas.pem",
            "mien source add mpd /run/mpd/socket",
        ),
    )
)


@source.command(name="list", epilog=examples("mien source list", "mien source list --json"))
@output_options
def list_servers(output_format: str | None) -> None:
    """List the servers that were added."""
    servers = open_connections().all()
    with row_writer(output_format, _row_format(servers)) as write:
        for server in servers:
            write(server)
    if not servers:
        say("No server was added yet; add one with: mien source add")


@source.command(epilog=examples("mien source check", "mien source check home"))
@click.argument("names", metavar="[NAME…]", nargs=-1)
def check(names: tuple[str, ...]) -> None:
    """Check that servers answer, and list what they support.

    Checks all servers unless some are named. The exit status is 1 if one does not answer.
    """
    failed = False
    connections = open_connections()
    for connection in _selected(connections, names):
        start_s = time.monotonic()
        try:
            info = connections.clients(connection)[0].sign_in()
            connections.learn(connection, info.learnt)
        except SourceError as error:
            say(_failure(connection, error))
            failed = True
            continue
        say(f"“{connection.name}” is {info.product}, and answered within {time.monotonic() - start_s:.1f} s.")
        if info.extensions:
            say(f"  Supports: {', '.join(info.extensions)}.")
        if info.warning:
            warning = SourceError(info.warning, info.remedy, subject=connection.name)
            say(f"  {error_words(warning, server=connection)}")
    if failed:
        raise click.exceptions.Exit(1)


@source.command(epilog=examples("mien source hear", "mien source hear home"))
@click.argument("names", metavar="[NAME…]", nargs=-1)
def hear(names: tuple[str, ...]) -> None:
    """Analyse the music of servers for recommendations.

    Analyses all servers that have music, unless some are named. Excerpts are fetched into memory; no file is stored,
    and nothing is changed on the server. Running it again analyses new tracks only. Ctrl-C stops; the same command
    resumes. The exit status is 1 if a server, or more than half of its music, is away.
    """
    failed = False
    connections = open_connections()
    with open_library() as library:
        for connection in _selected(connections, names):
            if not names and not connections.has_music(connection):
                continue
            try:
                report = scan_with_progress(partial(library.add_server, _readable_source(connections, connection)))
            except SourceError as error:
                say(_failure(connection, error))
                failed = True
                continue
            say_scan_report(f"“{connection.name}”", report)
            failed = failed or bool(report.away)
    if failed:
        raise click.exceptions.Exit(1)


@source.command(epilog=examples("mien source follow hifi", "mien source follow hifi --no-level"))
@click.argument("name", metavar="NAME")
@click.option("--no-level", is_flag=True, help="Leave the server's volume alone.")
def follow(name: str, no_level: bool) -> None:
    """Learn your taste from what a server plays.

    On an MPD, tracks are made equally loud through MPD's own volume. Tracks played to the end or skipped there, in
    any program, count for your taste, and so do ratings: the message "like" or "never" on the channel "mien", or
    the stickers "like" and "rating". It continues when MPD restarts. Ctrl-C ends it and restores the volume.
    """
    from mien.cli.source.follow import follow_playback
    from mien.music.players.player import FollowsPlayback

    connections = open_connections()
    player = connections.player(connections.find(name))
    if not isinstance(player, FollowsPlayback):
        raise unable(name, "cannot be followed", connections, can=lambda client: isinstance(client, FollowsPlayback))
    follow_playback(name, player, level=not no_level)


@source.command(epilog=examples("mien source moods hifi"))
@click.argument("name", metavar="NAME")
def moods(name: str) -> None:
    """Store the moods of tracks on their server.

    On an MPD, the mood and tempo of each track in the library are stored as stickers: mood_valence, mood_arousal,
    mood_tempo_bpm.
    """
    from mien.music.players.player import StoresMoods
    from mien.music.playlists.playlist import entry_of

    connections = open_connections()
    player = connections.player(connections.find(name))
    if not isinstance(player, StoresMoods):
        raise unable(name, "stores no moods", connections, can=lambda client: isinstance(client, StoresMoods))
    with open_library() as library:
        locations = library.locations()
        tracks = [(entry_of(track, locations[track.id]), track) for track in library.tracks()]
    say(f"Moods of {counted(player.store_moods(tracks), 'track')} stored on “{name}”.")


@source.command(epilog=examples("mien source login home"))
@click.argument("name", metavar="NAME")
def login(name: str) -> None:
    """Give a new password, or a new API key, for a server."""
    connections = open_connections()
    connection = _with_secret(connections.find(name))
    _sign_in(connections, connection, _ask_secret(connection), if_refused=f"run again: mien source login {name}")


@source.command(epilog=examples("mien source remove home"))
@click.argument("name", metavar="NAME")
def remove(name: str) -> None:
    """Remove a server and its password.

    Nothing is changed on the server.
    """
    open_connections().remove(name)
    with open_library() as library:
        count = library.remove_server(name)
    say(f"“{name}”, its password and its {counted(count, 'track')} are removed.")


def _failure(connection: Connection, error: SourceError) -> str:
    """An error in words that name its server once."""
    words = error_words(error, server=connection)
    return words if error.subject == connection.name else f"“{connection.name}”: {words}"


def _selected(connections: Connections, names: tuple[str, ...]) -> list[Connection]:
    """The servers with these names, or all; raises ``SourceError`` if there are none."""
    if names:
        return [connections.find(name) for name in names]
    if not connections.all():
        raise SourceError("No server was added yet", Remedy.ADD_SERVER)
    return connections.all()


def _readable_source(connections: Connections, connection: Connection) -> RemoteSource:
    """A server as a source whose files can be opened here; raises ``SourceError`` otherwise."""
    from mien.music.sources.source import ChecksFileAccess

    source = connections.source(connection)
    connections.learn(connection, source.sign_in().learnt)
    if isinstance(source, ChecksFileAccess):
        source.check_file_access()
    return source


def _sign_in(connections: Connections, connection: Connection, secret: str, *, if_refused: str) -> None:
    """Sign in to a server and store it; ``if_refused`` is the remedy for a refused password."""
    try:
        for client in reversed(connections.clients(connection, secret=secret)):
            info = client.sign_in()
    except SourceError as error:
        if error.remedy is Remedy.SIGN_IN:  # the server may not be stored, so that "mien source login" would not help
            raise SourceError(error.problem, if_refused, subject=error.subject) from None
        raise
    options = {**connection.options, **info.learnt}
    stored = connections.put(replace(connection, options=options), secret=secret)
    label = _secret_label(connection)
    places = {
        "keyring": f"the {label} is stored in the system's keyring",
        "file": f"the {label} is stored in a file that only you can read",
    }
    say(f"“{stored.name}” is {info.product}; {places.get(stored.secret, 'without a password')}.")
    if info.warning:
        say(error_words(SourceError(info.warning, info.remedy, subject=stored.name), server=stored))


def _ask_secret(connection: Connection) -> str:
    """Ask for a secret, or read it from standard input; raises ``SourceError`` if it is empty."""
    label = _secret_label(connection)
    if sys.stdin.isatty():
        return str(click.prompt(label[:1].upper() + label[1:], hide_input=True, err=True))
    # Not the locale's encoding: a password has the same bytes everywhere.
    secret = sys.stdin.buffer.readline().decode("utf-8", "replace").rstrip("\r\n")
    if not secret:
        raise SourceError(f"The {label} on standard input is empty", "send it as one line")
    return secret


def _with_secret(connection: Connection) -> Connection:
    """A connection with its secret option, or the first that its kind has; raises ``SourceError`` if it has none."""
    from mien.music.servers.server import OptionKind

    if connection.secret_option:
        return connection
    for option in _options_of(connection.kind):
        if option.kind is OptionKind.SECRET and (not option.asked_with or option.asked_with in connection.options):
            return replace(connection, secret_option=option.name)
    raise SourceError("takes no password", subject=connection.name)


def _secret_label(connection: Connection) -> str:
    options = {option.name: option for option in _options_of(connection.kind)}
    option = options.get(connection.secret_option)
    return option.words if option is not None else "password"


def _options_of(kind: str) -> tuple[ConnectionOption, ...]:
    from mien.music.connections import connection_kinds

    return connection_kinds().get(kind, ())


def _learnt_options(connection: Connection) -> dict[str, str]:
    learnt = {option.name for option in _options_of(connection.kind) if option.is_learnt}
    return {name: value for name, value in connection.options.items() if name in learnt}


def _row_format(servers: list[Connection]) -> RowFormat[Connection]:
    """How servers are printed: with a field for each option of any kind."""
    from mien.music.connections import connection_kinds
    from mien.music.servers.server import OptionKind

    declared = [option.name for options in connection_kinds().values() for option in options]
    secrets = {
        option.name for options in connection_kinds().values() for option in options if option.kind is OptionKind.SECRET
    }
    stored = [name for server in servers for name in server.options]
    names = [name for name in dict.fromkeys([*declared, *stored]) if name not in secrets]

    def as_json(server: Connection) -> dict[str, Any]:
        options = {name: server.options.get(name) for name in names}
        about = {"name": server.name, "kind": server.kind, "address": server.address}
        return {**about, **options, "password": str(server.secret)}

    def as_values(server: Connection) -> Iterator[list[Any]]:
        yield list(as_json(server).values())

    def as_cells(server: Connection) -> Iterator[tuple[str, ...]]:
        options = ", ".join(f"{name}: {value}" for name, value in server.options.items())
        yield (server.name, server.kind, server.address, options, str(server.secret))

    return RowFormat(
        as_json=as_json,
        header=("name", "kind", "address", *names, "password"),
        as_values=as_values,
        columns=("Name", "Kind", "Address", "Options", "Password in"),
        numbers=(),
        as_cells=as_cells,
    )
