"""``mien playlist``: import, store and export playlists, send them to servers and play them there."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.capabilities import unable
from mien.cli.stores import Stores, open_connections, open_library, open_playlists, open_stores
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import say
from mien.cli.terminal.param_types import AnyPath
from mien.cli.terminal.progress import progress
from mien.cli.terminal.quantities import clock_time, counted
from mien.cli.terminal.rows import RowFormat, output_options, row_writer

if TYPE_CHECKING:
    from mien.music.library.library import Library
    from mien.music.library.playlist_store import PlaylistSummary
    from mien.music.playlists.match import PlaylistMatch
    from mien.music.playlists.playlist import Playlist, PlaylistEntry

_MAX_SENTENCES = 20
_MAX_ROWS = 200


@click.group(
    epilog=examples(
        "mien playlist import party.m3u8",
        "mien playlist export party party.xspf",
        "mien playlist play party --on hifi",
    )
)
def playlist() -> None:
    """Import, store, export, send and play playlists.

    PLAYLIST is the name of a stored one, a file in M3U8, or - for a file on standard input.
    """


@playlist.command(
    name="import", epilog=examples("mien playlist import party.m3u8", "mien playlist import - --name party")
)
@click.argument("file", metavar="FILE", type=AnyPath())
@click.option("--name", metavar="NAME", help="What to call it; the name of the file by default.")
@click.option("--replace", "replacing", is_flag=True, help="Replace a playlist of the same name.")
@output_options
def import_playlist(file: Path, name: str | None, replacing: bool, output_format: str | None) -> None:
    """Store a playlist, and show its tracks in the library.

    Its tracks are matched by their files, or else by artist and title. Entries that are not in the library are stored
    too, and matched once they are added.
    """
    whole = _read_file(file)
    with open_stores() as stores:
        matches = _match(whole, stores.library)
        stored = replace(whole, name=name or whole.name, entries=tuple(match.entry for match in matches))
        stores.playlists.put(stored, at=datetime.now(UTC), replace=replacing)
    many = output_format is None and len(matches) > _MAX_ROWS
    _show(matches, output_format, rows=not many)
    see = f"; see them with: mien playlist show '{stored.name}'" if many else "."
    say(f"“{stored.name}” is stored, with {counted(len(stored.entries), 'track')}{see}")


@playlist.command(name="list", epilog=examples("mien playlist list", "mien playlist list --json"))
@output_options
def list_playlists(output_format: str | None) -> None:
    """List the stored playlists."""
    with open_playlists() as playlists:
        summaries = playlists.all()
    with row_writer(output_format, LIST_LAYOUT) as write:
        for summary in summaries:
            write(summary)
    if not summaries:
        say("No playlist is stored yet; import one with: mien playlist import FILE")


@playlist.command(epilog=examples("mien playlist show party", "mien playlist show party.m3u8 --json"))
@click.argument("playlist_name", metavar="PLAYLIST")
@output_options
def show(playlist_name: str, output_format: str | None) -> None:
    """Show a playlist and its tracks in the library."""
    with open_library() as library:
        _show(_match(_read(playlist_name), library), output_format)


@playlist.command(
    epilog=examples("mien playlist export party party.xspf", "mien playlist export party.m3u8 party.jspf")
)
@click.argument("playlist_name", metavar="PLAYLIST")
@click.argument("out", metavar="OUT", type=AnyPath(written=True))
@click.option("--force", is_flag=True, help="Overwrite OUT if it exists.")
def export(playlist_name: str, out: Path, force: bool) -> None:
    """Write a playlist as M3U8, XSPF or JSPF.

    The extension of OUT chooses the format. Metadata of each track from the library is included. A file that exists is
    overwritten only with --force, and only once the new one is complete.
    """
    from mien.music.playlists.files import check_unwritten, write_playlist

    if not force:
        check_unwritten(out)

    whole = replace(_completed(playlist_name), name=out.stem)
    tell_unwritten(write_playlist(out, whole))


@playlist.command(epilog=examples("mien playlist remove party"))
@click.argument("name", metavar="NAME")
def remove(name: str) -> None:
    """Remove a playlist.

    Its tracks stay in the library, and their files stay where they are.
    """
    with open_playlists() as playlists:
        playlists.delete(name)
    say(f"“{name}” is removed; its tracks stay in the library.")


@playlist.command(epilog=examples("mien playlist send party --to home", "mien playlist send - --to home --name Party"))
@click.argument("playlist_name", metavar="PLAYLIST")
@click.option("--to", "server", metavar="NAME", required=True, help="The server, by the name it was added with.")
@click.option("--name", metavar="TITLE", help="What to call the playlist there; the same as here by default.")
def send(playlist_name: str, server: str, name: str | None) -> None:
    """Store a playlist on a server.

    A playlist of yours with the same name is replaced. Tracks that the server does not have are left out.
    """
    from mien.music.playlists.playlist import StoresPlaylists

    connections = open_connections()
    clients = connections.clients(connections.find(server))
    storage = next((client for client in clients if isinstance(client, StoresPlaylists)), None)
    if storage is None:
        raise unable(server, "stores no playlists", connections, can=lambda client: isinstance(client, StoresPlaylists))
    whole = _completed(playlist_name)
    whole = replace(whole, name=name or whole.name)
    with progress(len(whole.entries), unit="track") as advance:
        left_out = storage.store_playlist(whole, report=lambda done: advance(done, server))
    say(f"“{whole.name}” is on “{server}”, with {counted(len(whole.entries) - len(left_out), 'track')}.")
    tell_left_out(left_out, f"“{server}”")


@playlist.command(epilog=examples("mien playlist play party --on hifi"))
@click.argument("playlist_name", metavar="PLAYLIST")
@click.option("--on", "server", metavar="NAME", required=True, help="The player, by the name it was added with.")
def play(playlist_name: str, server: str) -> None:
    """Play a playlist on an MPD or another player."""
    connections = open_connections()
    player = connections.player(connections.find(server))
    whole = _completed(playlist_name)
    with progress(len(whole.entries), unit="track") as advance:
        left_out = player.play(whole.entries, report=lambda done: advance(done, server))
    say(f"“{server}” plays {counted(len(whole.entries) - len(left_out), 'track')}.")
    tell_left_out(left_out, f"“{server}”")


def track_ids(name: str, stores: Stores) -> frozenset[str]:
    """The ids of the library's tracks in a stored playlist; raises ``PlaylistError`` if there is none."""
    whole = stores.playlists.load(name)
    return frozenset(match.track.id for match in _match(whole, stores.library) if match.track is not None)


