"""Chooses the music that fits a mood, and says why: from types alone, without files, clock or state."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.types import AudioFeatures, Mood, Pick, Station, Track

_NOISE_LEAST = 0.02
_NOISE_SHARE = 1 / 8
_SAME_ARTIST = 0.4
_FADE = 0.7
_PLAYED = 1.5
_PLAYED_HALF_LIFE = 15.0
_DOUBT = 0.5

_Values = NDArray[np.float64]


def recommend(
    mood: Mood,
    tracks: Sequence[Track],
    *,
    count: int = 20,
    history: Sequence[str] = (),
    rng: np.random.Generator | None = None,
) -> Station:
    """Choose up to ``count`` tracks near ``mood`` on the valence-arousal plane, each once.

    At every place of the list each track that is left has a utility: minus its distance from the mood,

    - less 0.4 when the track before is by the same artist, 0.7 times as much for each place between; and less,
      by the square of the artist's share of the tracks, for one who made most of them and cannot be spaced;
    - less 1.5 when it was the last one played, half as much for every 15 that were played since; ``history`` holds the
      ids of played tracks, the latest last;
    - less half the square of what its confidence lacks to 1, so that noises and jingles stay behind music.

    Tracks without features are left out, and so is a song of the same artist and title as one that was chosen.

    With ``rng`` the choice is a draw: Gumbel noise of a scale s is added to the utilities and the highest wins, which
    takes track i with the probability softmax(utility / s)[i]. That probability, over the tracks left at that place
    and given the places before it, is the pick's ``propensity``. s is an eighth of how much farther the ``count``-th
    nearest track is than the nearest, and at least 0.02: so evenings differ with few tracks, and moods fit with many.
    Without ``rng`` the best always wins, with propensity 1. A pick's ``score`` is exp(utility): 1 for a track that is
    just the mood and bears no malus.
    """
    pool = [(track, track.features) for track in tracks if track.features is not None]
    played = _played_malus([track.id for track, _ in pool], history)
    artists = _codes(track.artist.casefold() or track.id for track, _ in pool)
    songs = _codes((track.artist.casefold(), track.title.casefold()) if track.artist else track.id for track, _ in pool)
    place = np.array([(features.valence, features.arousal) for _, features in pool], np.float64).reshape(-1, 2)
    doubt = _DOUBT * np.array([1 - features.confidence for _, features in pool], np.float64) ** 2
    distance = np.hypot(place[:, 0] - mood.valence, place[:, 1] - mood.arousal)
    noise = _noise_scale(distance, count)
    spacing = _SAME_ARTIST * (1 - (np.bincount(artists) / max(len(pool), 1)) ** 2)[artists]
    last_place = np.full(int(artists.max(initial=-1)) + 1, -np.inf)
    left = np.ones(len(pool), bool)
    picks: list[Pick] = []
    while len(picks) < count and left.any():
        since = len(picks) - last_place[artists]
        crowded = spacing * _FADE ** (since - 1)
        utility = np.where(left, -distance - crowded - played - doubt, -np.inf)
        chosen, propensity = _draw(utility, noise, rng)
        track, features = pool[chosen]
        reason = _reason(features, distance=float(distance[chosen]), played=float(played[chosen]))
        picks.append(Pick(track, float(np.exp(utility[chosen])), propensity, reason))
        last_place[artists[chosen]] = len(picks) - 1
        left &= songs != songs[chosen]
    return Station(goal=mood, path=(mood,) * len(picks), picks=tuple(picks))


def _noise_scale(distance: _Values, count: int) -> float:
    nearest = np.sort(distance)[: max(count, 0)]
    return max(_NOISE_LEAST, _NOISE_SHARE * float(np.ptp(nearest))) if nearest.size else _NOISE_LEAST


def _draw(utility: _Values, noise: float, rng: np.random.Generator | None) -> tuple[int, float]:
    """An index and the probability with which it is drawn; utilities of minus infinity never are."""
    if rng is None:
        return int(np.argmax(utility)), 1.0
    scaled = (utility - utility.max()) / noise
    chosen = int(np.argmax(scaled + rng.gumbel(size=utility.size)))
    weights = np.exp(scaled)
    return chosen, float(weights[chosen] / weights.sum())


def _played_malus(ids: Sequence[str], history: Sequence[str]) -> _Values:
    ago = {track_id: len(history) - 1 - i for i, track_id in enumerate(history)}
    malus = {track_id: _PLAYED * 0.5 ** (since / _PLAYED_HALF_LIFE) for track_id, since in ago.items()}
    return np.array([malus.get(track_id, 0.0) for track_id in ids], np.float64)


def _codes(keys: Iterable[Hashable]) -> NDArray[np.intp]:
    """The same small number for equal keys."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.intp)


class _Words(NamedTuple):
    below: float
    words: str


_VALENCE_WORDS = (_Words(-0.25, "dark"), _Words(0.25, ""), _Words(np.inf, "bright"))
_AROUSAL_WORDS = (_Words(-0.25, "calm"), _Words(0.25, "steady"), _Words(np.inf, "lively"))
_DISTANCE_WORDS = (
    _Words(0.15, "very close to your mood"),
    _Words(0.4, "close to your mood"),
    _Words(0.8, "not far from your mood"),
    _Words(np.inf, "far from your mood"),
)


def _reason(features: AudioFeatures, *, distance: float, played: float) -> str:
    """In words, from the numbers that chose the track: "calm and dark, 72 bpm, close to your mood"."""
    sound = " and ".join(
        filter(None, (_word(_AROUSAL_WORDS, features.arousal), _word(_VALENCE_WORDS, features.valence)))
    )
    tempo = f"{features.tempo_bpm:.0f} bpm" if features.tempo_bpm > 0 else ""
    again = "played not long ago" if played > _PLAYED / 4 else ""
    return ", ".join(filter(None, (sound, tempo, _word(_DISTANCE_WORDS, distance), again)))


def _word(scale: Sequence[_Words], value: float) -> str:
    return next(words for below, words in scale if value < below)
