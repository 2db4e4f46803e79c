"""Says in English what a part of a request was understood as: "no vocals", "1980 to 1989"."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import Final

from mien.music.requests.request import Meaning, PartKind, RequestPart

_NAMES: Final = MappingProxyType(
    {
        "long-ago": "not heard for long",
        "unheard": "not heard yet",
        "recent": "heard lately",
        "favourites": "your favourites",
        "clean": "no explicit lyrics",
        "r-and-b": "R&B",
    }
)
_OLDEST: Final = 1000
_FASTEST_BPM: Final = 300


def part_words(part: RequestPart) -> str:
    """What a part was understood as, in a few words."""
    words = _words(part.meaning)
    if part.negated:
        plain = part.kind in {PartKind.SOUND, PartKind.GENRE, PartKind.LANGUAGE}
        return f"no {words}" if plain else f"not {words}"
    if part.kind in {PartKind.MOOD, PartKind.TEMPO} and part.degree != 1:
        return f"{'a bit' if part.degree < 1 else 'very'} {words}"
    return words


def _words(meaning: Meaning) -> str:
    name = _NAMES.get(meaning.name, meaning.name.replace("-", " "))
    match meaning.kind:
        case PartKind.YEARS if meaning.years is not None:
            return _years(*meaning.years)
        case PartKind.TEMPO if meaning.tempo_bpm is not None and meaning.name.endswith("bpm"):
            return _tempo(*meaning.tempo_bpm)
        case PartKind.KEY:
            return meaning.name.replace("-", " ")
        case PartKind.ARTIST:
            return f"{'like' if meaning.similar else 'by'} {meaning.artist}"
        case PartKind.LENGTH if meaning.minutes is not None:
            return f"{meaning.minutes:g} minutes in all"
        case PartKind.LENGTH if meaning.count is not None:
            return f"{meaning.count} tracks"
        case PartKind.LENGTH if meaning.duration_s is not None:
            shortest, longest = meaning.duration_s
            return f"at least {shortest / 60:g} min long" if shortest else f"at most {longest / 60:g} min long"
        case _:
            return name


def _years(first: int, last: int) -> str:
    if first <= _OLDEST:
        return f"up to {last}"
    if last >= date.max.year:
        return f"from {first} on"
    return str(first) if first == last else f"{first} to {last}"


def _tempo(low: float, high: float) -> str:
    if low <= 0:
        return f"at most {high:.0f} bpm"
    return f"at least {low:.0f} bpm" if high > _FASTEST_BPM else f"{low:.0f} to {high:.0f} bpm"
