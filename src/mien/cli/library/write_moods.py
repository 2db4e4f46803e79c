"""``mien library write-moods``: what was heard, written into the files' own tags, on request."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mien.cli.library.moods import tracks_named
from mien.cli.stores import open_library
from mien.cli.terminal.examples import examples
from mien.cli.terminal.files import Failures
from mien.cli.terminal.output import harmless, say
from mien.cli.terminal.progress import progress
from mien.cli.terminal.quantities import counted

if TYPE_CHECKING:
    from mien.music.library.library import Library
    from mien.types import Track


@click.command(
    name="write-moods",
    epilog=examples(
        "mien library write-moods --dry-run",
        "mien library write-moods music/",
        "mien library write-moods --yes song.mp3",
    ),
)
@click.argument("places", metavar="[FILE…]", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Name the files that would be written, and write none.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
def write_moods(places: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    """Write moods into tags of MP3 and FLAC, for other programs.

    Name files, folders, or ids of tracks; without any, it is all of your folders. Each file is written anew beside
    itself, compared with what it was, and only then takes its place: all other tags, pictures and the sound stay byte
    by byte. A file that states a mood already, or whose tags are of a rare kind, stays as it is.

    The fields are MIEN_VALENCE, MIEN_AROUSAL, MIEN_MOOD_SOURCE (estimate or person), and MOOD, in words.
    """
    failures = Failures()
    with open_library() as library:
        tracks = library.tracks()
        if places:
            tracks = []
            for place in places:
                with failures.tolerated(Path(place)):
                    tracks += tracks_named(library, place)
        files = _files_to_write(library, tracks)
        if dry_run:
            for path in files.values():
                click.echo(harmless(str(path)))
        elif files and (yes or _agreed(len(files))):
            _write(library, files, failures)
    failures.conclude()


def _files_to_write(library: Library, tracks: list[Track]) -> dict[str, Path]:
    """The files whose moods can be written, by the ids of their tracks; the others are counted aloud."""
    from mien.music.tagging.write import can_take
    from mien.types import MoodOrigin

    known = library.files()
    own = {track.id: track for track in tracks if track.id in known and track.features is not None}
    unstated = {name for name, track in own.items() if track.features and track.features.origin is not MoodOrigin.TAG}
    files = {name: known[name] for name in own if name in unstated and can_take(known[name])}
    say(
        f"{counted(len(files), 'file')} to write; {len(own) - len(unstated)} with a mood in their tags already, "
        f"{len(unstated) - len(files)} neither MP3 nor FLAC."
    )
    return files


def _agreed(count: int) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked here; say --yes to write, or --dry-run to see what would be.")
    return click.confirm(f"Change the tags of {counted(count, 'file')}?", err=True)


def _write(library: Library, files: dict[str, Path], failures: Failures) -> None:
    changed = done = 0
    try:
        with progress(len(files), unit="file") as advance:
            for name, path in files.items():
                advance(done, path.name)
                with failures.tolerated(path):
                    changed += library.write_mood(name)
                done += 1
    finally:
        say(f"{changed} written, {done - changed - failures.count} had theirs already, {failures.count} left alone.")
