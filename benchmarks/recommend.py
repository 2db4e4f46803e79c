"""Measures how closely lists follow their path, how smooth they are, and how long 20 tracks out of a million take.

    python -m benchmarks.recommend [--tracks FILE.csv.gz] [--quick]

The catalogue is a table of Spotify's features of 28,356 tracks, which is outside the repository, in
../shared/data/music; valence and energy serve as valence and arousal. A million synthetic tracks have the same
distribution with jitter. Lists of 15 tracks begin at eight moods and lead to each of the six goals. "With noise" means
that the recommender sees the moods with normal errors (standard deviation 0.25 for valence, 0.2 for arousal), while the
error is measured against the true moods.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import itertools
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks import record
from mien.evaluation.plots import save_figure
from mien.music.recommender.goals import Goal, target
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.recommend import recommend
from mien.music.recommender.route import Route
from mien.types import AudioFeatures, Mood, Track

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "music" / "tracks.csv.gz"
MILLION: Final = 1_000_000
LENGTH: Final = 15
COUNT: Final = 20
REPEATS: Final = 48
WARM_UP: Final = 6
TARGET_MS: Final = 30
NOISE: Final = (0.25, 0.2)
SIZES: Final = (1000, 3000, 10_000, 30_000, 100_000, 300_000, MILLION)
MOODS: Final = tuple(Mood(0.7 * math.cos(turn), 0.7 * math.sin(turn)) for turn in np.arange(8) * math.pi / 4 + 0.3)

_Places: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BenchmarkCatalogue:
    """Tracks as the recommender sees them, and the true place of each row: float64 [n, 2]."""

    name: str
    track_index: TrackIndex
    truth: _Places


@dataclass(frozen=True, slots=True)
class PickQuality:
    """Means over all lists: mood error (with ``p90``, its 90th percentile) and step on the plane, octaves, a share."""

    error: float
    p90: float
    step: float
    tempo_jump: float
    unique_artists: float


@dataclass(frozen=True, slots=True)
class Cost:
    """The time to index ``tracks``, and for a list, as median and 95th percentile."""

    tracks: int
    index_s: float
    list_ms: float
    p95_ms: float


Chooser: TypeAlias = Callable[[BenchmarkCatalogue, Mood, Goal, np.random.Generator], Sequence[int]]


def main() -> None:
    """Measure, print and store the results and the plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=Path, default=DATA, help=f"the table of tracks ({DATA})")
    parser.add_argument("--quick", action="store_true", help="skip the million tracks and store no results")
    options = parser.parse_args()
    if not options.tracks.is_file():
        sys.exit(f"{options.tracks} is missing; name the table with --tracks")
    tracks = read(options.tracks)
    lines = ["# Choosing music for a mood", "", *record.circumstances()]
    lines += [f"- lists of {LENGTH} tracks from {len(MOODS)} moods to {len(Goal)} goals, means over all", ""]
    lines += quality_table(f"{len(tracks):,} tracks", tracks)
    if options.quick:
        print("\n".join(lines))
        return
    million = synthetic(tracks, MILLION)
    lines += ["", *quality_table(f"{MILLION:,} synthetic tracks", million)]
    costs = [cost(million[:size]) for size in SIZES]
    lines += [
        "",
        f"Time to build the index, once for each change, and to choose {COUNT} tracks, warm:",
        "",
        *table(costs),
    ]
    text = "\n".join(lines)
    print(text)
    path = record.save("recommend", text)
    save_figure(path.with_suffix(".png"), lambda: plot(costs))


