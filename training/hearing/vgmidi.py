"""VGMIDI's labels, and its split by series.

VGMIDI (Ferreira and Whitehead 2019) is game music for piano with human labels for valence and arousal. It states no
licence: it stays outside the repository, in ../shared/data/music/vgmidi, and nothing that ships is fitted to it. All
its files state 120 beats a minute, so they say nothing about the tempo.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from training.hearing.genres import is_held_out

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "music" / "vgmidi"


@dataclass(frozen=True, slots=True)
class RatedPiece:
    """A piece that people rated, and whether its series is held out."""

    midi: Path
    series: str
    pleasant: bool
    stirring: bool
    held_out: bool


def rated_pieces(folder: Path = DATA) -> tuple[RatedPiece, ...]:
    """All pieces; none if the data is missing."""
    labels = folder / "labels.csv"
    if not labels.is_file():
        return ()
    with labels.open(encoding="utf-8") as file:
        return tuple(
            RatedPiece(
                folder / "midi" / row["file"],
                row["series"],
                int(row["valence"]) > 0,
                int(row["arousal"]) > 0,
                is_held_out(row["series"]),
            )
            for row in csv.DictReader(file)
        )
