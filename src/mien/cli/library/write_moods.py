"""``mien library write-moods``: writes moods into the tags of files, on request."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mien.cli.library.moods import tracks_named
from mien.cli.stores import open_library
from mien.cli.terminal.examples import examples
from mien.cli.terminal.files import Failures
from mien.cli.terminal.output import escape_control, say
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
@click.option("--dry-run", is_flag=True, help="Print the files that would be written, and write none.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
def write_moods(places: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    """Write moods into tags of MP3 and FLAC, for other programs.

    FILE is a file, a folder or the id of a track; without any, all of your folders are meant. A new copy of each file
    is written, compared with the original and then replaces it: all other tags, pictures and the sound stay the same,
    byte for byte. A file that has a mood in its tags already, or tags of a rare kind, is not changed.

    The fields are MIEN_VALENCE, MIEN_AROUSAL, MIEN_MOOD_SOURCE (estimate or person) and MOOD (a word).
    """
    failures = Failures()
    with open_library() as library:
        tracks = library.tracks()
        if places:
            tracks = []
            for place in places:
                with failures.tolerate(Path(place)):
                    tracks += tracks_named(library, place)
        files = _files_to_write(library, tracks)
        if dry_run:
            for path in files.values():
                click.echo(escape_control(str(path)))
        elif files and (yes or _confirmed(len(files))):
            _write(library, files, failures)
    failures.conclude()


def _files_to_write(library: Library, tracks: list[Track]) -> dict[str, Path]:
    """The files whose moods can be written, by track id; prints the number of these and of the others."""
    from mien.music.tagging.write import is_writable_format
    from mien.types import MoodOrigin

    known = library.files()
    heard = {track.id: track for track in tracks if track.id in known and track.features is not None}
    untagged = {id_ for id_, track in heard.items() if track.features and track.features.origin is not MoodOrigin.TAG}
    files = {id_: known[id_] for id_ in heard if id_ in untagged and is_writable_format(known[id_])}
    say(
        f"{counted(len(files), 'file')} to write; {len(heard) - len(untagged)} with a mood in their tags already, "
        f"{len(untagged) - len(files)} neither MP3 nor FLAC."
    )
    return files


def _confirmed(count: int) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError(
            "Cannot prompt without a terminal; pass --yes to write, or --dry-run to see what would be written."
        )
    return click.confirm(f"Change the tags of {counted(count, 'file')}?", err=True)


def _write(library: Library, files: dict[str, Path], failures: Failures) -> None:
    from mien.music.tagging.write import clear_unfinished

    cleared = sum(clear_unfinished(folder) for folder in sorted({path.parent for path in files.values()}))
    if cleared:
        say(f"{counted(cleared, 'unfinished file')} of an earlier run deleted.")
    changed = done = 0
    failed_before = len(failures.errors)
    try:
        with progress(len(files), unit="file") as advance:
            for track_id, path in files.items():
                advance(done, path.name)
                with failures.tolerate(path):
                    changed += library.write_mood(track_id)
                done += 1
    finally:
        failed = len(failures.errors) - failed_before
        say(f"{changed} written, {done - changed - failed} had theirs already, {failed} left alone.")
