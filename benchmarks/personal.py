"""Measures what a person's corrections change, with simulated people of different biases.

    python -m benchmarks.personal --data fer2013.zip --faces photographs [--corrections 10] [--repeats 5] [--groups 10]

No available data set has many people who say what their faces mean. So 20 people are simulated: each has a bias, which
shifts the mood that mien reads to the mood that they have, and each corrects with some noise. The readings are real:
rows of FER2013 through mien's network, drawn as often as their expression occurs in a day, with the blendshapes and
head pose of the photographed face whose expression is most alike. A person corrects ten readings; then the distance
between their mood and the point is measured on other readings, before and after. After the first correction, the share
of the way is measured that the same reading has moved to the place they gave, and the distance on other readings.

The 20 people of the table say little about others, so further groups of 20 with other random biases follow in one line.
The halo is checked against their own next corrections; the interval is that of Wilson (1927). The results are printed
and written to ``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import record
from benchmarks.simulated_people import (
    Array,
    Readings,
    SimulatedPerson,
    draw,
    pairs,
    read_photographs,
    read_rows,
    simulated_people,
    targets,
)
from mien.face.classifiers.onnx import default_classifier
from mien.mood.halo import HALO_COVERAGE, MIN_DISTANCES, halo_radius
from mien.mood.personal_shift import PersonalShift
from training.data import read

PARTS: Final = ("PublicTest", "PrivateTest")
HELD_OUT: Final = 100
"""How many readings of each person measure the distance."""

HALO_CORRECTIONS: Final = 40
REACH_RATIO: Final = 0.6
REACH_WORSE: Final = 0.02
REACH_FIRST: Final = 0.5
_SEED: Final = 20
_DRAW_SEED: Final = 7
_SHOWN_AFTER: Final = (MIN_DISTANCES, 10, 20, HALO_CORRECTIONS - 1)


@dataclass(frozen=True, slots=True)
class PersonalGain:
    """What corrections changed for one person: means over the simulations unless it says otherwise.

    Attributes:
        name: Their bias, in words.
        before: The distance between mood and point before any correction, on the plane.
        after: The same after all corrections, on other readings.
        worst: By how much the distance grew in the worst simulation; negative if it fell in each.
        first: The same as ``after``, after the first correction alone.
        moved: The share of the way to the first target that the same reading moved, in the worst simulation.
    """

    name: str
    before: float
    after: float
    worst: float
    first: float
    moved: float

    @property
    def ratio(self) -> float:
        """The distance after all corrections over that before, for a person with a bias."""
        return self.after / self.before


@dataclass(frozen=True, slots=True)
class HaloChecks:
    """Next corrections, whether they lay in the halo drawn before them, and its radius after so many corrections."""

    inside: tuple[bool, ...]
    radii: tuple[tuple[int, float], ...]

    @property
    def share(self) -> float:
        """The share inside, 0..1."""
        return float(np.mean(self.inside))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share, by Wilson (1927), as if all corrections were independent."""
        count, z = len(self.inside), 1.96
        middle = (self.share + z**2 / (2 * count)) / (1 + z**2 / count)
        half = z / (1 + z**2 / count) * math.sqrt(self.share * (1 - self.share) / count + (z / (2 * count)) ** 2)
        return middle - half, middle + half

    def radius(self, after: int) -> float:
        """The mean radius after so many corrections."""
        return float(np.mean([radius for count, radius in self.radii if count == after]))


@dataclass(frozen=True, slots=True)
class PartResult:
    """One part of FER2013: its name, the gains of the 20 people, those of further people, and the checks of all."""

    part: str
    gains: tuple[PersonalGain, ...]
    others: tuple[PersonalGain, ...]
    halo: HaloChecks


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="fer2013.zip or fer2013.csv")
    parser.add_argument("--faces", type=Path, required=True, help="a folder of photographs with faces (JPEG)")
    parser.add_argument("--corrections", type=int, default=10, help="how many corrections each gives (default 10)")
    parser.add_argument("--repeats", type=int, default=5, help="how often each person is simulated (default 5)")
    parser.add_argument("--groups", type=int, default=10, help="further groups of 20 people (default 10)")
    options = parser.parse_args()
    if min(options.corrections, options.repeats, options.groups) < 1:
        parser.error("--corrections, --repeats and --groups must be 1 or more")
    photographed = read_photographs(options.faces)
    if not photographed:
        parser.error(f"{options.faces} has no photograph (*.jpg) with a face")
    rows, classifier = read(options.data), default_classifier()
    results = []
    for part in PARTS:
        readings = read_rows(classifier, rows.part(part), photographed)
        groups = [simulated_people(np.random.default_rng(_SEED + group)) for group in range(options.groups + 1)]
        gains, *others = (
            [
                measure(one, readings, corrections=options.corrections, repeats=options.repeats, seed=seed)
                for one in some
            ]
            for seed, some in enumerate(groups, start=_DRAW_SEED)
        )
        everybody = [person for some in groups for person in some]
        further = tuple(gain for some in others for gain in some)
        results.append(PartResult(part, tuple(gains), further, check_halo(everybody, readings)))
    text = report(results, corrections=options.corrections, repeats=options.repeats)
    print(text)
    record.save("personal", text)


