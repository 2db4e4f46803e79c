"""Measures the benefit of learning a taste on 20 simulated listeners, with and without it.

    python -m benchmarks.taste [--tracks FILE.csv.gz] [--seeds 20] [--evenings 40]

Each seed is a listener with a random taste that mien does not see: for genres, artists, valence, arousal and tempo, and
for music that fits the path. They hear a track to the end with a probability that is a logistic function of all that,
or else skip it in its first half. Every evening begins at another mood, leads to another goal and has 15 tracks, out of
3,000 of the table that benchmarks/recommend.py describes. Regret is the share of a track that the listener would have
heard more, on average, with the best choice for that place. The weight of taste was set on other listeners (seeds 100
to 104).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import record
from benchmarks.recommend import DATA, read
from mien.evaluation.plots import save_figure
from mien.music.recommender.goals import Goal
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.off_policy import PolicyEstimate, evaluate_policy
from mien.music.recommender.recommend import recommend
from mien.music.recommender.taste import Feedback, Taste
from mien.types import Mood

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TRACKS: Final = 3000
LENGTH: Final = 15
REMEMBERED: Final = 3 * LENGTH
EASE: Final = 0.8
FIT: Final = 3.0
SKIPPED_SHARE: Final = 0.25

_Values = NDArray[np.float64]


class Listener:
    """A simulated listener, whose taste decides how much of each track they hear."""

    def __init__(self, track_index: TrackIndex, rng: np.random.Generator) -> None:
        valence, arousal, tempo = rng.normal(0, (0.6, 0.6, 0.8))
        genres = rng.normal(0, 0.8, len(track_index.genres_of_set))
        artists = rng.normal(0, 0.6, len(track_index.artist_codes))
        self._points = track_index.points
        self._liking = (
            valence * track_index.points[:, 0]
            + arousal * track_index.points[:, 1]
            + tempo * np.nan_to_num(track_index.tempos - np.log2(110))
            + genres[track_index.genre_sets]
            + artists[track_index.artists]
        )

    def probabilities(self, mood: Mood) -> _Values:
        """The probability that each track is heard to the end when played for ``mood``: float64 [n]."""
        apart = np.hypot(*(self._points - (mood.valence, mood.arousal)).T)
        probabilities: _Values = 1 / (1 + np.exp(-(EASE + self._liking - FIT * apart)))
        return probabilities


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """The mean regret of each evening, the mean share heard, and the estimated outcome without taste."""

    regret: _Values
    heard: float
    baseline: PolicyEstimate


def main() -> None:
    """Simulate, print and store the results and the plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=Path, default=DATA, help=f"the table of tracks ({DATA})")
    parser.add_argument("--seeds", type=int, default=20, help="how many listeners (20)")
    parser.add_argument("--evenings", type=int, default=40, help="lists for each (40)")
    options = parser.parse_args()
    if not options.tracks.is_file():
        sys.exit(f"{options.tracks} is missing; name the table with --tracks")
    every = read(options.tracks)
    chosen = np.random.default_rng(0).choice(len(every), TRACKS, replace=False)
    track_index = TrackIndex.of([every[row] for row in chosen])
    learning, plain = (
        [listen(track_index, seed, options.evenings, learn=learn) for seed in range(options.seeds)]
        for learn in (True, False)
    )
    text = report(learning, plain)
    print(text)
    path = record.save("taste", text)
    save_figure(path.with_suffix(".png"), lambda: plot(learning, plain))


