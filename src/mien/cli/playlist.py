"""``mien playlist``: bring playlists in, keep them, write them down, put them on servers and play them there."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.stores import Stores, open_connections, open_library, open_playlists, open_stores
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import say
from mien.cli.terminal.param_types import AnyPath
from mien.cli.terminal.progress import progress
from mien.cli.terminal.quantities import clock_time, counted
from mien.cli.terminal.rows import RowFormat, row_writer, style_options

if TYPE_CHECKING:
    from mien.music.library.library import Library
    from mien.music.library.playlist_store import PlaylistSummary
    from mien.music.playlists.match import PlaylistMatch
    from mien.music.playlists.playlist import Playlist, PlaylistEntry

_SAID_MOST = 20
_SHOWN_MOST = 200


@click.group(
    epilog=examples(
        "mien playlist import party.m3u8",
        "mien playlist export party party.xspf",
        "mien playlist play party --on hifi",
    )
)
def playlist() -> None:
    """Bring in, keep, write, send and play playlists.

    PLAYLIST is the name of one that is kept, a file in M3U8, or - for a file on standard input.
    """


@playlist.command(
    name="import", epilog=examples("mien playlist import party.m3u8", "mien playlist import - --name party")
)
@click.argument("file", metavar="FILE", type=AnyPath())
@click.option("--name", metavar="NAME", help="What to call it; as the file unless set.")
@click.option("--replace", "replacing", is_flag=True, help="Take the place of a playlist of the same name.")
@style_options
def import_playlist(file: Path, name: str | None, replacing: bool, style: str | None) -> None:
    """Keep a playlist, and say what the library knows of it.

    Its pieces are found by their files, or else by artist and title. Those that the library does not have are kept
    too, and found as soon as it has them.
    """
    whole = _read_file(file)
    with open_stores() as stores:
        matches = _matched(whole, stores.library)
        kept = replace(whole, name=name or whole.name, entries=tuple(match.entry for match in matches))
        stores.playlists.put(kept, at=datetime.now(UTC), replace=replacing)
    many = style is None and len(matches) > _SHOWN_MOST
    _show(matches, style, rows=not many)
    see = f"; see them with: mien playlist show '{kept.name}'" if many else "."
    say(f"“{kept.name}” is kept, with {counted(len(kept.entries), 'piece')}{see}")


@playlist.command(name="list", epilog=examples("mien playlist list", "mien playlist list --json"))
@style_options
def list_playlists(style: str | None) -> None:
    """List the playlists that are kept."""
    with open_playlists() as playlists:
        kept = playlists.all()
    with row_writer(style, LIST_LAYOUT) as write:
        for one in kept:
            write(one)
    if not kept:
        say("No playlist is kept yet; bring one in with: mien playlist import FILE")


@playlist.command(epilog=examples("mien playlist show party", "mien playlist show party.m3u8 --json"))
@click.argument("which", metavar="PLAYLIST")
@style_options
def show(which: str, style: str | None) -> None:
    """Show a playlist, and what the library knows of it."""
    with open_library() as catalogue:
        _show(_matched(_read(which), catalogue), style)


@playlist.command(
    epilog=examples("mien playlist export party party.xspf", "mien playlist export party.m3u8 party.jspf")
)
@click.argument("which", metavar="PLAYLIST")
@click.argument("out", metavar="OUT", type=AnyPath())
def export(which: str, out: Path) -> None:
    """Write a playlist as M3U8, XSPF or JSPF.

    The ending of OUT says which; what the library knows of each piece goes into it.
    """
    from mien.music.playlists.files import write_playlist

    whole = replace(_known(which), name=out.stem)
    tell_unwritten(write_playlist(out, whole))


@playlist.command(epilog=examples("mien playlist remove party"))
@click.argument("name", metavar="NAME")
def remove(name: str) -> None:
    """Forget a playlist.

    Its pieces stay in the library, and their files where they are.
    """
    with open_playlists() as playlists:
        playlists.delete(name)
    say(f"“{name}” is forgotten; its pieces are where they were.")


@playlist.command(epilog=examples("mien playlist send party --to home", "mien playlist send - --to home --name Party"))
@click.argument("which", metavar="PLAYLIST")
@click.option("--to", "server", metavar="NAME", required=True, help="The server, by the name it was added with.")
@click.option("--name", metavar="TITLE", help="What to call the playlist there; as here unless set.")
def send(which: str, server: str, name: str | None) -> None:
    """Put a playlist on a server.

    One of the same name of your own is replaced. The server's own files are meant: those that it lacks are left out.
    """
    from mien.music.playlists.playlist import StoresPlaylists

    connections = open_connections()
    clients = connections.clients(connections.find(server))
    storage = next((client for client in clients if isinstance(client, StoresPlaylists)), None)
    if storage is None:
        raise click.UsageError(f"“{server}” stores no playlists.")
    whole = _known(which)
    whole = replace(whole, name=name or whole.name)
    with progress(len(whole.entries), unit="piece") as advance:
        left_out = storage.store_playlist(whole, report=lambda done: advance(done, server))
    say(f"“{whole.name}” is on “{server}”, with {counted(len(whole.entries) - len(left_out), 'piece')}.")
    tell_left_out(left_out, f"“{server}”")


@playlist.command(epilog=examples("mien playlist play party --on hifi"))
@click.argument("which", metavar="PLAYLIST")
@click.option("--on", "server", metavar="NAME", required=True, help="The MPD, by the name it was added with.")
def play(which: str, server: str) -> None:
    """Play a playlist on an MPD, in place of its queue."""
    kept = open_connections()
    player = kept.player(kept.find(server))
    whole = _known(which)
    with progress(len(whole.entries), unit="piece") as advance:
        left_out = player.play(whole.entries, report=lambda done: advance(done, server))
    say(f"“{server}” plays {counted(len(whole.entries) - len(left_out), 'piece')}.")
    tell_left_out(left_out, f"“{server}”")


def track_ids(name: str, stores: Stores) -> frozenset[str]:
    """The ids of the library's tracks in a playlist that is kept; raises ``PlaylistError`` when there is none."""
    whole = stores.playlists.load(name)
    return frozenset(match.track.id for match in _matched(whole, stores.library) if match.track is not None)