def read(path: Path) -> list[Track]:
    """Read every track of the table once, with its first genre."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = {row["track_id"]: row for row in reversed(list(csv.DictReader(file)))}
    return [as_track(key, row) for key, row in rows.items()]


def as_track(key: str, row: Mapping[str, str]) -> Track:
    """The track of one row of the table."""
    tonic = int(row["key"])
    features = AudioFeatures(
        tempo_bpm=float(row["tempo"]),
        loudness_lufs=float(row["loudness"]),
        valence=2 * float(row["valence"]) - 1,
        arousal=2 * float(row["energy"]) - 1,
        arousal_confidence=1.0,
        analyser_version=0,
        tonic=tonic if tonic >= 0 else None,
        minor=row["mode"] == "0" if tonic >= 0 else None,
    )
    seconds = float(row["duration_ms"]) / 1000
    names = row["track_name"], row["track_artist"], row["track_album_name"]
    return Track(f"table:{key}", *names, seconds, features, genres=(row["playlist_genre"], row["playlist_subgenre"]))


def synthetic(tracks: Sequence[Track], count: int) -> list[Track]:
    """Draw tracks with jittered features, by artists with about thirty tracks each."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(tracks), size=count)
    moved = rng.normal(0, (0.05, 0.05, 3.0), (count, 3)).tolist()
    artists = rng.integers(count // 30, size=count).tolist()
    made = []
    for number, (row, (valence, arousal, tempo), artist) in enumerate(zip(drawn.tolist(), moved, artists, strict=True)):
        track = tracks[row]
        heard = track.features
        if heard is None:
            raise ValueError("every track of the table has features")
        features = replace(
            heard,
            valence=reflected(heard.valence + valence),
            arousal=reflected(heard.arousal + arousal),
            tempo_bpm=max(0.0, heard.tempo_bpm + tempo),
        )
        names = f"Piece {number}", f"Artist {artist}", f"Album {artist}-{number % 3}"
        made.append(Track(f"made:{number}", *names, track.duration_s, features, genres=track.genres))
    return made


def reflected(value: float) -> float:
    """Reflect a value at the borders of -1..1."""
    return value if -1 <= value <= 1 else math.copysign(2 - abs(value), value)


def with_errors(tracks: Sequence[Track]) -> list[Track]:
    """The same tracks with an estimator's errors in their moods."""
    errors = np.random.default_rng(1).normal(0, NOISE, (len(tracks), 2)).tolist()
    heard = []
    for track, (valence, arousal) in zip(tracks, errors, strict=True):
        if track.features is None:
            raise ValueError("every track of the table has features")
        seen = np.clip((track.features.valence + valence, track.features.arousal + arousal), -1, 1).tolist()
        heard.append(replace(track, features=replace(track.features, valence=seen[0], arousal=seen[1])))
    return heard


def catalogue_of(tracks: Sequence[Track], *, noisy: bool) -> BenchmarkCatalogue:
    """A catalogue of tracks, with or without errors in their moods."""
    track_index = TrackIndex.of(with_errors(tracks) if noisy else tracks)
    if not noisy:
        return BenchmarkCatalogue("true", track_index, track_index.points)
    true = {track.id: track.features for track in tracks if track.features is not None}
    points = np.array([(true[track.id].valence, true[track.id].arousal) for track in track_index.tracks])
    return BenchmarkCatalogue("with noise", track_index, points)


def mien_picks(catalogue: BenchmarkCatalogue, mood: Mood, goal: Goal, rng: np.random.Generator) -> list[int]:
    """The picks of mien."""
    station = recommend(mood, catalogue.track_index, count=LENGTH, goal=goal, rng=rng)
    return [catalogue.track_index.row_of[pick.track.id] for pick in station.picks]


def random_picks(catalogue: BenchmarkCatalogue, mood: Mood, goal: Goal, rng: np.random.Generator) -> list[int]:
    """Random tracks."""
    del mood, goal
    return [int(row) for row in rng.choice(len(catalogue.track_index), LENGTH, replace=False)]


def quadrant_picks(catalogue: BenchmarkCatalogue, mood: Mood, goal: Goal, rng: np.random.Generator) -> list[int]:
    """Random tracks of the same quadrant of the plane, as applications with emotion labels choose."""
    quarters = catalogue.track_index.points > 0
    chosen = []
    for point in path(mood, goal):
        (same,) = np.nonzero((quarters == (point > 0)).all(axis=1))
        chosen.append(int(rng.choice(same)))
    return chosen


def nearest_picks(catalogue: BenchmarkCatalogue, mood: Mood, goal: Goal, rng: np.random.Generator) -> list[int]:
    """The nearest track that is not in the list yet."""
    del rng
    taken: list[int] = []
    for point in path(mood, goal):
        apart = np.hypot(*(catalogue.track_index.points - point).T)
        apart[taken] = np.inf
        taken.append(int(np.argmin(apart)))
    return taken


CHOOSERS: Final[Mapping[str, Chooser]] = {
    "random": random_picks,
    "quadrant": quadrant_picks,
    "nearest": nearest_picks,
    "**mien**": mien_picks,
}


def path(mood: Mood, goal: Goal) -> _Places:
    """The moods to play for: float64 [LENGTH, 2]."""
    route = Route(mood, target(goal, mood))
    moods = [route.at(place / (LENGTH - 1)) for place in range(LENGTH)]
    return np.array([(mood.valence, mood.arousal) for mood in moods])


def measure(catalogue: BenchmarkCatalogue, choose: Chooser) -> PickQuality:
    """Measure the quality of one chooser's lists."""
    rng = np.random.default_rng(7)
    track_index = catalogue.track_index
    errors, steps, jumps, unique = [], [], [], []
    for mood, goal in itertools.product(MOODS, Goal):
        rows = choose(catalogue, mood, goal, rng)
        points = catalogue.truth[rows]
        errors.append(np.hypot(*(points - path(mood, goal)).T))
        steps.append(np.hypot(*np.diff(points, axis=0).T))
        jumps.append(np.abs(np.diff(track_index.tempos[rows])))
        unique.append(len(set(track_index.artists[rows].tolist())) / len(rows))
    everywhere = np.concatenate(errors)
    return PickQuality(
        error=float(everywhere.mean()),
        p90=float(np.percentile(everywhere, 90)),
        step=float(np.mean(steps)),
        tempo_jump=float(np.nanmean(jumps)),
        unique_artists=float(np.mean(unique)),
    )


def quality_table(title: str, tracks: Sequence[Track]) -> list[str]:
    """The quality of every chooser, with and without errors, as Markdown."""
    lines = [
        f"## {title}",
        "",
        "| moods | chooser | mood error | p90 | step | tempo jump (octaves) | unique artists |",
        "|---|---|---|---|---|---|---|",
    ]
    for noisy in (False, True):
        catalogue = catalogue_of(tracks, noisy=noisy)
        for name, choose in CHOOSERS.items():
            found = measure(catalogue, choose)
            figures = (found.error, found.p90, found.step, found.tempo_jump, found.unique_artists)
            lines.append(f"| {catalogue.name} | {name} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |")
    return lines


def cost(tracks: Sequence[Track]) -> Cost:
    """Measure the wall-clock time for a catalogue."""
    begin = time.perf_counter()
    track_index = TrackIndex.of(tracks)
    index_s = time.perf_counter() - begin
    rng = np.random.default_rng(0)
    times_ms = []
    for turn, goal in zip(range(WARM_UP + REPEATS), itertools.cycle(Goal), strict=False):
        begin = time.perf_counter()
        recommend(MOODS[turn % len(MOODS)], track_index, count=COUNT, goal=goal, rng=rng)
        times_ms.append(1000 * (time.perf_counter() - begin))
    warm = times_ms[WARM_UP:]
    return Cost(len(tracks), index_s, float(np.median(warm)), float(np.percentile(warm, 95)))


def table(costs: Sequence[Cost]) -> list[str]:
    """The costs as Markdown."""
    lines = [f"| tracks | index, s | {COUNT} tracks, ms | 95th percentile, ms |", "|---|---|---|---|"]
    return lines + [f"| {one.tracks:,} | {one.index_s:.2f} | {one.list_ms:.1f} | {one.p95_ms:.1f} |" for one in costs]


def plot(costs: Sequence[Cost]) -> Figure:
    """Plot the time for a list against the size of the catalogue."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    sizes = [one.tracks for one in costs]
    axes.plot(sizes, [one.list_ms for one in costs], "o-", label=f"{COUNT} tracks, warm (median)")
    axes.plot(sizes, [one.p95_ms for one in costs], "s:", label="95th percentile")
    axes.axhline(TARGET_MS, color="0.5", linestyle="--", linewidth=1, label=f"{TARGET_MS} ms")
    axes.set(xscale="log", xlabel="tracks in the catalogue", ylabel="milliseconds", title="Time for a list")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    return figure


if __name__ == "__main__":
    main()
