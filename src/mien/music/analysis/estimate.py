"""Estimates the mood of a track from its sound: valence and arousal, with tempo, loudness, key and words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from mien.music.analysis.decode import EXCERPT_COUNT, EXCERPT_S, Excerpts, read_excerpts, without_silent_ends
from mien.music.analysis.descriptors import Descriptors, compute_descriptors
from mien.music.analysis.musicnn import Tags, compute_sound, tags_of
from mien.music.sound_code import encode_sound
from mien.types import AudioFeatures

ANALYSER_VERSION = 4
"""Incremented when the same sound gives other numbers, so that libraries analyse it again."""


class DescriptorStatistics(NamedTuple):
    """The mean and the standard deviation of a descriptor over ordinary music."""

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
"""Rounded statistics of about 100 pieces of freely licensed game music and of rendered piano, without labels."""


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
"""Statistics of log10(0.001 + the strength of a tag), from 157 pieces, without labels."""


class AxisModel(NamedTuple):
    """A linear model of one mood axis, bent into -1..1.

    Attributes:
        weights: The weight of each standardised descriptor.
        tags_for: The tags that count towards 1.
        tags_against: The tags that count towards -1.
        tags_weight: The weight of the mean over both kinds of tags.
        gain: The axis is tanh(gain * weighted sum).
    """

    weights: Mapping[str, float]
    tags_for: tuple[str, ...]
    tags_against: tuple[str, ...]
    tags_weight: float
    gain: float


VALENCE = AxisModel(
    MappingProxyType({"mode": 1.0, "key_strength": 0.5, "attack_db": 0.5, "low_share": -0.5, "roughness": -0.5}),
    tags_for=("msd:happy", "msd:party", "msd:funk", "msd:country", "msd:oldies"),
    tags_against=("msd:sad", "msd:ambient", "msd:experimental", "mtt:weird", "mtt:metal"),
    tags_weight=1.0,
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
        }
    ),
    tags_for=("mtt:fast", "msd:party", "msd:dance", "mtt:loud", "msd:metal"),
    tags_against=("mtt:slow", "mtt:quiet", "mtt:soft", "msd:chill", "msd:ambient"),
    tags_weight=2.0,
    gain=0.25,
)
"""Dense, sudden, rough and wide music sounds more aroused (the same source).