def tell_left_out(left_out: Iterable[PlaylistEntry], server: str) -> None:
    """Say which entries a server does not have."""
    _tell([f"Left out: {entry.words} is not to be had on {server}." for entry in left_out])


def tell_unwritten(left_out: Iterable[PlaylistEntry]) -> None:
    """Say which entries a file cannot name, and why."""
    from mien.music.location import ServerFile

    _tell(
        [
            f"Left out: {entry.words} lies on a server, whose address a file must not tell; keep it with --save NAME."
            if isinstance(entry.location, ServerFile)
            else f"Left out: {entry.words} has a name that such a file cannot hold."
            for entry in left_out
        ]
    )


def _known(which: str) -> Playlist:
    """A playlist by its name or its file, with what the library knows put into it."""
    whole = _read(which)
    with open_library() as catalogue:
        return replace(whole, entries=tuple(match.entry for match in _matched(whole, catalogue)))


def _read(which: str) -> Playlist:
    """A playlist that is kept, or else one in a file."""
    path = Path(which)
    if which != "-":
        with open_playlists() as playlists:
            if any(kept.name == which for kept in playlists.all()) or not path.exists():
                return playlists.load(which)
    return _read_file(path)


def _read_file(file: Path) -> Playlist:
    from mien.music.playlists.files import read_playlist
    from mien.music.playlists.m3u import MAX_BYTES, read_m3u

    if str(file) == "-":
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
        whole, odd = read_m3u(data, name="mien", folder=Path.cwd())
    else:
        whole, odd = read_playlist(file)
    _tell([f"Left out: {line} is no file; mien plays files and its servers only." for line in odd])
    return whole


