"""Counts how often the words for a mood change in films of changing expressions, and how soon they are right.

    python -m benchmarks.headline --data fer2013.zip [--films 3]

A film shows six faces, ten seconds each: five changes of expression in a minute, with the sway, light, noise and
compression of `benchmarks/resting.py`. The faces are rows of FER2013's PublicTest that at least eight of ten people
name alike and that the reader names so in a still picture, so that the table shows the delay and not the errors of the
network. The frames go through the whole reader with the default settings; the words are those that the page shows. It
counts changes of the words, the changes there would be if each smoothed reading were named at once, seconds from each
change of the face to the right words, and frames in which words and bars or words and point disagree. The table is
printed and written to ``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks import record
from benchmarks.resting import as_webcam
from mien.evaluation.framing import framed
from mien.face.reader import FaceReader
from mien.live.reader import LiveReader
from mien.mood.circumplex import EXPRESSION_WORDS
from mien.mood.settled import LEAD, SettledExpression, agrees
from mien.types import Emotion, Frame, Image, Mood
from training.data import EXPRESSION_VOTES, VOTE_CLASSES, read

SECONDS: Final = 10.0
"""How long each face is shown."""

FACES: Final = 6
RATES: Final = (30, 10)

_AGREEMENT: Final = 8
_VOTES: Final = {
    Emotion.NEUTRAL: "neutral",
    Emotion.HAPPY: "happiness",
    Emotion.SURPRISE: "surprise",
    Emotion.SAD: "sadness",
    Emotion.ANGRY: "anger",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A face and the expression that people see in it."""

    expression: Emotion
    picture: Image


@dataclass(frozen=True, slots=True)
class FilmResult:
    """One film as it was read.

    Attributes:
        changes: How often the words changed.
        changes_at_once: How often they would if each smoothed reading were named at once.
        delays_s: From each change of the face to the right words, in seconds.
        missed: Changes after which the right words never came.
        contradictions: Frames in which words, bars and point disagree.
    """

    changes: int
    changes_at_once: int
    delays_s: tuple[float, ...]
    missed: int
    contradictions: int


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="fer2013.zip, or fer2013.csv with FER+'s votes")
    parser.add_argument("--films", type=int, default=3, help="films at each frame rate (default 3)")
    options = parser.parse_args()
    if options.films < 1:
        parser.error("--films must be 1 or more")
    with FaceReader() as reader:
        films = choose_scenes(reader, options.data, films=options.films)
        results = {rate: [read_film(reader, scenes, frames_per_s=rate) for scenes in films] for rate in RATES}
    text = report(results)
    print(text)
    print(f"\nwritten to {record.save('headline', text)}")


def choose_scenes(reader: FaceReader, data: Path, *, films: int) -> list[list[Scene]]:
    """Choose the faces of each film: neutral and another expression in turn, then two others in a row."""
    rows = read(data).part("PublicTest")
    top = rows.votes[:, :EXPRESSION_VOTES].max(axis=1)
    rng = np.random.default_rng(0)
    found: dict[Emotion, Iterator[Scene]] = {}
    for expression, name in _VOTES.items():
        votes = rows.votes[:, VOTE_CLASSES.index(name)]
        agreed = rng.permutation(np.flatnonzero((votes >= _AGREEMENT) & (votes == top)))
        found[expression] = _readable(reader, expression, (framed(rows.images[index]) for index in agreed))
    others = [expression for expression in _VOTES if expression is not Emotion.NEUTRAL]
    chosen = []
    for number in range(films):
        first, second, third = (others[(number + step) % len(others)] for step in range(3))
        order = (Emotion.NEUTRAL, first, Emotion.NEUTRAL, second, third, first)
        chosen.append([next(found[expression]) for expression in order])
    return chosen


def read_film(reader: FaceReader, scenes: Sequence[Scene], *, frames_per_s: int) -> FilmResult:
    """Read one film with the default settings."""
    live = LiveReader(reader.follow())
    shown: list[tuple[float, str]] = []
    at_once: list[Emotion | None] = []
    contradictions = 0
    for frame in _frames(scenes, frames_per_s=frames_per_s):
        result = live.read(frame)
        mine = next((face for face in result.faces if face.face.track_id == result.me), None)
        if result.mood is None or result.settled is None or mine is None:
            continue
        shown.append((frame.time_s, result.words))
        at_once.append(mine.expression.top if mine.expression.confident else None)
        contradictions += contradicts(result.settled, result.mood)
    delays_s = []
    for number, scene in enumerate(scenes[1:], start=1):
        begin_s = number * SECONDS
        right = (
            at_s - begin_s
            for at_s, words in shown
            if begin_s <= at_s < begin_s + SECONDS and words == EXPRESSION_WORDS[scene.expression]
        )
        if (delay_s := next(right, None)) is not None:
            delays_s.append(delay_s)
    return FilmResult(
        sum(later != sooner for (_, sooner), (_, later) in itertools.pairwise(shown)),
        sum(later is not sooner for sooner, later in itertools.pairwise(at_once)),
        tuple(delays_s),
        len(scenes) - 1 - len(delays_s),
        contradictions,
    )


def contradicts(settled: SettledExpression, mood: Mood) -> bool:
    """Whether the words disagree with the longest bar or with the side of the plane that the point is on."""
    if settled.named is None:
        return settled.expression.confident
    shares = settled.expression.probabilities
    return shares[settled.named] < max(shares.values()) - LEAD or not agrees(settled.named, mood)


def report(results: dict[int, list[FilmResult]]) -> str:
    """The result in Markdown."""
    lines = [
        "# Words for a mood in films of changing expressions",
        "",
        *record.circumstances(),
        f"- films of {FACES * SECONDS:.0f} s with {FACES - 1} changes of expression; default settings",
        "",
        "| frames/s | films | changes of the words, most | mean | named at once, most | delay, median | 95 % | missed"
        " | contradicting frames |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for rate, films in results.items():
        delays_s = [delay_s for result in films for delay_s in result.delays_s]
        cells = (
            rate,
            len(films),
            max(result.changes for result in films),
            f"{np.mean([result.changes for result in films]):.1f}",
            max(result.changes_at_once for result in films),
            f"{np.median(delays_s):.2f} s",
            f"{np.percentile(delays_s, 95):.2f} s",
            sum(result.missed for result in films),
            sum(result.contradictions for result in films),
        )
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def _readable(reader: FaceReader, expression: Emotion, pictures: Iterator[Image]) -> Iterator[Scene]:
    for picture in pictures:
        faces = reader.read(picture)
        if len(faces) == 1 and faces[0].expression.confident and faces[0].expression.top is expression:
            yield Scene(expression, picture)


def _frames(scenes: Sequence[Scene], *, frames_per_s: int) -> Iterator[Frame]:
    pictures = (scene.picture for scene in scenes for _ in range(round(SECONDS * frames_per_s)))
    return as_webcam(pictures, frames_per_s=frames_per_s, seed=0)


if __name__ == "__main__":
    main()
