"""``mien library duplicates``: lists recordings that are in the library more than once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from mien.cli.stores import open_library
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import say
from mien.cli.terminal.quantities import clock_time, counted
from mien.cli.terminal.rows import RowFormat, output_options, row_writer

if TYPE_CHECKING:
    from mien.music.location import Location
    from mien.types import Track


@dataclass(frozen=True, slots=True)
class DuplicateFile:
    """One of several files with the same recording; ``group`` is the number of the recording, from 1."""

    group: int
    track: Track
    location: Location


@click.command(epilog=examples("mien library duplicates", "mien library duplicates --json"))
@output_options
def duplicates(output_format: str | None) -> None:
    """List recordings that you have more than once.

    They are recognised by their sound and length, whatever their names, formats and tags. Other versions of a song,
    such as a remix or a concert, are not the same recording. Nothing is deleted; music that is chosen has each
    recording once.
    """
    from mien.music.recommender.duplicates import find_duplicates

    with open_library() as library:
        groups = find_duplicates(library.tracks())
        locations = library.locations()
    with row_writer(output_format, LAYOUT) as write:
        for number, group in enumerate(groups, start=1):
            for track in group:
                write(DuplicateFile(number, track, locations[track.id]))
    if groups:
        extra = sum(len(group) - 1 for group in groups)
        say(f"{counted(len(groups), 'recording')} in {counted(extra + len(groups), 'file')}.")
    else:
        say("No recording is in the library twice.")


def _as_json(file: DuplicateFile) -> dict[str, Any]:
    track = file.track
    return {
        "group": file.group,
        "id": track.id,
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "duration_s": round(track.duration_s, 1),
        "path": str(file.location),
    }


def _as_values(file: DuplicateFile) -> Iterator[list[Any]]:
    yield list(_as_json(file).values())


def _as_cells(file: DuplicateFile) -> Iterator[tuple[str, ...]]:
    track = file.track
    yield (str(file.group), track.title, track.artist, clock_time(round(track.duration_s)), str(file.location))


LAYOUT = RowFormat(
    as_json=_as_json,
    header=("group", "id", "title", "artist", "album", "duration_s", "path"),
    as_values=_as_values,
    columns=("Group", "Title", "Artist", "Length", "File"),
    numbers=("Group", "Length"),
    as_cells=_as_cells,
)