def measure(
    person: SimulatedPerson, readings: Readings, *, corrections: int, repeats: int, seed: int = _DRAW_SEED
) -> PersonalGain:
    """The distances before and after a person's corrections.

    Args:
        person: The person.
        readings: The readings to draw from.
        corrections: How many corrections they give.
        repeats: How often this is simulated.
        seed: Seed of the readings that are drawn and of the noise.
    """
    rng = np.random.default_rng(seed)
    moods = np.clip(person.moods(readings), -1, 1)
    before: list[float] = []
    first: list[float] = []
    after: list[float] = []
    moved: list[float] = []
    for _ in range(repeats):
        drawn = draw(readings, corrections + HELD_OUT, rng)
        given, held_out = drawn[:corrections], drawn[corrections:]
        residuals = targets(person, moods[given], rng) - readings.points[given]
        before.append(_mean_distance(moods[held_out], readings.points[held_out]))
        for count, distances in ((1, first), (corrections, after)):
            shift = _learnt(readings, given[:count], residuals[:count])
            distances.append(_mean_distance(moods[held_out], _shown(shift, readings, held_out)))
        same = _learnt(readings, given[:1], residuals[:1]).at(readings.features(given[0]))
        moved.append(1 - math.dist(same, residuals[0]) / float(np.hypot(*residuals[0])))
    worst = max(late - early for early, late in zip(before, after, strict=True))
    means = [float(np.mean(some)) for some in (before, after, first)]
    return PersonalGain(person.name, means[0], means[1], worst, means[2], min(moved))


def check_halo(people: Iterable[SimulatedPerson], readings: Readings, *, seed: int = 8) -> HaloChecks:
    """Whether the next corrections of people lay in the halo that was drawn before them.

    Args:
        people: The people.
        readings: The readings to draw from.
        seed: Seed of the readings that are drawn and of the noise.
    """
    rng = np.random.default_rng(seed)
    inside: list[bool] = []
    radii: list[tuple[int, float]] = []
    for person in people:
        moods = np.clip(person.moods(readings), -1, 1)
        rows = draw(readings, HALO_CORRECTIONS, rng)
        chosen = targets(person, moods[rows], rng)
        distances: list[float] = []
        for count in range(len(rows)):
            shift = _learnt(readings, rows[:count], chosen[:count] - readings.points[rows[:count]])
            shown = _shown(shift, readings, rows[count : count + 1])[0]
            radius = halo_radius(distances)
            distances.append(math.dist(chosen[count], shown))
            if radius is not None:
                inside.append(distances[-1] <= radius)
                radii.append((count, radius))
    return HaloChecks(tuple(inside), tuple(radii))


def report(results: Sequence[PartResult], *, corrections: int, repeats: int) -> str:
    """The results in Markdown.

    Args:
        results: For each part of FER2013.
        corrections: As in ``measure``.
        repeats: As in ``measure``.
    """
    lines = [
        "# What corrections change, for simulated people",
        "",
        *record.circumstances(),
        f"- {corrections} corrections and {HELD_OUT} other readings each, {repeats} times; distances on the plane",
        f"- halo: {HALO_CORRECTIONS} corrections each",
    ]
    for result in results:
        lines += [
            "",
            f"## FER2013 {result.part}",
            "",
            "| person | before | after | ratio | worse by | after the first | the same face moved by at least |",
            "|---|---:|---:|---:|---:|---:|---:|",
        ]
        for gain in result.gains:
            ratio = f"{gain.ratio:.0%}" if gain.before > 0 else ""
            worse = max(0.0, gain.after - gain.before)
            lines.append(
                f"| {gain.name} | {gain.before:.3f} | {gain.after:.3f} | {ratio} | {worse:.3f} | {gain.first:.3f} |"
                f" {gain.moved:.0%} |"
            )
        low, high = result.halo.interval
        widths = ", ".join(f"{result.halo.radius(after):.2f} after {after}" for after in _SHOWN_AFTER)
        lines += [
            "",
            *_summary("these people", result.gains),
            *_summary("further people with other biases", result.others),
            f"- halo: {result.halo.share:.1%} of {len(result.halo.inside)} next corrections inside, 95 % interval "
            f"{low:.1%} to {high:.1%} (promised: {HALO_COVERAGE:.0%}); mean radius {widths}",
        ]
    return "\n".join(lines)


def _summary(who: str, gains: Sequence[PersonalGain]) -> list[str]:
    biased = [gain for gain in gains if gain.before > 0]
    reached = sum(gain.ratio <= REACH_RATIO for gain in biased)
    totals = {name: sum(getattr(gain, name) for gain in gains) for name in ("before", "after", "first")}
    worse = [max(0.0, gain.after - gain.before) for gain in gains]
    return [
        f"- {who}: {totals['after'] / totals['before']:.0%} of the distance before all together; {reached} of "
        f"{len(biased)} with a bias at most {REACH_RATIO:.0%}, the worst {max(gain.ratio for gain in biased):.0%}",
        f"- {who}: worse off by at most {max(worse):.3f} on average, {sum(one > REACH_WORSE for one in worse)} of "
        f"{len(gains)} by more than {REACH_WORSE}; by {max(0.0, *(gain.worst for gain in gains)):.3f} in one run",
        f"- {who}, after the first correction: the same face moved by at least {min(gain.moved for gain in gains):.0%} "
        f"of the way (reach: {REACH_FIRST:.0%}); {totals['first'] / totals['before']:.0%} of the distance before on "
        "other readings",
    ]


def _learnt(readings: Readings, rows: Iterable[int], residuals: Array) -> PersonalShift:
    return PersonalShift([readings.features(row) for row in rows], pairs(residuals))


def _shown(shift: PersonalShift, readings: Readings, rows: NDArray[np.int64]) -> Array:
    """The points that are shown for rows, [n, 2]."""
    return np.clip(readings.points[rows] + shift.at_each([readings.features(row) for row in rows]), -1, 1)


def _mean_distance(one: Array, other: Array) -> float:
    return float(np.linalg.norm(one - other, axis=1).mean())


if __name__ == "__main__":
    main()
