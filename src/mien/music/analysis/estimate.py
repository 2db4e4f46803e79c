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
from mien.types import SPEECH, AudioFeatures

ANALYSER_VERSION = 5
"""Incremented when the same sound gives other numbers, so that libraries analyse it again."""


class DescriptorStatistics(NamedTuple):
    """The mean and the standard deviation of a descriptor over ordinary music."""

    mean: float
    deviation: float


ORDINARY: Mapping[str, DescriptorStatistics] = MappingProxyType(
    {
        "loudness_lufs": DescriptorStatistics(-16.0, 5.0),
        "low_share": DescriptorStatistics(0.40, 0.25),
        "flatness": DescriptorStatistics(0.004, 0.007),
        "spread_octaves": DescriptorStatistics(1.2, 0.37),
        "flux_db": DescriptorStatistics(0.69, 0.25),
        "onset_rate_hz": DescriptorStatistics(3.8, 1.25),
        "attack_db": DescriptorStatistics(1.5, 0.9),
        "percussive_share": DescriptorStatistics(0.45, 0.087),
        "low_onset_rate_hz": DescriptorStatistics(3.6, 1.25),
        "mode": DescriptorStatistics(0.01, 0.14),
        "key_strength": DescriptorStatistics(0.77, 0.10),
        "roughness": DescriptorStatistics(0.15, 0.08),
    }
)
"""Rounded statistics, without labels, of about 300 pieces: games' orchestral and electronic music, the starter pieces,
and the parts of the labelled set that are not held out, under three soundfonts."""


ORDINARY_TAGS: Mapping[str, DescriptorStatistics] = MappingProxyType(
    {
        "msd:ambient": DescriptorStatistics(-1.1, 0.5),
        "msd:chill": DescriptorStatistics(-1.8, 0.2),
        "msd:country": DescriptorStatistics(-2.0, 0.6),
        "msd:dance": DescriptorStatistics(-1.9, 0.4),
        "msd:experimental": DescriptorStatistics(-1.3, 0.3),
        "msd:funk": DescriptorStatistics(-2.2, 0.3),
        "msd:happy": DescriptorStatistics(-2.5, 0.2),
        "msd:oldies": DescriptorStatistics(-2.0, 0.4),
        "msd:party": DescriptorStatistics(-2.5, 0.2),
        "msd:sad": DescriptorStatistics(-2.1, 0.2),
        "mtt:fast": DescriptorStatistics(-1.3, 0.5),
        "mtt:metal": DescriptorStatistics(-2.7, 0.2),
        "mtt:quiet": DescriptorStatistics(-1.7, 0.5),
        "mtt:slow": DescriptorStatistics(-0.9, 0.4),
        "mtt:soft": DescriptorStatistics(-1.5, 0.4),
        "mtt:weird": DescriptorStatistics(-2.0, 0.6),
    }
)
"""Statistics of log10(0.001 + the strength of a tag), from the same pieces."""


class AxisModel(NamedTuple):
    """A linear model of one mood axis, bent into -1..1.

    Attributes:
        weights: The weight of each standardised descriptor.
        tags_for: The tags that count towards 1.
        tags_against: The tags that count towards -1.
        tags_weight: The weight of the mean over both kinds of tags.
        offset: What is added to the weighted sum: where the middle of the axis is among ordinary music.
        gain: The axis is tanh(gain * (offset + weighted sum)).
    """

    weights: Mapping[str, float]
    tags_for: tuple[str, ...]
    tags_against: tuple[str, ...]
    tags_weight: float
    offset: float
    gain: float


VALENCE = AxisModel(
    MappingProxyType(
        {"mode": 1.3, "key_strength": 0.8, "attack_db": 0.5, "roughness": -0.5, "low_onset_rate_hz": -0.3}
    ),
    tags_for=("msd:happy", "msd:party", "msd:funk", "msd:country", "msd:oldies"),
    tags_against=("msd:sad", "msd:ambient", "msd:experimental", "mtt:weird", "mtt:metal"),
    tags_weight=1.0,
    offset=0.6,
    gain=0.3,
)
"""Major, clear, detached, consonant and light music sounds happier (Gabrielsson and Lindström 2010)."""

AROUSAL = AxisModel(
    MappingProxyType(
        {
            "onset_rate_hz": 1.0,
            "percussive_share": 0.8,
            "flux_db": 0.5,
            "attack_db": 0.5,
            "low_onset_rate_hz": 0.5,
        }
    ),
    tags_for=("mtt:fast", "msd:dance", "msd:party"),
    tags_against=("mtt:slow", "mtt:quiet", "mtt:soft", "msd:chill"),
    tags_weight=2.0,
    offset=0.5,
    gain=0.2,
)
"""Dense, sudden, percussive music with a beating bass sounds more aroused (the same source).

Loud and bright music does too, but how loud and bright a file is depends on how it was recorded and mastered: of the
same notes under three soundfonts, brightness differs by as much as between pieces, while these measures hardly differ.
"""

