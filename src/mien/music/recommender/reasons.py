"""Says in words why a track was chosen, from the numbers that chose it: "calm and dark, 72 bpm, close to your mood"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from mien.music.recommender.goals import Goal
from mien.types import AudioFeatures

_PLAYED_LEAST: Final = 0.375
_TASTE_LEAST: Final = 0.03
_SAME_TEMPO_OCTAVES: Final = 0.06
_ALIKE_LEAST: Final = -0.1


class _Words(NamedTuple):
    below: float
    words: str


_VALENCE_WORDS: Final = (_Words(-0.25, "dark"), _Words(0.25, ""), _Words(np.inf, "bright"))
_AROUSAL_WORDS: Final = (_Words(-0.25, "calm"), _Words(0.25, "steady"), _Words(np.inf, "lively"))
_FIT_WORDS: Final = (
    _Words(0.15, "very close to"),
    _Words(0.4, "close to"),
    _Words(0.8, "not far from"),
    _Words(np.inf, "far from"),
)
_LIKED: Final[Mapping[str, str]] = {
    "artist": "an artist you like",
    "words": "the kind of music you like",
    "tempo": "a pace you like",
    "sound": "a mood you like",
}
_UNLIKED: Final[Mapping[str, str]] = {
    "artist": "though you often skip the artist",
    "words": "though you often skip its kind",
    "tempo": "though you often skip its pace",
    "sound": "though you often skip such moods",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonInputs:
    """The numbers of one pick: ``fit``, ``again`` and ``likeness`` as in ``UtilityTerms``, and each part of ``taste``.

    ``led`` is how much of the way to ``goal`` lies behind, 0..1; ``tempo_octaves`` the jump from the track before, None
    for the first and without a beat; ``key_clash`` 0..1, None where a key is unknown; ``likeness`` None where nothing
    was to be alike.
    """

    goal: Goal
    led: float
    fit: float
    again: float
    tempo_octaves: float | None
    key_clash: float | None
    likeness: float | None
    taste: Mapping[str, float]


def reason(features: AudioFeatures, grounds: ReasonInputs) -> str:
    """In words, the weightiest of it: how it sounds, how fast, where on the way, what follows on, what is liked."""
    clauses = (
        _sound(features),
        _pace(features, grounds),
        _position(grounds),
        "much like what you asked for" if grounds.likeness is not None and grounds.likeness > _ALIKE_LEAST else "",
        _liking(grounds.taste),
        "played not long ago" if -grounds.again > _PLAYED_LEAST else "",
    )
    return ", ".join(filter(None, clauses))


def _sound(features: AudioFeatures) -> str:
    words = (_word(_AROUSAL_WORDS, features.arousal), _word(_VALENCE_WORDS, features.valence))
    return " and ".join(filter(None, words))


def _pace(features: AudioFeatures, grounds: ReasonInputs) -> str:
    tempo = f"{features.tempo_bpm:.0f} bpm" if features.tempo_bpm > 0 else ""
    same_tempo = grounds.tempo_octaves is not None and grounds.tempo_octaves < _SAME_TEMPO_OCTAVES
    same_key = grounds.key_clash == 0
    after = {(True, True): "in pace and key with the last", (True, False): "in pace with the last"}
    return ", ".join(
        filter(None, (tempo, after.get((same_tempo, same_key), "in key with the last" if same_key else "")))
    )


def _position(grounds: ReasonInputs) -> str:
    """Which mood it is close to: the person's, one on the way, or the goal's."""
    fit = _word(_FIT_WORDS, -grounds.fit)
    if grounds.goal is Goal.MATCH or grounds.led == 0:
        return f"{fit} your mood"
    if grounds.led >= 1:
        return f"{fit} {grounds.goal.words}"
    return f"{fit} the path, {grounds.led:.0%} of the way to {grounds.goal.words}"


def _liking(taste: Mapping[str, float]) -> str:
    """The part of taste that moved the choice most, if it moved it."""
    part = max(taste, key=lambda name: abs(taste[name]), default=None)
    if part is None or abs(taste[part]) < _TASTE_LEAST:
        return ""
    return _LIKED[part] if taste[part] > 0 else _UNLIKED[part]


def _word(scale: Sequence[_Words], value: float) -> str:
    return next(words for below, words in scale if value < below)