def listen(track_index: TrackIndex, seed: int, evenings: int, *, learn: bool) -> Run:
    """Simulate one listener's evenings; with and without learning, only the picks differ.

    Args:
        track_index: The tracks.
        seed: The listener.
        evenings: How many lists they hear.
        learn: Whether the recommender learns.
    """
    listener = Listener(track_index, np.random.default_rng([seed, 0]))
    situations, luck, answers = (np.random.default_rng([seed, stream]) for stream in (1, 2, 3))
    taste = Taste()
    history: list[str] = []
    regret, shares, propensities, baseline = [], [], [], []
    for _ in range(evenings):
        mood = Mood(*situations.uniform(-0.8, 0.8, 2))
        goal = list(Goal)[situations.integers(len(Goal))]
        station = recommend(
            mood,
            track_index,
            count=LENGTH,
            goal=goal,
            history=history[-REMEMBERED:],
            taste=taste if learn and taste.feedback_count else None,
            rng=luck,
        )
        feedback, missed = [], []
        for pick, place in zip(station.picks, station.route, strict=True):
            probabilities = listener.probabilities(place)
            probability = float(probabilities[track_index.row_of[pick.track.id]])
            missed.append((1 - SKIPPED_SHARE) * (float(probabilities.max()) - probability))
            share = 1.0 if answers.random() < probability else 2 * SKIPPED_SHARE * answers.random()
            feedback.append(Feedback(pick.track, share, place))
            shares.append(share)
            propensities.append(pick.propensity)
            baseline.append(pick.propensity if pick.baseline_propensity is None else pick.baseline_propensity)
        history += [pick.track.id for pick in station.picks]
        regret.append(float(np.mean(missed)))
        if learn:
            taste = taste.after(feedback)
    estimate = evaluate_policy(np.array(shares), np.array(propensities), np.array(baseline))
    return Run(np.array(regret), float(np.mean(shares)), estimate)


def interval(values: _Values) -> str:
    """The mean over seeds with its 95 % interval."""
    half = 1.96 * values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.inf
    return f"{values.mean():.3f} ± {half:.3f}"


def report(learning: Sequence[Run], plain: Sequence[Run]) -> str:
    """The results as Markdown."""
    with_taste, without = (np.array([run.regret for run in runs]) for runs in (learning, plain))
    evenings = with_taste.shape[1]
    quarter = max(1, evenings // 4)
    lines = [
        "# The benefit of learning a taste",
        "",
        *record.circumstances(),
        f"- {len(learning)} simulated listeners, {evenings} evenings of {LENGTH} tracks each, {TRACKS:,} tracks",
        "- regret: the share of a track that would be heard more with the best choice; mean ± 95 % over listeners",
        "",
        "| evenings | regret with taste | without | difference |",
        "|---|---|---|---|",
    ]
    for begin in range(0, quarter * 4, quarter):
        learnt, baseline = (runs[:, begin : begin + quarter].mean(axis=1) for runs in (with_taste, without))
        fell = baseline - learnt
        names = f"{begin + 1} to {begin + quarter}"
        lines.append(f"| {names} | {interval(learnt)} | {interval(baseline)} | {interval(fell)} |")
    better = (with_taste.sum(axis=1) < without.sum(axis=1)).sum()
    truth = np.array([run.heard for run in plain])
    lines += [
        "",
        f"Summed over all evenings, {better} of {len(learning)} listeners had less regret with taste. They heard",
        f"{interval(np.array([run.heard for run in learning]))} of each track, against {interval(truth)} without.",
        "",
        "The outcome without taste, as estimated from the log of the learning runs alone, against the true one:",
        "",
        "| estimate | mean over listeners | mean error | 95 % interval has the true value |",
        "|---|---|---|---|",
    ]
    for name in ("ips", "snips"):
        found = [getattr(run.baseline, name) for run in learning]
        values = np.array([one.value for one in found])
        held = sum(one.low <= value <= one.high for one, value in zip(found, truth, strict=True))
        error = np.abs(values - truth).mean()
        lines.append(f"| {name.upper()} | {values.mean():.3f} | {error:.3f} | {held} of {len(found)} |")
    return "\n".join([*lines, "", f"The true value is {truth.mean():.3f}, an average over as many picks."])


def plot(learning: Sequence[Run], plain: Sequence[Run]) -> Figure:
    """Plot the regret of each evening and its sum, with 95 % bands over listeners."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    each, summed = figure.subplots(1, 2)
    for runs, label, style in ((plain, "without taste", "--"), (learning, "with taste", "-")):
        regret = np.array([run.regret for run in runs])
        for axes, values in ((each, regret), (summed, LENGTH * regret.cumsum(axis=1))):
            evenings = np.arange(1, values.shape[1] + 1)
            middle, half = values.mean(axis=0), 1.96 * values.std(axis=0, ddof=1) / np.sqrt(len(values))
            axes.plot(evenings, middle, style, label=label)
            axes.fill_between(evenings, middle - half, middle + half, alpha=0.2)
    each.set(xlabel="evening", ylabel="regret a track", title="Regret of each evening", ylim=(0, None))
    summed.set(xlabel="evening", ylabel="tracks", title="Cumulative regret", ylim=(0, None))
    each.legend(frameon=False)
    return figure


if __name__ == "__main__":
    main()