_MAX_DEVIATIONS = 3.0
_USUAL_DEVIATIONS, _STRANGE_DEVIATIONS = 2.0, 8.0
_WHOLE_S = EXCERPT_COUNT * EXCERPT_S
_UNSURE_S = 1.5
_FULL_CONFIDENCE_S = 20.0
_VALENCE_DISCOUNT = 0.8
_SPEECH_PAUSES, _SPEECH_PERCUSSION, _SPEECH_KEY_STRENGTH = 0.32, 0.63, 0.8
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
    agree on and from what the tags mean; nothing was fitted. The confidence of an axis is low near its middle, where
    the side is uncertain, if the excerpts are short, and if the sound is unlike music (noise, a lone tone, silence). It
    ranks estimates; it is not the probability of being right. Speech has no confidence and the only tag ``SPEECH``.

    Raises:
        ModelError: A network is missing.
    """
    excerpts = without_silent_ends(excerpts)
    descriptors = compute_descriptors(excerpts)
    sound = compute_sound(excerpts.mono)
    tags = tags_of(sound)
    heard = _heard_share(excerpts.analysed_s)
    known = _familiarity(descriptors) * min(1.0, excerpts.analysed_s / _FULL_CONFIDENCE_S) * heard
    valence, arousal = (_on_axis(descriptors, tags, axis) for axis in (VALENCE, AROUSAL))
    speech = is_speech(descriptors)
    if speech:
        known = 0.0
    return AudioFeatures(
        tempo_bpm=descriptors.tempo_bpm,
        loudness_lufs=descriptors.loudness_lufs,
        valence=heard * valence,
        arousal=heard * arousal,
        arousal_confidence=known * _certainty(arousal),
        analyser_version=ANALYSER_VERSION,
        tonic=descriptors.tonic,
        minor=descriptors.minor,
        valence_confidence=_VALENCE_DISCOUNT * known * _certainty(valence),
        tags=(SPEECH,) if speech else words_of(tags),
        sound=encode_sound(sound),
    )


def is_speech(descriptors: Descriptors) -> bool:
    """Whether a sound is speech without music: pauses between syllables and words, broad sounds, no beat, no key.

    Speech over music is music, also if the music is 10 dB quieter.
    """
    return (
        descriptors.tempo_bpm == 0
        and descriptors.low_energy_share > _SPEECH_PAUSES
        and descriptors.percussive_share > _SPEECH_PERCUSSION
        and descriptors.key_strength < _SPEECH_KEY_STRENGTH
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
    weighted = sum(weight * _standardised(descriptors, name) for name, weight in axis.weights.items())
    return math.tanh(axis.gain * (axis.offset + weighted + axis.tags_weight * _tag_mean(tags, axis)))


def _tag_mean(tags: Tags, axis: AxisModel) -> float:
    """The mean of how unusually strong the axis's tags are, in standard deviations, with their signs."""
    signs = dict.fromkeys(axis.tags_for, 1) | dict.fromkeys(axis.tags_against, -1)
    return sum(
        sign * _clipped_deviation(math.log10(tags[name] + 0.001), ORDINARY_TAGS[name]) for name, sign in signs.items()
    ) / len(signs)


def _certainty(value: float) -> float:
    """How certain the side of an axis is: 0.5 in the middle, 1 at either end."""
    return (1 + abs(value)) / 2


def _standardised(descriptors: Descriptors, name: str) -> float:
    """How unusual a descriptor is, in standard deviations, -3..3."""
    return _clipped_deviation(getattr(descriptors, name), ORDINARY[name])


def _clipped_deviation(value: float, ordinary: DescriptorStatistics) -> float:
    return max(-_MAX_DEVIATIONS, min(_MAX_DEVIATIONS, (value - ordinary.mean) / ordinary.deviation))


def _familiarity(descriptors: Descriptors) -> float:
    """How similar to music it sounds: 1 if every descriptor is within two deviations, 0 if at most half of them do.

    A descriptor far outside, such as the flatness of noise, counts against one of the others.
    """
    away = [abs(getattr(descriptors, name) - usual.mean) / usual.deviation for name, usual in ORDINARY.items()]
    usual = sum((one <= _USUAL_DEVIATIONS) - (one > _STRANGE_DEVIATIONS) for one in away) / len(away)
    return float(max(0.0, 2 * usual - 1))
