"""Puts the reasons for a pick into words: "calm and dark, 72 bpm, close to your mood"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mien.types import Reason, ReasonKind

_Scale = tuple[tuple[float, str], ...]
"""Upper bounds in rising order, each with the word for values below it; the last bound is infinity."""

_VALENCE_WORDS: Final[_Scale] = ((-0.25, "dark"), (0.25, ""), (float("inf"), "bright"))
_AROUSAL_WORDS: Final[_Scale] = ((-0.25, "calm"), (0.25, "steady"), (float("inf"), "lively"))
_DISTANCE_WORDS: Final[_Scale] = (
    (0.15, "very close to"),
    (0.35, "close to"),
    (0.6, "not far from"),
    (float("inf"), "far from"),
)
_GOAL_WORDS: Final[Mapping[str, str]] = {
    "match": "your mood",
    "lift": "a brighter mood",
    "calm": "calm",
    "focus": "focus",
    "energise": "energy",
    "contrast": "the contrast",
}
_TASTE_WORDS: Final[Mapping[ReasonKind, tuple[str, str]]] = {
    ReasonKind.ARTIST_TASTE: ("an artist you like", "although you often skip this artist"),
    ReasonKind.STYLE_TASTE: ("a style you like", "although you often skip this style"),
    ReasonKind.TEMPO_TASTE: ("a tempo you like", "although you often skip this tempo"),
    ReasonKind.MOOD_TASTE: ("a mood you like", "although you often skip such moods"),
}


def reason_words(reasons: Sequence[Reason]) -> str:
    """All reasons in one line, separated by commas."""
    return ", ".join(reason_clauses(reasons))


def reason_clauses(reasons: Sequence[Reason]) -> list[str]:
    """The reasons as clauses, each of which makes sense by itself."""
    return list(filter(None, _clauses(reasons)))


def _clauses(reasons: Sequence[Reason]) -> Iterator[str]:
    kinds = {reason.kind for reason in reasons}
    numbers = {reason.kind: reason.value for reason in reasons if isinstance(reason.value, int | float)}
    goals = (str(reason.value) for reason in reasons if reason.kind is ReasonKind.GOAL)
    goal = next((_GOAL_WORDS.get(name, f"“{name}”") for name in goals), "")
    sound = (
        _word(_AROUSAL_WORDS, numbers.get(ReasonKind.AROUSAL)),
        _word(_VALENCE_WORDS, numbers.get(ReasonKind.VALENCE)),
    )
    yield " and ".join(filter(None, sound)) + (" for your library" if ReasonKind.IN_LIBRARY in kinds else "")
    if ReasonKind.TEMPO in numbers:
        yield f"{numbers[ReasonKind.TEMPO]:.0f} bpm"
    shared = [
        words for kind, words in ((ReasonKind.SAME_TEMPO, "tempo"), (ReasonKind.SAME_KEY, "key")) if kind in kinds
    ]
    if shared:
        yield f"same {' and '.join(shared)} as the previous track"
    if ReasonKind.MOOD_FIT in numbers:
        yield f"{_word(_DISTANCE_WORDS, numbers[ReasonKind.MOOD_FIT])} your mood"
    if ReasonKind.ROUTE_FIT in numbers:
        yield f"{_word(_DISTANCE_WORDS, numbers[ReasonKind.ROUTE_FIT])} the route"
    if ReasonKind.PROGRESS in numbers:
        yield f"{numbers[ReasonKind.PROGRESS]:.0%} of the way to {goal}"
    if ReasonKind.GOAL_FIT in numbers:
        yield f"{_word(_DISTANCE_WORDS, numbers[ReasonKind.GOAL_FIT])} {goal}"
    if ReasonKind.SIMILAR in kinds:
        yield "much like what you asked for"
    yield from (f"as asked: {reason.value}" for reason in reasons if reason.kind is ReasonKind.REQUESTED)
    for kind, (liked, skipped) in _TASTE_WORDS.items():
        if kind in numbers:
            yield liked if numbers[kind] > 0 else skipped
    if ReasonKind.RECENTLY_PLAYED in kinds:
        yield "played not long ago"


def _word(scale: _Scale, value: float | None) -> str:
    return "" if value is None else next(word for bound, word in scale if value < bound)
