"""Analyses of sound files, with the CPU time that each took."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from mien.music.analysis.decode import read_excerpts
from mien.music.analysis.estimate import estimate
from mien.types import AudioFeatures
from training.hearing.genres import Genre


@dataclass(frozen=True, slots=True)
class Analysed:
    """One file as mien hears it, and what is known about it.

    Attributes:
        name: What the piece is called.
        path: The file.
        soundfont: What it was rendered with; empty for a recording.
        features: mien's estimate.
        cpu_s: The CPU time from the file to the estimate.
        pleasant: Whether its valence is above the middle; None if unknown.
        stirring: Whether its arousal is above the middle; None if unknown.
        genre: The genre of a piece that was written for one.
        tempo_bpm: The tempo it was written in; None if unknown.
    """

    name: str
    path: Path
    soundfont: str
    features: AudioFeatures
    cpu_s: float
    pleasant: bool | None = None
    stirring: bool | None = None
    genre: Genre | None = None
    tempo_bpm: float | None = None


def hear_timed(path: Path) -> tuple[AudioFeatures, float]:
    """A file's estimate, and the CPU time that decoding and analysing it took, in seconds."""
    begin = time.process_time()
    features = estimate(read_excerpts(path))
    return features, time.process_time() - begin