def tell_left_out(left_out: Iterable[PlaylistEntry], server: str) -> None:
    """Print which entries a server does not have."""
    _say_some([f"Left out: {entry.words} is not on {server}." for entry in left_out])


def tell_unwritten(left_out: Iterable[PlaylistEntry]) -> None:
    """Print which entries a file cannot contain, and why."""
    from mien.music.location import ServerFile

    on_server = "is on a server, whose address a file must not contain; store it with --save NAME."
    odd_name = "has a name that such a file cannot contain."
    reasons = [(entry, on_server if isinstance(entry.location, ServerFile) else odd_name) for entry in left_out]
    _say_some([f"Left out: {entry.words} {reason}" for entry, reason in reasons])


def _completed(playlist_name: str) -> Playlist:
    """A playlist by its name or its file, completed with what the library knows."""
    whole = _read(playlist_name)
    with open_library() as library:
        return replace(whole, entries=tuple(match.entry for match in _match(whole, library)))


def _read(playlist_name: str) -> Playlist:
    """A stored playlist, or else one in a file."""
    path = Path(playlist_name)
    if playlist_name != "-":
        with open_playlists() as playlists:
            if any(summary.name == playlist_name for summary in playlists.all()) or not path.exists():
                return playlists.load(playlist_name)
    return _read_file(path)


def _read_file(file: Path) -> Playlist:
    from mien.music.playlists.files import read_playlist
    from mien.music.playlists.m3u import MAX_BYTES, read_m3u

    if str(file) == "-":
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
        whole, other_lines = read_m3u(data, name="mien", folder=Path.cwd())
    else:
        whole, other_lines = read_playlist(file)
    _say_some([f"Left out: {line} is not a file; mien plays only files and its servers." for line in other_lines])
    return whole


