"""``mien library mood`` and ``mien library correct``: what a track's mood is, on whose word, and a person's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.stores import open_library
from mien.cli.terminal.examples import examples
from mien.cli.terminal.files import Failures
from mien.cli.terminal.output import say
from mien.cli.terminal.rows import RowFormat, row_writer, style_options
from mien.errors import TrackNotFoundError

if TYPE_CHECKING:
    from mien.music.library.library import Library
    from mien.types import Track

_WHERE = click.argument("places", metavar="FILE…", nargs=-1, required=True)
_AXIS = click.FloatRange(-1, 1)


@click.command(epilog=examples("mien library mood song.mp3", "mien library mood --json music/"))
@_WHERE
@style_options
def mood(places: tuple[str, ...], style: str | None) -> None:
    """Show the mood of tracks of the library, and on whose word.

    Name files, folders, or ids of tracks. Your correction counts more than a mood in a file's tags, and that more than
    mien's estimate.
    """
    failures = Failures()
    with open_library() as library, row_writer(style, LAYOUT) as write:
        for place in places:
            with failures.tolerate(Path(place)):
                for track in tracks_named(library, place):
                    write(track)
    failures.conclude()


@click.command(
    epilog=examples(
        "mien library correct song.mp3 --valence 0.6 --arousal -0.3",
        "mien library correct song.mp3 --mood melancholic",
        "mien library correct song.mp3 --undo",
    )
)
@_WHERE
@click.option("--valence", type=_AXIS, help="How pleasant it is, -1 to 1.")
@click.option("--arousal", type=_AXIS, help="How stirring it is, -1 to 1.")
@click.option("--mood", "word", help="A word for it, such as happy, sad, calm or tense, in place of the numbers.")
@click.option("--undo", is_flag=True, help="Take your correction back.")
def correct(
    places: tuple[str, ...], valence: float | None, arousal: float | None, word: str | None, undo: bool
) -> None:
    """Say what the mood of tracks is: your word counts most.

    Name files, folders, or ids of tracks. The files themselves stay as they are.
    """
    from mien.types import Mood

    stated = None if undo else _stated(valence, arousal, word)
    if undo and (word is not None or valence is not None or arousal is not None):
        raise click.UsageError("--undo takes a correction back; give no mood with it.")
    failures = Failures()
    with open_library() as library:
        for place in places:
            with failures.tolerate(Path(place)):
                for track in tracks_named(library, place):
                    after = library.correct(track.id, stated and Mood(*stated), at=datetime.now(UTC))
                    say(f"{after.title}: {_in_words(after)}")
    failures.conclude()


def _stated(valence: float | None, arousal: float | None, word: str | None) -> tuple[float, float]:
    from mien.music.tagging.moods import PLACES

    if word is not None and valence is None and arousal is None:
        if word.lower() not in PLACES:
            raise click.UsageError(f"'{word}' is no mood that mien knows; it knows {', '.join(PLACES)}.")
        return PLACES[word.lower()]
    if word is None and valence is not None and arousal is not None:
        return valence, arousal
    raise click.UsageError("give --valence and --arousal, or --mood, or --undo.")


def tracks_named(library: Library, place: str) -> list[Track]:
    """The tracks that a file, a folder or an id names; raises ``TrackNotFoundError`` where there is none."""
    tracks = library.find(place)
    if not tracks:
        raise TrackNotFoundError(f"'{place}' is not in the library; add its folder with: mien library add DIR")
    return tracks


def _in_words(track: Track) -> str:
    from mien.mood.circumplex import describe
    from mien.types import Mood

    features = track.features
    if features is None:
        return "not heard yet"
    said = describe(Mood(features.valence, features.arousal))
    return f"{said} ({features.valence:+.2f}, {features.arousal:+.2f}), {_WORDS[features.origin]}"


_WORDS = {"estimate": "as mien hears it", "tag": "as its tags say", "person": "as you say"}


def _as_json(track: Track) -> dict[str, Any]:
    heard = track.features
    return {
        "id": track.id,
        "title": track.title,
        "artist": track.artist,
        "valence": round(heard.valence, 4) if heard else None,
        "arousal": round(heard.arousal, 4) if heard else None,
        "valence_confidence": round(heard.valence_confidence, 4) if heard else None,
        "confidence": round(heard.confidence, 4) if heard else None,
        "origin": heard.origin.value if heard else None,
    }


def _as_values(track: Track) -> Iterator[list[Any]]:
    yield list(_as_json(track).values())


def _as_cells(track: Track) -> Iterator[tuple[str, ...]]:
    heard = track.features
    yield (
        track.title,
        f"{heard.valence:+.2f}" if heard else "",
        f"{heard.arousal:+.2f}" if heard else "",
        _in_words(track),
    )


LAYOUT = RowFormat(
    as_json=_as_json,
    header=("id", "title", "artist", "valence", "arousal", "valence_confidence", "confidence", "origin"),
    as_values=_as_values,
    columns=("Title", "Valence", "Arousal", "Mood"),
    numbers=("Valence", "Arousal"),
    as_cells=_as_cells,
)
