"""The held-out pieces, and how well their order, quadrants and confidence agree with their labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.hearing.analyses import Analysed, hear_timed
from training.hearing.composed import composed
from training.hearing.genres import LABELS, Genre, GenrePiece, held_out_names
from training.hearing.rendering import render_midi, render_piece
from training.hearing.vgmidi import rated_pieces

RESAMPLES = 2000
LIVELY = (Genre.BATTLE, Genre.CHASE, Genre.MARCH, Genre.VICTORY)

Truth = NDArray[np.bool_]
Scores = NDArray[np.float64]


class Axis(NamedTuple):
    """How an axis is read from an analysis: its estimate, its confidence, and its label."""

    name: str
    value: Callable[[Analysed], float]
    confidence: Callable[[Analysed], float]
    label: Callable[[Analysed], bool | None]


AXES = (
    Axis(
        "valence",
        lambda one: one.features.valence,
        lambda one: one.features.valence_confidence,
        lambda one: one.pleasant,
    ),
    Axis(
        "arousal",
        lambda one: one.features.arousal,
        lambda one: one.features.arousal_confidence,
        lambda one: one.stirring,
    ),
)


def analyse_rated(soundfonts: dict[str, Path], cache: Path) -> Iterator[Analysed]:
    """The held-out series of VGMIDI under each soundfont; nothing if the data is missing."""
    for name, soundfont in soundfonts.items():
        for piece in rated_pieces():
            if piece.held_out:
                path = render_midi(piece.midi, soundfont, cache)
                features, cpu_s = hear_timed(path)
                yield Analysed(piece.midi.stem, path, name, features, cpu_s, piece.pleasant, piece.stirring)


def analyse_genres(soundfonts: dict[str, Path], cache: Path) -> Iterator[Analysed]:
    """The held-out pieces of the set by genre, each soundfont with another ensemble."""
    from training.hearing.traditional import traditional  # reads its tunes from music21

    pieces: tuple[GenrePiece, ...] = (*composed(), *traditional())
    names = held_out_names(pieces)
    for number, (name, soundfont) in enumerate(soundfonts.items()):
        for piece in pieces:
            if piece.name in names:
                path = render_piece(piece, number, soundfont, cache / "genres")
                features, cpu_s = hear_timed(path)
                label = LABELS[piece.genre]
                tempo_bpm = piece.score(number).tempo_bpm[0][1]
                yield Analysed(
                    piece.name, path, name, features, cpu_s, label.pleasant, label.stirring, piece.genre, tempo_bpm
                )


def auc(scores: Scores, truth: Truth) -> float:
    """The probability that a positive piece scores above a negative one; ties count half."""
    above = scores[truth][:, None] - scores[~truth][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def interval(scores: Scores, truth: Truth) -> tuple[float, float]:
    """The 95 % interval of the AUC, by bootstrap within each class."""
    rng = np.random.default_rng(0)
    positive, negative = np.flatnonzero(truth), np.flatnonzero(~truth)
    drawn = []
    for _ in range(RESAMPLES):
        sample = np.concatenate([rng.choice(positive, positive.size), rng.choice(negative, negative.size)])
        drawn.append(auc(scores[sample], truth[sample]))
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(low), float(high)


def right_quadrants(pieces: Sequence[Analysed]) -> float:
    """The share of pieces on the right side of both axes, of those with both labels."""
    labelled = [one for one in pieces if one.pleasant is not None and one.stirring is not None]
    right = [
        (one.features.valence > 0) == one.pleasant and (one.features.arousal > 0) == one.stirring for one in labelled
    ]
    return float(np.mean(right))


def rightness_by_confidence(pieces: Sequence[Analysed], axis: Axis) -> tuple[float, float]:
    """The share of pieces on the right side of an axis: of the half with more confidence, and of the other half."""
    labelled = sorted((one for one in pieces if axis.label(one) is not None), key=axis.confidence)
    right = np.array([(axis.value(one) > 0) == axis.label(one) for one in labelled])
    half = right.size // 2
    return float(right[half:].mean()), float(right[:half].mean())


def table(title: str, pieces: Sequence[Analysed]) -> list[str]:
    """One row for each soundfont: order, quadrants, and the surer half against the other."""
    lines = [
        f"{title}:",
        "",
        "| soundfont | pieces | AUC valence | AUC arousal | right quadrant | valence: surer half, other | arousal |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(one.soundfont for one in pieces):
        chosen = [one for one in pieces if one.soundfont == name]
        cells = [name, str(len(chosen))]
        for axis in AXES:
            labelled = [one for one in chosen if axis.label(one) is not None]
            scores = np.array([axis.value(one) for one in labelled])
            truth = np.array([axis.label(one) for one in labelled], bool)
            low, high = interval(scores, truth)
            cells.append(f"{auc(scores, truth):.3f} ({low:.2f} to {high:.2f})")
        cells.append(f"{right_quadrants(chosen):.2f}")
        cells += ["{:.2f}, {:.2f}".format(*rightness_by_confidence(chosen, axis)) for axis in AXES]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""]


def genres_table(pieces: Sequence[Analysed]) -> list[str]:
    """Where each genre lies: means of both axes, and the share of pieces with an arousal above 0."""
    lines = [
        "By genre, over all soundfonts:",
        "",
        "| genre | pieces | valence | arousal | stirring |",
        "|---|---|---|---|---|",
    ]
    for genre in Genre:
        chosen = [one.features for one in pieces if one.genre is genre]
        valence, arousal = (np.array([getattr(one, axis) for one in chosen]) for axis in ("valence", "arousal"))
        lines.append(
            f"| {genre} | {len(chosen)} | {valence.mean():+.2f} | {arousal.mean():+.2f} | {np.mean(arousal > 0):.2f} |"
        )
    return [*lines, ""]