Loud music does too, but how loud a file is depends on how it was mastered, and people set the volume themselves.
"""

_MAX_DEVIATIONS = 3.0
_WHOLE_S = EXCERPT_COUNT * EXCERPT_S
_UNSURE_S = 1.5
_FULL_CONFIDENCE_S = 20.0
_VALENCE_DISCOUNT = 0.8
_MIN_STRENGTH = 0.15
_MAX_WORDS = 6
_HIDDEN_WORDS = frozenset(("no vocals", "no vocal", "no voice", "00s", "60s", "70s", "80s", "90s"))


def hear(path: Path | str) -> AudioFeatures:
    """Estimate the mood of a sound file from three excerpts of 20 s.

    Raises:
        AudioError: The file is missing or cannot be decoded.
        ModelError: A network is missing.
    """
    return estimate(read_excerpts(Path(path)))


def estimate(excerpts: Excerpts) -> AudioFeatures:
    """Estimate the mood of a track from excerpts of it.

    Both axes are weighted sums of standardised descriptors and of MusiCNN's tags, bent into -1..1 by tanh, with gains
    that spread ordinary music over the plane. Weights and tags were chosen by hand, from what studies of listeners
    agree on and from what the tags mean; nothing was fitted. ``confidence`` is low if the excerpts are short, if the
    sound is unlike music (noise, a lone tone, silence), and if descriptors and tags disagree; the valence's is the
    lower one. It is not the probability that the estimate is right.

    Raises:
        ModelError: A network is missing.
    """
    excerpts = without_silent_ends(excerpts)
    descriptors = compute_descriptors(excerpts)
    sound = compute_sound(excerpts.mono)
    tags = tags_of(sound)
    heard = _heard_share(excerpts.analysed_s)
    known = _familiarity(descriptors) * min(1.0, excerpts.analysed_s / _FULL_CONFIDENCE_S) * heard
    confidence = known * _agreement(descriptors, tags, AROUSAL)
    return AudioFeatures(
        tempo_bpm=descriptors.tempo_bpm,
        loudness_lufs=descriptors.loudness_lufs,
        valence=heard * _on_axis(descriptors, tags, VALENCE),
        arousal=heard * _on_axis(descriptors, tags, AROUSAL),
        arousal_confidence=confidence,
        analyser_version=ANALYSER_VERSION,
        tonic=descriptors.tonic,
        minor=descriptors.minor,
        valence_confidence=min(confidence, _VALENCE_DISCOUNT * known * _agreement(descriptors, tags, VALENCE)),
        tags=words_of(tags),
        sound=encode_sound(sound),
    )


def words_of(tags: Tags) -> tuple[str, ...]:
    """At most six words that fit a track, the strongest first, each once."""
    strengths: dict[str, float] = {}
    for name, strength in tags.items():
        word = name.partition(":")[2].lower()
        if word not in _HIDDEN_WORDS:
            strengths[word] = max(strengths.get(word, 0.0), strength)
    fitting = sorted((word for word in strengths if strengths[word] >= _MIN_STRENGTH), key=lambda w: -strengths[w])
    return tuple(fitting[:_MAX_WORDS])


def _heard_share(analysed_s: float) -> float:
    """How far an estimate may be from the middle of an axis: 1 for a minute of music, two thirds for three seconds.

    A few seconds say little about the rest of a track, so that the best guess is nearer to what most tracks are.
    """
    return (_WHOLE_S + _UNSURE_S) / _WHOLE_S * analysed_s / (analysed_s + _UNSURE_S)


def _on_axis(descriptors: Descriptors, tags: Tags, axis: AxisModel) -> float:
    return math.tanh(axis.gain * (_descriptor_sum(descriptors, axis) + axis.tags_weight * _tag_mean(tags, axis)))


def _descriptor_sum(descriptors: Descriptors, axis: AxisModel) -> float:
    """The weighted sum of the descriptors, in standard deviations."""
    return sum(weight * _standardised(descriptors, name) for name, weight in axis.weights.items())


def _tag_mean(tags: Tags, axis: AxisModel) -> float:
    """The mean of how unusually strong the axis's tags are, in standard deviations, with their signs."""
    signs = dict.fromkeys(axis.tags_for, 1) | dict.fromkeys(axis.tags_against, -1)
    return sum(
        sign * _clipped_deviation(math.log10(tags[name] + 0.001), ORDINARY_TAGS[name]) for name, sign in signs.items()
    ) / len(signs)


def _agreement(descriptors: Descriptors, tags: Tags, axis: AxisModel) -> float:
    """1 if descriptors and tags put a track at the same point of an axis, 0.5 if at opposite ends."""
    apart = math.tanh(axis.gain * _descriptor_sum(descriptors, axis)) - math.tanh(_tag_mean(tags, axis))
    return 1 - abs(apart) / 4


def _standardised(descriptors: Descriptors, name: str) -> float:
    """How unusual a descriptor is, in standard deviations, -3..3."""
    return _clipped_deviation(getattr(descriptors, name), ORDINARY[name])


def _clipped_deviation(value: float, ordinary: DescriptorStatistics) -> float:
    return max(-_MAX_DEVIATIONS, min(_MAX_DEVIATIONS, (value - ordinary.mean) / ordinary.deviation))


def _familiarity(descriptors: Descriptors) -> float:
    """How similar to music it sounds: 1 if every descriptor is within two deviations, 0 if at most half of them do."""
    usual = sum(abs(_standardised(descriptors, name)) <= 2 for name in ORDINARY) / len(ORDINARY)
    return max(0.0, 2 * usual - 1)