def _match(whole: Playlist, library: Library) -> list[PlaylistMatch]:
    from mien.music.playlists.match import TrackMatcher

    matcher = TrackMatcher(library.tracks(), library.locations())
    return [matcher.match(entry) for entry in whole.entries]


def _show(matches: list[PlaylistMatch], output_format: str | None, *, rows: bool = True) -> None:
    with row_writer(output_format, LAYOUT, rows_per_table=_MAX_ROWS) as write:
        for match in matches if rows else ():
            write(match)
    missing = [match for match in matches if match.track is None]
    _say_some([f"Not in the library: {match.entry.words}: {_problem(match)}" for match in missing])
    if missing:
        say(f"{counted(len(missing), 'track')} of {len(matches)} cannot be recommended.")


def _problem(match: PlaylistMatch) -> str | None:
    """Why an entry has no track, and the command that helps."""
    from mien.music.location import ServerFile
    from mien.music.playlists.match import MatchProblem

    match match.problem, match.entry.location:
        case None, _:
            return None
        case MatchProblem.SERVER_NOT_SCANNED, ServerFile(server=server):
            return f"analyse its server's music with: mien source hear {server}"
        case MatchProblem.FILE_NOT_SCANNED, _:
            return "it is not in the library; add its folder with: mien library add DIR"
        case _:
            return "there is neither such a file nor a track of that name in the library."


def _say_some(sentences: list[str]) -> None:
    """Print some of many sentences of a kind, and how many more there are."""
    for sentence in islice(sentences, _MAX_SENTENCES):
        say(sentence)
    if len(sentences) > _MAX_SENTENCES:
        say(f"… and {len(sentences) - _MAX_SENTENCES} more like that.")


def _as_json(match: PlaylistMatch) -> dict[str, Any]:
    entry = match.entry
    features = match.track.features if match.track else None
    return {
        "id": entry.track_id or None,
        "title": entry.title,
        "artist": entry.artist,
        "path": str(entry.location),
        "duration_s": round(entry.duration_s, 1),
        "valence": round(features.valence, 4) if features else None,
        "arousal": round(features.arousal, 4) if features else None,
        "problem": _problem(match),
    }


def _as_values(match: PlaylistMatch) -> Iterator[list[Any]]:
    yield list(_as_json(match).values())


def _as_cells(match: PlaylistMatch) -> Iterator[tuple[str, ...]]:
    entry, features = match.entry, match.track.features if match.track else None
    length = clock_time(round(entry.duration_s)) if entry.duration_s else ""
    mood = (f"{features.valence:+.2f}", f"{features.arousal:+.2f}") if features else ("", "")
    yield (entry.title or entry.location.name, entry.artist, length, *mood)


LAYOUT = RowFormat(
    as_json=_as_json,
    header=("id", "title", "artist", "path", "duration_s", "valence", "arousal", "problem"),
    as_values=_as_values,
    columns=("Title", "Artist", "Length", "Valence", "Arousal"),
    numbers=("Length", "Valence", "Arousal"),
    as_cells=_as_cells,
)


def _summary_as_json(summary: PlaylistSummary) -> dict[str, Any]:
    return {"name": summary.name, "pieces": summary.count, "at": summary.at.isoformat()}


def _summary_as_values(summary: PlaylistSummary) -> Iterator[list[Any]]:
    yield list(_summary_as_json(summary).values())


def _summary_as_cells(summary: PlaylistSummary) -> Iterator[tuple[str, ...]]:
    yield (summary.name, str(summary.count), f"{summary.at.astimezone():%d %B %Y, %H:%M}")


LIST_LAYOUT = RowFormat(
    as_json=_summary_as_json,
    header=("name", "pieces", "at"),
    as_values=_summary_as_values,
    columns=("Name", "Tracks", "Stored"),
    numbers=("Tracks",),
    as_cells=_summary_as_cells,
)