def _matched(whole: Playlist, catalogue: Library) -> list[PlaylistMatch]:
    from mien.music.playlists.match import TrackMatcher

    matcher = TrackMatcher(catalogue.tracks(), catalogue.locations())
    return [matcher.match(entry) for entry in whole.entries]


def _show(matches: list[PlaylistMatch], style: str | None, *, rows: bool = True) -> None:
    with row_writer(style, LAYOUT, rows_per_table=_SHOWN_MOST) as write:
        for match in matches if rows else ():
            write(match)
    missing = [match for match in matches if match.track is None]
    _tell([f"Not in the library: {match.entry.words}: {_problem(match)}" for match in missing])
    if missing:
        say(f"{counted(len(missing), 'piece')} of {len(matches)} cannot be chosen from.")


def _problem(match: PlaylistMatch) -> str | None:
    """Why an entry has no track, and the command that helps."""
    from mien.music.playlists.match import MatchProblem

    match match.problem:
        case None:
            return None
        case MatchProblem.SERVER_NOT_SCANNED:
            return f"hear its server with: mien source hear {str(match.entry.location).partition(':')[0]}"
        case MatchProblem.FILE_NOT_SCANNED:
            return "it was never heard; add its folder with: mien library add DIR"
        case MatchProblem.NOT_FOUND:
            return "there is no such file, and no track of that name in the library."


def _tell(sentences: list[str]) -> None:
    """Say some of many sentences of a kind, and how many more there are."""
    for sentence in islice(sentences, _SAID_MOST):
        say(sentence)
    if len(sentences) > _SAID_MOST:
        say(f"… and {len(sentences) - _SAID_MOST} more like that.")


def _as_json(match: PlaylistMatch) -> dict[str, Any]:
    entry = match.entry
    heard = match.track.features if match.track else None
    return {
        "id": entry.track_id or None,
        "title": entry.title,
        "artist": entry.artist,
        "path": str(entry.location),
        "duration_s": round(entry.duration_s, 1),
        "valence": round(heard.valence, 4) if heard else None,
        "arousal": round(heard.arousal, 4) if heard else None,
        "problem": _problem(match),
    }


def _as_values(match: PlaylistMatch) -> Iterator[list[Any]]:
    yield list(_as_json(match).values())


def _as_cells(match: PlaylistMatch) -> Iterator[tuple[str, ...]]:
    entry, heard = match.entry, match.track.features if match.track else None
    length = clock_time(round(entry.duration_s)) if entry.duration_s else ""
    mood = (f"{heard.valence:+.2f}", f"{heard.arousal:+.2f}") if heard else ("", "")
    yield (entry.title or entry.location.name, entry.artist, length, *mood)


LAYOUT = RowFormat(
    as_json=_as_json,
    header=("id", "title", "artist", "path", "duration_s", "valence", "arousal", "problem"),
    as_values=_as_values,
    columns=("Title", "Artist", "Length", "Valence", "Arousal"),
    numbers=("Length", "Valence", "Arousal"),
    as_cells=_as_cells,
)


def _kept_as_json(kept: PlaylistSummary) -> dict[str, Any]:
    return {"name": kept.name, "pieces": kept.count, "at": kept.at.isoformat()}


def _kept_as_values(kept: PlaylistSummary) -> Iterator[list[Any]]:
    yield list(_kept_as_json(kept).values())


def _kept_as_cells(kept: PlaylistSummary) -> Iterator[tuple[str, ...]]:
    yield (kept.name, str(kept.count), f"{kept.at.astimezone():%d %B %Y, %H:%M}")


LIST_LAYOUT = RowFormat(
    as_json=_kept_as_json,
    header=("name", "pieces", "at"),
    as_values=_kept_as_values,
    columns=("Name", "Pieces", "Kept since"),
    numbers=("Pieces",),
    as_cells=_kept_as_cells,
)
