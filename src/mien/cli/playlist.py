"""``mien playlist``: bring playlists in, write them down, keep them on servers and play them there."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.examples import examples
from mien.cli.kinds import AnyPath
from mien.cli.library import counted, open_library
from mien.cli.output import say
from mien.cli.rows import Layout, style_options, written
from mien.cli.source import open_connections
from mien.errors import TrackNotFoundError

if TYPE_CHECKING:
    from mien.music.library import Library
    from mien.music.playlists.playlist import Entry, Playlist
    from mien.types import Track


@dataclass(frozen=True, slots=True)
class Known:
    """An entry, and the library's track that it is, if it is one."""

    entry: Entry
    track: Track | None


@click.group(
    epilog=examples(
        "mien playlist import party.m3u8",
        "mien playlist export party.m3u8 party.xspf",
        "mien playlist play party.m3u8 --on hifi",
    )
)
def playlist() -> None:
    """Read, write, keep and play playlists.

    FILE is a playlist in M3U8, or - for standard input.
    """


@playlist.command(name="import", epilog=examples("mien playlist import party.m3u8"))
@click.argument("file", metavar="FILE", type=AnyPath())
@style_options
def import_playlist(file: Path, style: str | None) -> None:
    """Say what the library knows of a playlist.

    Each piece is listed with its mood; add the folder of those that were never heard with mien library add.
    """
    with open_library() as catalogue:
        known = _read(file, catalogue)[1]
        with written(style, LAYOUT) as write:
            for one in known:
                write(one)
    unheard = sum(one.track is None for one in known)
    if unheard:
        say(
            f"{counted(unheard, 'piece')} of {len(known)} were never heard; add their folder with: mien library add DIR"
        )


@playlist.command(epilog=examples("mien playlist export party.m3u8 party.xspf"))
@click.argument("file", metavar="FILE", type=AnyPath())
@click.argument("out", metavar="OUT", type=AnyPath())
def export(file: Path, out: Path) -> None:
    """Write a playlist as M3U8, XSPF or JSPF.

    The ending of OUT says which; what the library knows of each piece goes into it.
    """
    from mien.music.playlists.files import write_playlist

    with open_library() as catalogue:
        whole = replace(_read(file, catalogue)[0], name=out.stem)
    tell_left_out(write_playlist(out, whole), "the file")


@playlist.command(epilog=examples("mien playlist send party.m3u8 --to home --name Party"))
@click.argument("file", metavar="FILE", type=AnyPath())
@click.option("--to", "server", metavar="NAME", required=True, help="The server, by the name it was added with.")
@click.option("--name", metavar="TITLE", help="What to call the playlist there; as the file unless set.")
def send(file: Path, server: str, name: str | None) -> None:
    """Keep a playlist on a server.

    One of the same name of your own is replaced. The server's own files are meant: those that it lacks are left out.
    """
    from mien.music.players.mpd import MpdPlayer
    from mien.music.playlists.subsonic import keep_on_subsonic
    from mien.music.sources.subsonic import SubsonicSource

    kept = open_connections()
    connection = kept.find(server)
    with open_library() as catalogue:
        whole = _read(file, catalogue)[0]
    whole = replace(whole, name=name or whole.name)
    source = kept.source(connection)
    if isinstance(source, SubsonicSource):
        left_out = keep_on_subsonic(source, whole)
    else:
        player = kept.player(connection)
        if not isinstance(player, MpdPlayer):
            raise click.UsageError(f"“{server}” keeps no playlists.")
        left_out = player.keep(whole.name, whole.entries)
    say(f"“{whole.name}” is on “{server}”, with {counted(len(whole.entries) - len(left_out), 'piece')}.")
    tell_left_out(left_out, f"“{server}”")


@playlist.command(epilog=examples("mien playlist play party.m3u8 --on hifi"))
@click.argument("file", metavar="FILE", type=AnyPath())
@click.option("--on", "server", metavar="NAME", required=True, help="The MPD, by the name it was added with.")
def play(file: Path, server: str) -> None:
    """Play a playlist on an MPD, in place of its queue."""
    kept = open_connections()
    player = kept.player(kept.find(server))
    with open_library() as catalogue:
        whole = _read(file, catalogue)[0]
    left_out = player.play(whole.entries)
    say(f"“{server}” plays {counted(len(whole.entries) - len(left_out), 'piece')}.")
    tell_left_out(left_out, f"“{server}”")


def _read(file: Path, catalogue: Library) -> tuple[Playlist, list[Known]]:
    """A playlist, with what the library knows put into it."""
    from mien.music.playlists.files import read_playlist
    from mien.music.playlists.m3u import BYTES_MOST, read_m3u

    if str(file) == "-":
        data = sys.stdin.buffer.read(BYTES_MOST + 1)
        whole, odd = read_m3u(data, name="mien", folder=Path.cwd())
    else:
        whole, odd = read_playlist(file)
    for line in odd:
        say(f"Left out: {line} is no file; mien plays files and its servers only.")
    known = [_known(entry, catalogue) for entry in whole.entries]
    return replace(whole, entries=tuple(one.entry for one in known)), known


def _known(entry: Entry, catalogue: Library) -> Known:
    from mien.music.playlists.playlist import entry_of

    track = _track_of(entry.path, catalogue)
    return Known(entry if track is None else entry_of(track, entry.path), track)


def _track_of(path: Path, catalogue: Library) -> Track | None:
    """The library's track in a file: a person's own by its path, a piece of the starter library by its name."""
    from mien.music.sources.folder import key_of

    ids = [f"folder:{key_of(one)}" for one in (path, path.resolve())] + [f"starter:{path.stem}"]
    for track_id in ids:
        try:
            if catalogue.audio_path(track_id).resolve() == path.resolve():
                return catalogue.track(track_id)
        except TrackNotFoundError:
            continue
    return None


def tell_left_out(left_out: Iterable[Entry], where: str) -> None:
    """Say which entries a file or a server does not take."""
    for entry in left_out:
        say(f"Left out: {entry.words} is not to be had for {where}.")


def _as_json(known: Known) -> dict[str, Any]:
    entry = known.entry
    heard = known.track.features if known.track else None
    return {
        "id": entry.track_id or None,
        "title": entry.title,
        "artist": entry.artist,
        "path": str(entry.path),
        "duration_s": round(entry.duration_s, 1),
        "valence": round(heard.valence, 4) if heard else None,
        "arousal": round(heard.arousal, 4) if heard else None,
    }


def _as_values(known: Known) -> Iterator[list[Any]]:
    yield list(_as_json(known).values())


def _as_cells(known: Known) -> Iterator[tuple[str, ...]]:
    entry, heard = known.entry, known.track.features if known.track else None
    minutes, seconds = divmod(round(entry.duration_s), 60)
    mood = (f"{heard.valence:+.2f}", f"{heard.arousal:+.2f}") if heard else ("", "")
    yield (entry.title or entry.path.name, entry.artist, f"{minutes}:{seconds:02d}", *mood)


LAYOUT = Layout(
    as_json=_as_json,
    header=("id", "title", "artist", "path", "duration_s", "valence", "arousal"),
    as_values=_as_values,
    columns=("Title", "Artist", "Length", "Valence", "Arousal"),
    numbers=("Length", "Valence", "Arousal"),
    as_cells=_as_cells,
)
