"""``mien recommend``: music for a mood, each piece with a reason."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.classifier import load_classifier
from mien.cli.examples import examples
from mien.cli.kinds import AnyPath, NumberRange
from mien.cli.library import open_library
from mien.cli.output import say
from mien.cli.rows import Layout, style_options, written
from mien.cli.settings import settings
from mien.errors import ImageError, LibraryError, TrackNotFoundError

if TYPE_CHECKING:
    from mien.music.library import Library
    from mien.types import Emotion, Mood, Pick


def _as_emotion(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Emotion | None:
    # Not click.Choice, which would need the names, and with them NumPy, whenever any command starts.
    if value is None:
        return None
    from mien.types import Emotion

    try:
        return Emotion(value.lower())
    except ValueError as error:
        raise click.BadParameter(f"“{value}” is none of {', '.join(Emotion)}.") from error


@dataclass(frozen=True, slots=True)
class Choice:
    """A pick, and the file that plays it."""

    pick: Pick
    path: Path


@click.command(
    epilog=examples(
        "mien recommend --mood happy",
        "mien recommend --photo photo.jpg -n 5",
        "mien recommend --valence 0.4 --arousal -0.6 --m3u > calm.m3u8",
    )
)
@click.option(
    "--mood",
    "emotion",
    metavar="NAME",
    callback=_as_emotion,
    help="A mood by name: angry, disgust, fear, happy, sad, surprise or neutral.",
)
@click.option("--photo", metavar="FILE", type=AnyPath(), help="The mood of the biggest face in a photo.")
@click.option("--valence", metavar="-1..1", type=NumberRange(-1, 1), help="How pleasant, with --arousal.")
@click.option("--arousal", metavar="-1..1", type=NumberRange(-1, 1), help="How excited, with --valence.")
@click.option(
    "-n",
    "--count",
    "count",
    metavar="COUNT",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="How many pieces at most.",
)
@style_options
@click.option("--m3u", "style", flag_value="m3u", help="Print a playlist that music players open.")
@click.option("--seed", metavar="NUMBER", type=click.IntRange(min=0), help="Choose the same again for the same number.")
def recommend(
    emotion: Emotion | None,
    photo: Path | None,
    valence: float | None,
    arousal: float | None,
    count: int,
    style: str | None,
    seed: int | None,
) -> None:
    """Choose music for a mood, and say why.

    Say the mood in one of three ways: by name, by a photo, or as a point. The music comes from the starter library
    and the folders that were added.
    """
    mood = _mood(emotion, photo, valence, arousal)
    import numpy as np

    from mien.music.recommend import recommend as choose

    with open_library() as catalogue:
        station = choose(mood, catalogue.tracks(), count=count, rng=np.random.default_rng(seed))
        choices = list(_playable(catalogue, station.picks))
    if not choices:
        raise LibraryError("There is nothing to choose from; add music with: mien library add DIR")
    if style == "m3u":
        _write_m3u(choices)
        return
    with written(style, LAYOUT) as write:
        for choice in choices:
            write(choice)


def _mood(emotion: Emotion | None, photo: Path | None, valence: float | None, arousal: float | None) -> Mood:
    """The mood that was said in exactly one way; ``UsageError`` otherwise."""
    from mien.mood.circumplex import COORDINATES
    from mien.types import Mood

    ways = (emotion is not None, photo is not None, valence is not None or arousal is not None)
    if sum(ways) != 1:
        raise click.UsageError("Say the mood in exactly one way: --mood, --photo, or --valence with --arousal.")
    if photo is not None:
        return _mood_of_photo(photo)
    if emotion is not None:
        return Mood(*COORDINATES[emotion])
    if valence is None or arousal is None:
        raise click.UsageError("A point on the plane needs both --valence and --arousal.")
    return Mood(valence, arousal)


def _mood_of_photo(photo: Path) -> Mood:
    from mien.face.reader import FaceReader
    from mien.mood.circumplex import describe
    from mien.photo import read_photo

    reader = FaceReader(classifier=load_classifier(None), threads=settings().threads)
    readings = reader.read(read_photo(photo))
    if not readings:
        raise ImageError(f"No face was found in {photo}; take one that shows it larger, or say the mood with --mood.")
    expression, mood = readings[0].expression, readings[0].mood
    say(f"{photo} looks {expression.top}: {describe(mood)} ({mood.valence:+.2f}, {mood.arousal:+.2f}).")
    return mood


def _playable(catalogue: Library, picks: tuple[Pick, ...]) -> Iterator[Choice]:
    for pick in picks:
        try:
            yield Choice(pick, catalogue.audio_path(pick.track.id).absolute())
        except TrackNotFoundError as error:
            say(f"Left out: {error}")


def _write_m3u(choices: list[Choice]) -> None:
    """A playlist in extended M3U, UTF-8, with absolute paths."""
    lines = ["#EXTM3U"]
    for choice in choices:
        if len(str(choice.path).splitlines()) > 1:
            say(f"Left out: a playlist has no way to write the name of {str(choice.path)!r}.")
            continue
        track = choice.pick.track
        words = " - ".join(" ".join(text.split()) for text in (track.artist, track.title) if text)
        lines += [f"#EXTINF:{round(track.duration_s)},{words}", str(choice.path)]
    # A path may hold bytes that are no text; a player needs them as they are.
    click.echo(os.fsencode("\n".join(lines)))


def _as_json(choice: Choice) -> dict[str, Any]:
    track = choice.pick.track
    features = track.features
    return {
        "id": track.id,
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "path": str(choice.path),
        "duration_s": round(track.duration_s, 1),
        "valence": round(features.valence, 4) if features else None,
        "arousal": round(features.arousal, 4) if features else None,
        "tempo_bpm": round(features.tempo_bpm, 1) if features else None,
        "score": round(choice.pick.score, 4),
        "reason": choice.pick.reason,
    }


def _as_values(choice: Choice) -> Iterator[list[Any]]:
    yield list(_as_json(choice).values())


def _as_cells(choice: Choice) -> Iterator[tuple[str, ...]]:
    track = choice.pick.track
    minutes, seconds = divmod(round(track.duration_s), 60)
    yield (track.title, track.artist, f"{minutes}:{seconds:02d}", choice.pick.reason)


LAYOUT = Layout(
    as_json=_as_json,
    header=(
        *("id", "title", "artist", "album", "path", "duration_s"),
        *("valence", "arousal", "tempo_bpm", "score", "reason"),
    ),
    as_values=_as_values,
    columns=("Title", "Artist", "Length", "Why"),
    numbers=("Length",),
    as_cells=_as_cells,
)
