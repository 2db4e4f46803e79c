"""``mien library``: add, list and remove folders of music."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.terminal.examples import examples
from mien.cli.terminal.files import Failures, with_path
from mien.cli.terminal.output import say
from mien.cli.terminal.param_types import AnyPath
from mien.cli.terminal.progress import progress
from mien.cli.terminal.rows import RowFormat, style_options, written
from mien.cli.terminal.settings import settings

if TYPE_CHECKING:
    from mien.music.library.library import Library, LibraryFolder, ScanProgress, ScanReport


@click.group(epilog=examples("mien library add music/", "mien library list", "mien library remove music/"))
def library() -> None:
    """Add, list and remove folders of music.

    Files are read where they lie: nothing is moved or uploaded, and nothing changed but by write-moods.
    """


@library.command(epilog=examples("mien library add music/", "mien library add ~/Music /media/records"))
@click.argument("folders", metavar="DIR…", nargs=-1, required=True, type=AnyPath())
def add(folders: tuple[Path, ...]) -> None:
    """Hear all music in folders, and offer it from then on.

    A folder that was added before is read again: only what is new or has changed is heard. Ctrl-C stops; what was
    heard is kept, and the same command goes on from there.
    """
    failures = Failures()
    with open_library() as catalogue:
        for folder in folders:
            with failures.tolerated(folder):
                summarise(folder, with_progress(partial(catalogue.add, folder)))
    failures.conclude()


@library.command(name="list", epilog=examples("mien library list", "mien library list --json"))
@style_options
def list_folders(style: str | None) -> None:
    """List the folders that were added."""
    with open_library() as catalogue:
        with written(style, LAYOUT) as write:
            for folder in catalogue.folders():
                write(folder)
        if not catalogue.folders():
            say("No folder was added yet; add one with: mien library add DIR")


@library.command(epilog=examples("mien library remove music/"))
@click.argument("folder", metavar="DIR", type=AnyPath())
def remove(folder: Path) -> None:
    """Forget a folder and its tracks.

    The files stay where they are; adding the folder again brings its tracks back.
    """
    with open_library() as catalogue:
        count = catalogue.remove(folder)
    say(f"{folder} and its {counted(count, 'track')} are forgotten; the files are where they were.")


def open_library() -> Library:
    """The library of the person who runs this; close it. Raises ``LibraryError`` or ``ConfigError``."""
    from mien.music.library.library import Library

    chosen = settings()
    return Library.open(chosen.library_path, starter=chosen.starter)


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 track", "2 tracks"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def with_progress(scan: Callable[..., ScanReport]) -> ScanReport:
    """Run ``scan(progress=…)`` behind a bar for each of its stages; Ctrl-C says how far it came."""
    from mien.music.library.library import ScanStage

    reached = "before the first file"
    try:
        with ExitStack() as bars:
            # How many files there are is known with the first report, so each stage's bar begins without an end.
            shown: ScanStage | None = None
            advance = bars.enter_context(progress(None, unit="file"))

            def report(state: ScanProgress) -> None:
                nonlocal advance, reached, shown
                if shown not in {None, state.stage}:
                    bars.close()  # a bar of its own, for tags are read a thousand times as fast as sound
                    advance = bars.enter_context(progress(None, unit="file"))
                shown = state.stage
                if shown is ScanStage.SOUND:
                    reached = f"after {state.done} of {counted(state.total, 'file')}"
                words = state.path.name if shown is ScanStage.SOUND else "reading tags"
                advance(state.done, words, total=state.total)

            return scan(progress=report)
    except KeyboardInterrupt:
        say(f"Stopped {reached}; what was heard is kept. Run the same command to go on.")
        raise


def summarise(place: Path | str, report: ScanReport) -> None:
    """Say what changed, and which files cannot be used: music that is broken is no failure of the command."""
    changes = {"added": report.added, "changed": report.changed, "removed": report.removed}
    words = [f"{count} {name}" for name, count in changes.items() if count]
    if report.unchanged:
        words.append(f"{report.unchanged} unchanged")
    say(f"{place}: {', '.join(words) or 'no music'}.")
    if report.broken:
        say(f"{counted(len(report.broken), 'file')} cannot be used:")
    for broken in report.broken:
        say(f"  {with_path(broken.path, broken.reason)}")


def _as_json(folder: LibraryFolder) -> dict[str, Any]:
    return {"path": str(folder.path), "tracks": folder.track_count}


def _as_values(folder: LibraryFolder) -> Iterator[list[Any]]:
    yield list(_as_json(folder).values())


def _as_cells(folder: LibraryFolder) -> Iterator[tuple[str, ...]]:
    yield (str(folder.path), str(folder.track_count))


LAYOUT = RowFormat(
    as_json=_as_json,
    header=("path", "tracks"),
    as_values=_as_values,
    columns=("Folder", "Tracks"),
    numbers=("Tracks",),
    as_cells=_as_cells,
)
