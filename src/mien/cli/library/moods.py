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
    from mien.types import AudioFeatures, Track

_TRACKS = click.argument("names", metavar="FILE…", nargs=-1, required=True)
_AXIS = click.FloatRange(-1, 1)


@click.command(epilog=examples("mien library mood song.mp3", "mien library mood --json music/"))
@_TRACKS
@output_options
def mood(names: tuple[str, ...], output_format: str | None) -> None:
    """Show the moods of tracks, and where they come from.

    FILE is a file, a folder or the id of a track. Your correction takes precedence over a mood in a file's tags, and
    that over mien's estimate. Music is chosen by an estimate's place among the tracks of your library.
    """
    failures = Failures()
    with open_library() as library, row_writer(output_format, LAYOUT) as write:
        placed = {track.id: track for track in library.placed_tracks()}
        for name in names:
            with failures.tolerate(Path(name)):
                for track in tracks_named(library, name):
                    write(placed.get(track.id, track))
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
                    numbers = " ".join(_numbers(after))
                    say(
                        f"{after.title}: {_in_words(after)} ({numbers})"
                        if numbers
                        else f"{after.title}: {_in_words(after)}"
                    )
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
    if not features.judged:
        return "not judged: too little sound, or none; never offered"
    words = f"{describe(Mood(*_stated(features)))}, {_ORIGIN_WORDS[features.origin]}"
    if features.absolute is None:
        return words
    place = describe(Mood(features.valence, features.arousal))
    return f"{words}; {place} for your library ({features.valence:+.2f}, {features.arousal:+.2f})"


def _stated(features: AudioFeatures) -> tuple[float, float]:
    """The valence and arousal of a track by itself."""
    return features.absolute or (features.valence, features.arousal)


_ORIGIN_WORDS = {"estimate": "mien's estimate", "tag": "from its tags", "person": "your correction"}


def _as_json(track: Track) -> dict[str, Any]:
    features = track.features
    known = features if features is not None and features.judged else None
    valence, arousal = _stated(known) if known else (None, None)
    return {
        "id": track.id,
        "title": track.title,
        "artist": track.artist,
        "valence": None if valence is None else round(valence, 4),
        "arousal": None if arousal is None else round(arousal, 4),
        "valence_confidence": round(features.valence_confidence, 4) if features else None,
        "confidence": round(features.arousal_confidence, 4) if features else None,
        "origin": features.origin.value if features else None,
        "library_valence": round(known.valence, 4) if known else None,
        "library_arousal": round(known.arousal, 4) if known else None,
    }


def _as_values(track: Track) -> Iterator[list[Any]]:
    yield list(_as_json(track).values())


def _as_cells(track: Track) -> Iterator[tuple[str, ...]]:
    yield (track.title, *(_numbers(track) or ("", "")), _in_words(track))


def _numbers(track: Track) -> tuple[str, ...]:
    """The valence and arousal of a track by itself; empty if they are not known."""
    features = track.features
    return tuple(f"{value:+.2f}" for value in _stated(features)) if features and features.judged else ()


LAYOUT = RowFormat(
    as_json=_as_json,
    header=(
        *("id", "title", "artist", "valence", "arousal", "valence_confidence", "confidence", "origin"),
        *("library_valence", "library_arousal"),
    ),
    as_values=_as_values,
    columns=("Title", "Valence", "Arousal", "Mood"),
    numbers=("Valence", "Arousal"),
    as_cells=_as_cells,
)
