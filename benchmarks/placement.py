"""Measures where the tracks of libraries lie on the plane, as estimated and placed among each other.

    python -m benchmarks.placement DIR…

Each folder is a soundtrack or an album, and all of them together are a mixed library. Nobody labelled the tracks: what
is measured is whether music can be chosen for every mood, and whether the order of the estimates is kept. The recorded
results are those of twelve free games of Debian (packages asc-music, drascula-music, extremetuxracer-data,
frozen-bubble-data, hedgewars-data, hyperrogue-music, lincity-ng-data, nexuiz-music, singularity-music, ufoai-music,
warzone2100-music and wesnoth-1.16-music; files of at least 400 kB).
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks import folders, record
from mien.music.recommender.placement import place_in_library
from mien.types import Track

SAMPLES = 200
SMALL = (10, 30, 57)
QUADRANTS = ("sad", "tense", "calm", "excited")

Points = NDArray[np.float64]


def main() -> None:
    """Place the tracks, print and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    folders.add_arguments(parser)
    text = report(folders.analysed(parser.parse_args()))
    print(text)
    record.save("placement", text)


def report(albums: dict[str, list[Track]]) -> str:
    """The results as Markdown."""
    mixed = [track for tracks in albums.values() for track in tracks]
    labelled = [replace(track, genres=(name,)) for name, tracks in albums.items() for track in tracks]
    lines = ["# Places in a library", "", *record.circumstances()]
    lines += [f"- {len(mixed)} tracks of {len(albums)} folders; shares of the quadrants in per cent", ""]
    lines += ["| library | tracks | " + " | ".join(f"{name}, before → after" for name in QUADRANTS) + " |"]
    lines += ["|---|---|" + "---|" * len(QUADRANTS)]
    lines += [row("all, mixed", mixed), row("all, each folder a genre", labelled)]
    lines += [row(name, tracks) for name, tracks in albums.items() if len(tracks) >= SMALL[0]]
    placed = place_in_library(labelled)
    lines += [
        "",
        "Rank correlation of places and estimates: "
        f"{rank_correlation(place_in_library(mixed), 0):.3f} and {rank_correlation(place_in_library(mixed), 1):.3f} "
        "(valence and arousal, mixed); the least within a folder, each a genre: "
        f"{least_within(placed, 0):.3f} and {least_within(placed, 1):.3f}.",
        "",
        f"Random libraries out of all tracks, means of {SAMPLES}:",
        "",
        "| tracks | the smallest quadrant, before → after | the largest | mean move |",
        "|---|---|---|---|",
    ]
    rng = np.random.default_rng(0)
    lines += [sampled(mixed, count, rng) for count in SMALL if count <= len(mixed)]
    return "\n".join(lines)


def row(name: str, tracks: Sequence[Track]) -> str:
    """A library's quadrants before and after."""
    before, after = shares(points_of(tracks)), shares(points_of(place_in_library(tracks)))
    cells = [f"{100 * was:.0f} → {100 * now:.0f}" for was, now in zip(before, after, strict=True)]
    return f"| {name} | {len(tracks)} | {' | '.join(cells)} |"


def sampled(tracks: Sequence[Track], count: int, rng: np.random.Generator) -> str:
    """The extremes of the quadrants of random libraries of ``count`` tracks."""
    drawn = [[tracks[row] for row in rng.choice(len(tracks), count, replace=False)] for _ in range(SAMPLES)]
    placed = [place_in_library(library) for library in drawn]
    extremes: list[Callable[[Sequence[float]], float]] = [min, max]
    cells = [
        " → ".join(
            f"{100 * np.mean([pick(shares(points_of(one))) for one in libraries]):.0f}" for libraries in (drawn, placed)
        )
        for pick in extremes
    ]
    moved = np.mean([np.abs(points_of(a) - points_of(b)).mean() for a, b in zip(drawn, placed, strict=True)])
    return f"| {count} | {cells[0]} | {cells[1]} | {moved:.2f} |"


def points_of(tracks: Sequence[Track]) -> Points:
    """Valence and arousal, float64 [n, 2]."""
    return np.array([(one.features.valence, one.features.arousal) for one in tracks if one.features is not None])


def shares(points: Points) -> list[float]:
    """The share of each of ``QUADRANTS``."""
    pleasant, stirring = (points > 0).T
    return [
        float(np.mean((pleasant == right) & (stirring == up)))
        for right, up in itertools.product((False, True), repeat=2)
    ]


def rank_correlation(placed: Sequence[Track], axis: int) -> float:
    """Spearman's correlation of places and estimates on one axis."""
    before = np.array([one.features.absolute[axis] for one in placed if one.features and one.features.absolute])
    ranks = np.stack([np.argsort(np.argsort(values)) for values in (before, points_of(placed)[:, axis])])
    return float(np.asarray(np.corrcoef(ranks))[0, 1])


def least_within(placed: Sequence[Track], axis: int) -> float:
    """The lowest rank correlation within a genre of at least ``SMALL[0]`` tracks."""
    genres = {one.genres for one in placed}
    groups = [[one for one in placed if one.genres == genre] for genre in genres]
    return min(rank_correlation(group, axis) for group in groups if len(group) >= SMALL[0])


if __name__ == "__main__":
    main()
