"""Hears the mood of a piece: how pleasant (valence) and how stirring (arousal) it sounds, how fast, in what key."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from mien.music.analysis.decode import Excerpts, read_excerpts
from mien.music.analysis.descriptors import Descriptors, describe
from mien.music.analysis.musicnn import Tags, hear_tags
from mien.types import AudioFeatures

ANALYSER_VERSION = 2
"""Raised whenever the same sound would give other numbers, so that libraries know what to hear again."""


class DescriptorStatistics(NamedTuple):
    """What is usual for a descriptor in music: its mean and its standard deviation."""

    mean: float
    deviation: float


ORDINARY: Mapping[str, DescriptorStatistics] = MappingProxyType(
    {
        "loudness_lufs": DescriptorStatistics(-16.0, 5.0),
        "low_share": DescriptorStatistics(0.50, 0.20),
        "flatness": DescriptorStatistics(0.006, 0.006),
        "spread_octaves": DescriptorStatistics(1.25, 0.25),
        "flux_db": DescriptorStatistics(0.95, 0.35),
        "onset_rate_hz": DescriptorStatistics(3.8, 1.2),
        "attack_db": DescriptorStatistics(2.3, 1.4),
        "mode": DescriptorStatistics(0.0, 0.11),
        "key_strength": DescriptorStatistics(0.76, 0.09),
        "roughness": DescriptorStatistics(0.18, 0.08),
    }
)
"""Rounded figures from about 100 pieces of freely licensed game music and from rendered piano; no labels were used."""


ORDINARY_TAGS: Mapping[str, DescriptorStatistics] = MappingProxyType(
    {
        "msd:ambient": DescriptorStatistics(-1.2, 0.5),
        "msd:chill": DescriptorStatistics(-1.9, 0.2),
        "msd:country": DescriptorStatistics(-1.8, 0.5),
        "msd:dance": DescriptorStatistics(-1.9, 0.3),
        "msd:experimental": DescriptorStatistics(-1.4, 0.3),
        "msd:funk": DescriptorStatistics(-2.1, 0.4),
        "msd:happy": DescriptorStatistics(-2.4, 0.2),
        "msd:metal": DescriptorStatistics(-1.9, 0.3),
        "msd:oldies": DescriptorStatistics(-1.9, 0.3),
        "msd:party": DescriptorStatistics(-2.5, 0.2),
        "msd:sad": DescriptorStatistics(-2.0, 0.2),
        "mtt:fast": DescriptorStatistics(-1.4, 0.5),
        "mtt:loud": DescriptorStatistics(-1.9, 0.3),
        "mtt:metal": DescriptorStatistics(-2.7, 0.2),
        "mtt:quiet": DescriptorStatistics(-1.7, 0.5),
        "mtt:slow": DescriptorStatistics(-0.8, 0.4),
        "mtt:soft": DescriptorStatistics(-1.4, 0.4),
        "mtt:weird": DescriptorStatistics(-2.1, 0.5),
    }
)
"""The same for the decimal logarithm of 0.001 plus how strongly a word fits: from 157 pieces, without labels."""


class AxisModel(NamedTuple):
    """How an axis of mood follows from what was heard.

    ``weights`` of descriptors, the words that speak ``for`` it and ``against`` it, whose mean counts ``words_weight``,
    and how steeply the sum of it all leads to the extremes.
    """

    weights: Mapping[str, float]
    words_for: tuple[str, ...]
    words_against: tuple[str, ...]
    words_weight: float
    gain: float


VALENCE = AxisModel(
    MappingProxyType({"mode": 1.0, "key_strength": 0.5, "attack_db": 0.5, "low_share": -0.5, "roughness": -0.5}),
    words_for=("msd:happy", "msd:party", "msd:funk", "msd:country", "msd:oldies"),
    words_against=("msd:sad", "msd:ambient", "msd:experimental", "mtt:weird", "mtt:metal"),
    words_weight=2.0,
    gain=0.3,
)
"""Major, clear, detached, light and consonant music sounds happier (Gabrielsson and Lindström 2010)."""

AROUSAL = AxisModel(
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
    words_for=("mtt:fast", "msd:party", "msd:dance", "mtt:loud", "msd:metal"),
    words_against=("mtt:slow", "mtt:quiet", "mtt:soft", "msd:chill", "msd:ambient"),
    words_weight=2.0,
    gain=0.25,
)
"""Dense, sudden, rough, wide and loud music sounds more stirring (the same)."""

_FAR = 3.0
_ENOUGH_S = 20.0
_VALENCE_DOUBT = 0.8
_SURE = 0.15
_WORDS_MOST = 6
_UNTOLD = frozenset(("no vocals", "no vocal", "no voice", "00s", "60s", "70s", "80s", "90s"))


def hear(path: Path | str) -> AudioFeatures:
    """Estimate the mood of a sound file from three excerpts of 20 s; raises ``AudioError`` where nothing is heard."""
    return estimate(read_excerpts(Path(path)))


def estimate(excerpts: Excerpts) -> AudioFeatures:
    """Estimate the mood of what was read of a piece; raises ``ModelError`` when a network is missing.

    Both axes are weighted sums of standardised descriptors and of words that MusiCNN hears, bent into -1..1 by tanh,
    with gains that spread ordinary music over the plane. Weights and words were chosen by hand, for what studies of
    listeners agree on and for what the words mean; they were fitted to nothing. ``confidence`` is low where little was
    heard, where the sound is unlike music (noise, a lone tone, silence), and where descriptors and words disagree; that
    of the valence is the lower one. It does not say how likely the estimate is right.
    """
    described = describe(excerpts)
    tags = hear_tags([part.mean(axis=0) for part in excerpts.parts])
    known = _familiarity(described) * min(1.0, excerpts.heard_s / _ENOUGH_S)
    confidence = known * _agreement(described, tags, AROUSAL)
    return AudioFeatures(
        tempo_bpm=described.tempo_bpm,
        loudness_lufs=described.loudness_lufs,
        valence=_on_axis(described, tags, VALENCE),
        arousal=_on_axis(described, tags, AROUSAL),
        confidence=confidence,
        analyser_version=ANALYSER_VERSION,
        tonic=described.tonic,
        minor=described.minor,
        valence_confidence=min(confidence, _VALENCE_DOUBT * known * _agreement(described, tags, VALENCE)),
        tags=words_of(tags),
    )


def words_of(tags: Tags) -> tuple[str, ...]:
    """At most six words that fit a piece, the surest first; what both networks say is said once."""
    strengths: dict[str, float] = {}
    for name, strength in tags.items():
        word = name.partition(":")[2].lower()
        if word not in _UNTOLD:
            strengths[word] = max(strengths.get(word, 0.0), strength)
    fitting = sorted((word for word in strengths if strengths[word] >= _SURE), key=lambda word: -strengths[word])
    return tuple(fitting[:_WORDS_MOST])


def _on_axis(described: Descriptors, tags: Tags, axis: AxisModel) -> float:
    return math.tanh(axis.gain * (_described(described, axis) + axis.words_weight * _worded(tags, axis)))


def _described(described: Descriptors, axis: AxisModel) -> float:
    """What the descriptors say, in standard deviations."""
    return sum(weight * _standard(described, name) for name, weight in axis.weights.items())


def _worded(tags: Tags, axis: AxisModel) -> float:
    """What the words say: the mean of how unusually strong they are, in standard deviations."""
    signs = dict.fromkeys(axis.words_for, 1) | dict.fromkeys(axis.words_against, -1)
    return sum(sign * _bounded(math.log10(tags[name] + 0.001), ORDINARY_TAGS[name]) for name, sign in signs.items()) / (
        len(signs)
    )


def _agreement(described: Descriptors, tags: Tags, axis: AxisModel) -> float:
    """1 where descriptors and words put a piece at the same place on an axis, 0.5 where at opposite ends."""
    apart = math.tanh(axis.gain * _described(described, axis)) - math.tanh(_worded(tags, axis))
    return 1 - abs(apart) / 4


def _standard(described: Descriptors, name: str) -> float:
    """How unusual a descriptor is, in standard deviations, at most three either way."""
    return _bounded(getattr(described, name), ORDINARY[name])


def _bounded(value: float, ordinary: DescriptorStatistics) -> float:
    return max(-_FAR, min(_FAR, (value - ordinary.mean) / ordinary.deviation))


def _familiarity(described: Descriptors) -> float:
    """How like music a sound is: 1 with every descriptor within two deviations of the usual, 0 with half of them."""
    usual = sum(abs(_standard(described, name)) <= 2 for name in ORDINARY) / len(ORDINARY)
    return max(0.0, 2 * usual - 1)
