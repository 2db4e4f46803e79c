"""``mien library``: add, list and remove folders of music."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.library.duplicates import duplicates
from mien.cli.library.moods import correct, mood
from mien.cli.library.scan_progress import say_away, say_scan_report, scan_with_progress
from mien.cli.library.write_moods import write_moods
from mien.cli.stores import open_library
from mien.cli.terminal.examples import examples
from mien.cli.terminal.files import Failures
from mien.cli.terminal.output import say
from mien.cli.terminal.param_types import AnyPath
from mien.cli.terminal.quantities import counted
from mien.cli.terminal.rows import RowFormat, output_options, row_writer

if TYPE_CHECKING:
    from mien.music.library.library import LibraryRoot


@click.group(epilog=examples("mien library add music/", "mien library list", "mien library remove music/"))
def library() -> None:
    """Add, list and remove folders of music.

    Files are read where they are: nothing is moved or uploaded, and only write-moods changes any file.
    """


@library.command(epilog=examples("mien library add music/", "mien library add ~/Music /media/records"))
@click.argument("folders", metavar="DIR…", nargs=-1, required=True, type=AnyPath())
@click.option("--again", is_flag=True, help="Analyse every file again, also those that have not changed.")
def add(folders: tuple[Path, ...], again: bool) -> None:
    """Analyse all music in folders, and offer it from then on.

    Of a folder that was added before, only new and changed files are analysed; a file whose tags were changed without a
    new size or time counts as changed. Files that were moved keep your corrections, likes and plays. Ctrl-C stops and
    keeps the results so far; the same command resumes from there. The exit status is 1 if a folder, or a part of it, is
    away.
    """
    from mien.music.library.scan import FileCheck

    failures, away = Failures(), False
    check = FileCheck.NONE if again else FileCheck.CONTENT
    with open_library() as catalogue:
        for folder in folders:
            with failures.tolerate(folder):
                report = scan_with_progress(partial(catalogue.add, folder, check=check))
                say_scan_report(folder, report)
                away = away or bool(report.away)
    failures.conclude()
    if away:
        raise click.exceptions.Exit(1)


@library.command(name="list", epilog=examples("mien library list", "mien library list --json"))
@output_options
def list_folders(output_format: str | None) -> None:
    """List the folders, and what of them is away.

    A folder is away while its disk is: while it had music and now has none, or lost more than half at once. Its tracks
    stay, are not offered, and come back by themselves. The exit status is 1 if something is away.
    """
    with open_library() as catalogue:
        catalogue.check_away()
        roots = catalogue.roots()
        with row_writer(output_format, LAYOUT) as write:
            for folder in roots:
                write(folder)
        if not roots:
            say("No folder was added yet; add one with: mien library add DIR")
    if away := [one for folder in roots for one in folder.away]:
        say_away(away)
        raise click.exceptions.Exit(1)


@library.command(epilog=examples("mien library forget --missing"))
@click.option("--missing", is_flag=True, required=True, help="Remove the tracks that are away.")
def forget(missing: bool) -> None:
    """Remove the tracks that are away.

    What you said about them, and what was played, is kept: it counts again when they come back.
    """
    del missing  # there is nothing else to forget, but nobody should forget by a word alone
    with open_library() as catalogue:
        catalogue.check_away()
        count = catalogue.forget_away()
    say(f"{counted(count, 'track')} removed from the library." if count else "Nothing is away.")


@library.command(epilog=examples("mien library remove music/"))
@click.argument("folder", metavar="DIR", type=AnyPath())
def remove(folder: Path) -> None:
    """Remove a folder and its tracks from the library.

    The files themselves stay; adding the folder again brings its tracks back.
    """
    with open_library() as catalogue:
        count = catalogue.remove(folder)
    say(f"{folder} and its {counted(count, 'track')} are removed from the library; the files themselves stay.")


for _command in (mood, correct, write_moods, duplicates):
    library.add_command(_command)


def _as_json(folder: LibraryRoot) -> dict[str, Any]:
    return {
        "path": str(folder.location),
        "tracks": folder.track_count,
        "away": sum(one.track_count for one in folder.away),
    }


def _as_values(folder: LibraryRoot) -> Iterator[list[Any]]:
    yield list(_as_json(folder).values())


def _as_cells(folder: LibraryRoot) -> Iterator[tuple[str, ...]]:
    yield tuple(map(str, _as_json(folder).values()))


LAYOUT = RowFormat(
    as_json=_as_json,
    header=("path", "tracks", "away"),
    as_values=_as_values,
    columns=("Folder", "Tracks", "Away"),
    numbers=("Tracks", "Away"),
    as_cells=_as_cells,
)
