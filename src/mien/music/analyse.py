"""Hears the mood of a piece: how pleasant (valence) and how stirring (arousal) it sounds, and how fast it goes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from mien.music.decode import Excerpts, read_excerpts
from mien.music.descriptors import Descriptors, describe
from mien.types import AudioFeatures

ANALYSER_VERSION = 1
"""Raised whenever the same sound would give other numbers, so that libraries know what to hear again."""


class Ordinary(NamedTuple):
    """What is usual for a descriptor in music: its mean and its standard deviation."""

    mean: float
    deviation: float


ORDINARY: Mapping[str, Ordinary] = MappingProxyType(
    {
        "loudness_lufs": Ordinary(-16.0, 5.0),
        "low_share": Ordinary(0.50, 0.20),
        "flatness": Ordinary(0.006, 0.006),
        "spread_octaves": Ordinary(1.25, 0.25),
        "flux_db": Ordinary(0.95, 0.35),
        "onset_rate_hz": Ordinary(3.8, 1.2),
        "attack_db": Ordinary(2.3, 1.4),
        "mode": Ordinary(0.0, 0.09),
        "key_strength": Ordinary(0.74, 0.10),
        "roughness": Ordinary(0.18, 0.08),
    }
)
"""Rounded figures from about 100 pieces of freely licensed game music and from rendered piano; no labels were used."""


class Axis(NamedTuple):
    """How an axis of mood follows from descriptors: their weights, and how steeply the sum leads to the extremes."""

    weights: Mapping[str, float]
    gain: float


VALENCE = Axis(
    MappingProxyType({"mode": 1.0, "key_strength": 0.5, "attack_db": 0.5, "low_share": -0.5, "roughness": -0.5}),
    gain=0.45,
)
"""Major, clear, detached, light and consonant music sounds happier (Gabrielsson and Lindström 2010)."""

AROUSAL = Axis(
    MappingProxyType(
        {
            "onset_rate_hz": 1.0,
            "flux_db": 0.5,
            "attack_db": 0.5,
            "roughness": 0.5,
            "spread_octaves": 0.5,
            "loudness_lufs": 0.5,
        }
    ),
    gain=0.25,
)
"""Dense, sudden, rough, wide and loud music sounds more stirring (the same)."""

_FAR = 3.0
_ENOUGH_S = 20.0


def hear(path: Path | str) -> AudioFeatures:
    """Estimate the mood of a sound file from three excerpts of 20 s; raises ``AudioError`` where nothing is heard."""
    return estimate(read_excerpts(Path(path)))


def estimate(excerpts: Excerpts) -> AudioFeatures:
    """Estimate the mood of what was read of a piece.

    Both axes are weighted sums of standardised descriptors, bent into -1..1 by tanh, with gains that spread ordinary
    music over the plane. The weights were set by hand from what studies of listeners agree on; they were fitted to
    nothing. ``confidence`` is low where little was heard, and where the sound is unlike music (noise, a lone tone,
    silence); it does not say how likely the estimate is right.
    """
    described = describe(excerpts)
    return AudioFeatures(
        tempo_bpm=described.tempo_bpm,
        loudness_lufs=described.loudness_lufs,
        valence=_on_axis(described, VALENCE),
        arousal=_on_axis(described, AROUSAL),
        confidence=_familiarity(described) * min(1.0, excerpts.heard_s / _ENOUGH_S),
        analyser_version=ANALYSER_VERSION,
    )


def _on_axis(described: Descriptors, axis: Axis) -> float:
    return math.tanh(axis.gain * sum(weight * _standard(described, name) for name, weight in axis.weights.items()))


def _standard(described: Descriptors, name: str) -> float:
    """How unusual a descriptor is, in standard deviations, at most three either way."""
    value: float = getattr(described, name)
    ordinary = ORDINARY[name]
    return max(-_FAR, min(_FAR, (value - ordinary.mean) / ordinary.deviation))


def _familiarity(described: Descriptors) -> float:
    """How like music a sound is: 1 with every descriptor within two deviations of the usual, 0 with half of them."""
    usual = sum(abs(_standard(described, name)) <= 2 for name in ORDINARY) / len(ORDINARY)
    return max(0.0, 2 * usual - 1)
