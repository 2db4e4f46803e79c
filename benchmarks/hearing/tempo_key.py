"""How often tempo and key are right: against the scores' tempi, and between soundfonts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from benchmarks.hearing.analyses import Analysed
from training.hearing.genres import Genre

TOLERANCE = 0.04
_FACTORS = (1.0, 2.0, 0.5, 3.0, 1 / 3, 1.5, 2 / 3)


def is_tempo(found_bpm: float, true_bpm: float, *factors: float) -> bool:
    """Whether a tempo is within 4 % of the true one times one of the factors."""
    return any(abs(found_bpm / (true_bpm * factor) - 1) <= TOLERANCE for factor in factors)


def tempo_table(pieces: Sequence[Analysed], peers: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Right tempi of mien and of peers, on pieces whose tempo is known.

    Args:
        pieces: The pieces.
        peers: For each peer the tempo of each file, by its path.
    """
    timed = [one for one in pieces if one.tempo_bpm]
    answers = {"mien": {str(one.path): one.features.tempo_bpm for one in timed}, **peers}
    lines = [
        f"Tempo of {len(timed)} renderings whose scores state it (within 4 %):",
        "",
        "| | claimed | exact, of those claimed | up to an octave | 165 and more: exact | below 70: exact |",
        "|---|---|---|---|---|---|",
    ]
    for name, tempi in answers.items():
        found = [(tempi[str(one.path)], float(one.tempo_bpm or 0)) for one in timed if tempi.get(str(one.path))]
        cells = [f"{len(found) / len(timed):.2f}", _share([is_tempo(bpm, true, 1.0) for bpm, true in found])]
        cells.append(_share([is_tempo(bpm, true, 1.0, 2.0, 0.5) for bpm, true in found]))
        cells.append(_share([is_tempo(bpm, true, 1.0) for bpm, true in found if true >= 165]))
        cells.append(_share([is_tempo(bpm, true, 1.0) for bpm, true in found if true < 70]))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def key_line(pieces: Sequence[Analysed]) -> str:
    """How often a piece has the same key under two soundfonts."""
    same = total = claimed = 0
    for name in dict.fromkeys(one.name for one in pieces):
        keys = [(one.features.tonic, one.features.minor) for one in pieces if one.name == name]
        for one, other in combinations(keys, 2):
            total += 1
            if one[0] is not None and other[0] is not None:
                claimed += 1
                same += one == other
    if not total:
        return "- same key under two soundfonts: not measured, VGMIDI is missing"
    return (
        f"- same key under two soundfonts: {same / max(1, claimed):.2f} of {claimed} pairs in which both have a key "
        f"({claimed / total:.2f} of all pairs)"
    )


def _share(right: Sequence[bool]) -> str:
    return f"{np.mean(right):.2f} of {len(right)}" if right else "none"


def beatless(pieces: Sequence[Analysed]) -> str:
    """How often a tempo is claimed for genres that may have no clear beat."""
    chosen = [one for one in pieces if one.genre in (Genre.ELEGY, Genre.HYMN)]
    claimed = [one for one in chosen if one.features.tempo_bpm]
    wrong = [one for one in claimed if not is_tempo(one.features.tempo_bpm, one.tempo_bpm or math.inf, *_FACTORS)]
    return f"- elegies and hymns: {len(claimed)} of {len(chosen)} claim a tempo, {len(wrong)} of them an unrelated one"
