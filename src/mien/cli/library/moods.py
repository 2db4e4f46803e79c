"""``mien library mood`` shows the moods of tracks and their origin; ``mien library correct`` sets them."""

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
from mien.cli.terminal.rows import RowFormat, output_options, row_writer
from mien.errors import Remedy, TrackNotFoundError

if TYPE_CHECKING:
    from mien.music.library.library import Library
    from mien.types import Track

_TRACKS = click.argument("names", metavar="FILE…", nargs=-1, required=True)
_AXIS = click.FloatRange(-1, 1)


@click.command(epilog=examples("mien library mood song.mp3", "mien library mood --json music/"))
@_TRACKS
@output_options
def mood(names: tuple[str, ...], output_format: str | None) -> None:
    """Show the moods of tracks, and where they come from.

    FILE is a file, a folder or the id of a track. Your correction takes precedence over a mood in a file's tags, and
    that over mien's estimate.
    """
    failures = Failures()
    with open_library() as library, row_writer(output_format, LAYOUT) as write:
        for name in names:
            with failures.tolerate(Path(name)):
                for track in tracks_named(library, name):
                    write(track)
    failures.conclude()


@click.command(
    epilog=examples(
        "mien library correct song.mp3 --valence 0.6 --arousal -0.3",
        "mien library correct song.mp3 --mood melancholic",
        "mien library correct song.mp3 --undo",
    )
)
@_TRACKS
@click.option("--valence", type=_AXIS, help="How pleasant it is, -1 to 1.")
@click.option("--arousal", type=_AXIS, help="How exciting it is, -1 to 1.")
@click.option("--mood", "word", help="A word, such as happy, sad, calm or tense, instead of the numbers.")
@click.option("--undo", is_flag=True, help="Remove your correction.")
def correct(names: tuple[str, ...], valence: float | None, arousal: float | None, word: str | None, undo: bool) -> None:
    """Correct the mood of tracks.

    FILE is a file, a folder or the id of a track. A correction takes precedence over tags and estimates; the files
    themselves are not changed.
    """
    from mien.types import Mood

    given = None if undo else _given_mood(valence, arousal, word)
    if undo and (word is not None or valence is not None or arousal is not None):
        raise click.UsageError("--undo removes a correction; give no mood with it.")
    failures = Failures()
    with open_library() as library:
        for name in names:
            with failures.tolerate(Path(name)):
                for track in tracks_named(library, name):
                    after = library.correct(track.id, given and Mood(*given), at=datetime.now(UTC))
                    say(f"{after.title}: {_in_words(after)}")
    failures.conclude()


def _given_mood(valence: float | None, arousal: float | None, word: str | None) -> tuple[float, float]:
    from mien.music.tagging.moods import MOOD_WORDS

    if word is not None and valence is None and arousal is None:
        if word.lower() not in MOOD_WORDS:
            raise click.UsageError(f"“{word}” is not one of {', '.join(MOOD_WORDS)}.")
        return MOOD_WORDS[word.lower()]
    if word is None and valence is not None and arousal is not None:
        return valence, arousal
    raise click.UsageError("give --valence and --arousal, or --mood, or --undo.")


def tracks_named(library: Library, name: str) -> list[Track]:
    """The tracks that a file, a folder or an id names; raises ``TrackNotFoundError`` if there is none."""
    tracks = library.find_tracks(name)
    if not tracks:
        raise TrackNotFoundError("is not in the library", Remedy.ADD_FOLDER, subject=name)
    return tracks


def _in_words(track: Track) -> str:
    from mien.mood.circumplex import describe
    from mien.types import Mood

    features = track.features
    if features is None:
        return "not analysed yet"
    words = describe(Mood(features.valence, features.arousal))
    return f"{words} ({features.valence:+.2f}, {features.arousal:+.2f}), {_ORIGIN_WORDS[features.origin]}"


_ORIGIN_WORDS = {"estimate": "mien's estimate", "tag": "from its tags", "person": "your correction"}


def _as_json(track: Track) -> dict[str, Any]:
    features = track.features
    return {
        "id": track.id,
        "title": track.title,
        "artist": track.artist,
        "valence": round(features.valence, 4) if features else None,
        "arousal": round(features.arousal, 4) if features else None,
        "valence_confidence": round(features.valence_confidence, 4) if features else None,
        "confidence": round(features.arousal_confidence, 4) if features else None,
        "origin": features.origin.value if features else None,
    }


def _as_values(track: Track) -> Iterator[list[Any]]:
    yield list(_as_json(track).values())


def _as_cells(track: Track) -> Iterator[tuple[str, ...]]:
    features = track.features
    yield (
        track.title,
        f"{features.valence:+.2f}" if features else "",
        f"{features.arousal:+.2f}" if features else "",
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
