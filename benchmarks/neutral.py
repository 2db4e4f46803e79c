"""Measures "my neutral" on the real reader: faces that read away from the middle at rest learn their resting face.

    python -m benchmarks.neutral --data fer2013.zip [--faces 6]

Each person is a row of a test split of FER2013 that reads away from the middle of the plane: rows that people call
neutral, and rows that they call angry or sad, as somebody whose face always looks like that. A film of the face at
rest (``benchmarks.resting``) teaches the neutral face as the page does. A second film, with other movement, light and
noise, is then read without and with it. What it costs is measured on expressions that are read rightly without it: the
same face made to smile, and to gape with raised brows (``benchmarks.speaking_faces``), and rows of other people. They
count as kept if the most likely expression stays, and if the mood stays in its region. The same face with a smile and
with a frown is filmed as well, and must go on reading away from the middle where it does so without it. No data set at
hand shows many real people both at rest and with expressions. The table is printed and written to
``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
import itertools
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks import record
from benchmarks.resting import MIDDLE, SPLITS, agreed_rows, film
from benchmarks.speaking_faces import FaceWarp, FacialPose
from mien.face.reader import FaceReader
from mien.live.reader import LiveReader
from mien.mood.circumplex import mood_of, region_of
from mien.mood.neutral import LEARN_S, REST_DISTANCE, NeutralBaseline, distance_from_rest, relative_expression
from mien.mood.smooth import weight_of
from mien.types import Emotion, Image, Mood, Reading

ORIGIN: Final = 0.1
"""A mood within this distance of the origin is at rest."""

AT_REST: Final = {"neutral": 5, "anger": 6, "sadness": 6}
"""The expressions that the rows are called, and how many of ten people must agree."""

EXPRESSIONS: Final = {
    "happiness": Emotion.HAPPY,
    "surprise": Emotion.SURPRISE,
    "anger": Emotion.ANGRY,
    "sadness": Emotion.SAD,
}
POSES: Final = {
    "own smile": (FacialPose(smile=1.0), Emotion.HAPPY),
    "own gape with raised brows": (FacialPose(jaw=1.0, brows=1.0), Emotion.SURPRISE),
}
HELD: Final = {"smile": FacialPose(smile=1.0), "frown": FacialPose(brows=-1.0, smile=-0.5)}
HELD_S: Final = 4.0
AGREEMENT: Final = 7
OTHERS: Final = 25
READ_S: Final = 6.0
_SETTLED_S: Final = 2.0
_MOSTLY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Person:
    """One face at rest, before and after its neutral was learnt.

    Attributes:
        name: The picture.
        before: Mean mood at rest, without it.
        after: Mean mood at rest, with it.
        at_origin: Share of the frames with it whose mood is within ``ORIGIN`` of the origin, 0..1.
        farthest: The greatest distance from the origin with it.
    """

    name: str
    before: Mood
    after: Mood
    at_origin: float
    farthest: float


@dataclass(frozen=True, slots=True)
class HeldExpression:
    """A film of a learnt face that holds an expression.

    Attributes:
        name: The expression.
        moved: The distance of its blendshapes from the resting face, as in ``relative_expression``.
        before: Share of the frames whose mood is away from the middle, without the neutral face, 0..1.
        after: The same with it.
    """

    name: str
    moved: float
    before: float
    after: float


@dataclass(slots=True)
class KeptExpressions:
    """How many expressions that are read rightly without the neutral face keep expression and region with it."""

    seen: int = 0
    expression: int = 0
    region: int = 0

    def add(self, neutral: NeutralBaseline, reading: Reading) -> None:
        """Count one reading, static and so not speaking."""
        corrected = relative_expression(neutral, reading.expression, reading.features.blendshapes)
        self.seen += 1
        self.expression += corrected.top is reading.expression.top
        self.region += region_of(mood_of(corrected)) is region_of(reading.mood)


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="fer2013.zip, or fer2013.csv with FER+'s votes")
    parser.add_argument("--faces", type=int, default=6, help="people of each kind and test split (default 6)")
    options = parser.parse_args()
    if options.faces < 1:
        parser.error("--faces must be 1 or more")
    people: dict[str, list[Person]] = {}
    held: list[HeldExpression] = []
    kept: dict[str, KeptExpressions] = {}
    with FaceReader() as reader:
        for split in SPLITS:
            others = {
                f"others' {emotion}": rightly_read(
                    reader, agreed_rows(options.data, split, name, agreement=AGREEMENT), emotion, most=OTHERS
                )
                for name, emotion in EXPRESSIONS.items()
            }
            for called, agreement in AT_REST.items():
                rows = agreed_rows(options.data, split, called, agreement=agreement)
                found = itertools.islice(learners(reader, rows), options.faces)
                for person, neutral, own, films in found:
                    held += films
                    people.setdefault(f"{split}, called {called}", []).append(person)
                    for kind, readings in (own | others).items():
                        for reading in readings:
                            kept.setdefault(kind, KeptExpressions()).add(neutral, reading)
    text = report(people, kept, held)
    print(text)
    record.save("neutral", text)


def rightly_read(
    reader: FaceReader, pictures: Iterable[tuple[str, Image]], emotion: Emotion, *, most: int
) -> list[Reading]:
    """The readings of the first pictures that are read as an expression.

    Args:
        reader: Reads the pictures.
        pictures: Names, and frames uint8 [height, width, 3].
        emotion: The expression.
        most: How many.

    Returns:
        Up to ``most`` readings.
    """
    readings = (found[0] for _, picture in pictures if (found := reader.read(picture)))
    return list(itertools.islice((one for one in readings if one.expression.top is emotion), most))


def learners(
    reader: FaceReader, pictures: Iterable[tuple[str, Image]]
) -> Iterator[tuple[Person, NeutralBaseline, dict[str, list[Reading]], list[HeldExpression]]]:
    """People who read away from the middle at rest, and learn their neutral face.

    Args:
        reader: Reads the pictures.
        pictures: Names, and frames uint8 [height, width, 3].

    Yields:
        The person, what was learnt, the readings of its poses that are right without it, and films of expressions that
        it holds.
    """
    for name, picture in pictures:
        found = reader.read(picture)
        if not found or weight_of(found[0].expression, found[0].features.quality) == 0:
            continue
        if math.hypot(found[0].mood.valence, found[0].mood.arousal) <= MIDDLE:
            continue
        seed = zlib.crc32(name.encode())
        neutral = learn(reader, picture, seed=seed)
        before = moods(reader, picture, None, seed=seed + 1)
        if neutral is None or not before or math.hypot(*np.mean(before, axis=0)) <= MIDDLE:
            continue
        after = moods(reader, picture, neutral, seed=seed + 1)
        distances = np.hypot(*np.array(after).T)
        warp = FaceWarp(picture, found[0].face.landmarks)
        own = {
            kind: rightly_read(reader, [(name, warp.posed(pose))], emotion, most=1)
            for kind, (pose, emotion) in POSES.items()
            if found[0].expression.top is not emotion
        }
        person = Person(
            name,
            Mood(*np.mean(before, axis=0).tolist()),
            Mood(*np.mean(after, axis=0).tolist()),
            float((distances <= ORIGIN).mean()),
            float(distances.max()),
        )
        yield person, neutral, own, list(held_expressions(reader, name, warp, neutral))


def held_expressions(
    reader: FaceReader, name: str, warp: FaceWarp, neutral: NeutralBaseline
) -> Iterator[HeldExpression]:
    """Films of a learnt face that holds an expression, of those that the mesh sees to have moved.

    Args:
        reader: Reads the frames.
        name: The picture.
        warp: The face.
        neutral: Its resting face.
    """
    for kind, pose in HELD.items():
        picture = warp.posed(pose)
        found = reader.read(picture)
        if not found:
            continue
        moved = distance_from_rest(neutral, found[0].features.blendshapes)
        if moved <= REST_DISTANCE:
            continue
        seed = zlib.crc32(f"{name} {kind}".encode())
        shares = [_away(moods(reader, picture, known, seed=seed, seconds=HELD_S)) for known in (None, neutral)]
        yield HeldExpression(kind, moved, shares[0], shares[1])


def learn(reader: FaceReader, picture: Image, *, seed: int) -> NeutralBaseline | None:
    """What the live reader learns from a film of a face at rest; None if it refuses.

    Args:
        reader: Reads the frames.
        picture: uint8 [height, width, 3].
        seed: Seed of movement, light and noise.
    """
    live = LiveReader(reader.follow())
    live.learn_neutral()
    for frame in film(picture, seconds=LEARN_S + 0.5, seed=seed):
        learning = live.read(frame).learning
        if learning is not None and learning.neutral is not None:
            return learning.neutral
    return None


def moods(
    reader: FaceReader, picture: Image, neutral: NeutralBaseline | None, *, seed: int, seconds: float = READ_S
) -> list[tuple[float, float]]:
    """Valence and arousal in the frames of a film of a face at rest, once they have settled.

    Args:
        reader: Reads the frames.
        picture: uint8 [height, width, 3].
        neutral: The resting face; None if it is not known.
        seed: Seed of movement, light and noise.
        seconds: Length of the film.
    """
    live = LiveReader(reader.follow())
    results = [live.read(frame, neutral=neutral) for frame in film(picture, seconds=seconds, seed=seed)]
    return [
        (one.mood.valence, one.mood.arousal) for one in results if one.mood is not None and one.time_s >= _SETTLED_S
    ]


def report(
    people: dict[str, list[Person]], kept: dict[str, KeptExpressions], held: Sequence[HeldExpression] = ()
) -> str:
    """The result in Markdown."""
    lines = [
        "# My neutral",
        "",
        *record.circumstances(),
        f"- people whose face at rest reads more than {MIDDLE} from the middle; learnt in {LEARN_S:.0f} s of one film, "
        f"read in {READ_S:.0f} s of another",
        "",
        "| faces at rest | people | valence, arousal before | after | mean distance from the origin before | after |"
        f" frames within {ORIGIN} after | farthest |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, some in people.items():
        cells = [
            *(
                f"{np.mean([mood.valence for mood in moods]):+.2f}, {np.mean([mood.arousal for mood in moods]):+.2f}"
                for moods in _both(some)
            ),
            *(f"{np.mean([math.hypot(mood.valence, mood.arousal) for mood in moods]):.2f}" for moods in _both(some)),
            f"{np.mean([person.at_origin for person in some]):.1%}",
            f"{max(person.farthest for person in some):.2f}",
        ]
        lines.append(f"| {name} | {len(some)} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "| expressions that are read rightly without it | readings | same expression with it | same region |",
        "|---|---:|---:|---:|",
    ]
    for name, one in kept.items():
        lines.append(f"| {name} | {one.seen} | {one.expression / one.seen:.1%} | {one.region / one.seen:.1%} |")
    lines += [
        "",
        f"| the learnt face holds | films away from the middle without it | frames more than {MIDDLE} from the middle "
        "with it | films mostly away with it |",
        "|---|---:|---:|---:|",
    ]
    for kind in HELD:
        shares = [one.after for one in held if one.name == kind and one.before > _MOSTLY]
        if shares:
            away = sum(share > _MOSTLY for share in shares)
            lines.append(f"| {kind} | {len(shares)} | {np.mean(shares):.1%} | {away} |")
    return "\n".join(lines)


def _away(found: Sequence[tuple[float, float]]) -> float:
    """The share of moods away from the middle, 0..1; 0 without any."""
    return float(np.mean(np.hypot(*np.array(found).T) > MIDDLE)) if found else 0.0


def _both(people: Sequence[Person]) -> tuple[list[Mood], list[Mood]]:
    return [person.before for person in people], [person.after for person in people]


if __name__ == "__main__":
    main()
