"""Finds what is said with numbers: years and decades, tempos, keys, lengths."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from mien.music.requests.request import Meaning, PartKind, Span

_FIRST_YEAR: Final = 1000
_OLD_YEARS: Final = 25
_RECENT_YEARS: Final = 5
_BPM_TOLERANCE: Final = 0.06
_LONGEST_S: Final = 100_000.0


class PatternMatch(NamedTuple):
    """Characters of a text, and what they mean."""

    words: Span
    meaning: Meaning


def find_patterns(text: str, *, today: date) -> list[PatternMatch]:
    """The years, tempos, keys and lengths in a text, in its order; none overlaps another.

    Args:
        text: The text.
        today: The present day, for "last year" and the like.
    """
    lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    found: list[PatternMatch] = []
    for pattern, read in _PATTERNS:
        for match in pattern.finditer(lower):
            if any(match.start() < other.words.end and other.words.start < match.end() for other in found):
                continue
            meaning = read(match, today)
            if meaning is not None:
                found.append(PatternMatch(Span(text[match.start() : match.end()], *match.span()), meaning))
    return sorted(found, key=lambda one: one.words.start)


_NUMBER_WORDS: Final = MappingProxyType(
    {
        **dict.fromkeys(("a", "an", "one", "eine", "einer"), 1.0),
        **dict.fromkeys(("half an", "half a", "eine halbe", "einer halben"), 0.5),
        **dict.fromkeys(("two", "zwei"), 2.0),
        **dict.fromkeys(("three", "drei"), 3.0),
        **dict.fromkeys(("five", "fünf"), 5.0),
        **dict.fromkeys(("ten", "zehn"), 10.0),
        **dict.fromkeys(("twenty", "zwanzig"), 20.0),
    }
)
_DECADE_WORDS: Final = MappingProxyType(
    {
        **dict.fromkeys(("twenties", "zwanziger"), 1920),
        **dict.fromkeys(("thirties", "dreißiger", "dreissiger"), 1930),
        **dict.fromkeys(("forties", "vierziger"), 1940),
        **dict.fromkeys(("fifties", "fünfziger", "fuenfziger"), 1950),
        **dict.fromkeys(("sixties", "sechziger"), 1960),
        **dict.fromkeys(("seventies", "siebziger"), 1970),
        **dict.fromkeys(("eighties", "achtziger"), 1980),
        **dict.fromkeys(("nineties", "neunziger"), 1990),
        **dict.fromkeys(("noughties", "nuller", "zweitausender"), 2000),
        **dict.fromkeys(("zehner",), 2010),
    }
)
_PARTS_OF_A_DECADE: Final = (
    (re.compile(r"early|früh|anfang"), (0, 3)),
    (re.compile(r"mid|mitte"), (3, 7)),
    (re.compile(r"late|spät|ende"), (6, 9)),
)
_SEMITONES: Final = MappingProxyType({"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11})
_NOTE_NAMES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

_BELOW: Final = (
    r"under|below|at most|less than|up to|slower than|shorter than|max(?:imum)?"
    r"|unter|höchstens|maximal|bis zu|weniger als|langsamer als|kürzer als"
)
_ABOVE: Final = (
    r"over|above|at least|more than|faster than|longer than|min(?:imum)?"
    r"|über|mindestens|mehr als|schneller als|länger als"
)
_BEFORE: Final = r"before|pre|older than|until|up to|vor|bis|älter als"
_SINCE: Final = r"since|after|newer than|seit|nach|ab|neuer als"
_YEAR: Final = r"(?:1[0-9]|20)[0-9]{2}"
_BPM: Final = r"(?:bpm|beats? (?:per|a) minute|schläge(?:n)? (?:pro|in der) minute)"
_AMOUNT: Final = rf"(?P<amount>\d{{1,4}}|{'|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))})"
_DECADE: Final = (
    rf"(?:(?P<digits>(?:19|20)?[0-9]0)['’]?(?:s|ern?)|(?P<word>{'|'.join(_DECADE_WORDS)})n?)"
    r"(?:[ -]?jahren?)?"
)


def _years(first: int, last: int) -> Meaning:
    first, last = sorted((first, last))
    if first <= _FIRST_YEAR:
        name = f"..{last}"
    elif last >= date.max.year:
        name = f"{first}.."
    else:
        name = f"{first}-{last}"
    return Meaning(kind=PartKind.YEARS, name=name, years=(first, last))


def _decade(match: re.Match[str], _today: date) -> Meaning | None:
    if match["word"]:
        start = _DECADE_WORDS[match["word"]]
    else:
        digits = match["digits"]
        start = int(digits) if len(digits) == 4 else int(digits) + (1900 if int(digits) >= 30 else 2000)
    first, last = 0, 9
    for words, part in _PARTS_OF_A_DECADE:
        if match["part"] and words.search(match["part"]):
            first, last = part
    return _years(start + first, start + last)


def _span_of_years(match: re.Match[str], _today: date) -> Meaning:
    return _years(int(match["first"]), int(match["last"]))


def _before(match: re.Match[str], _today: date) -> Meaning:
    year = int(match["year"])
    return _years(_FIRST_YEAR, year if match["how"] in {"until", "up to", "bis"} else year - 1)


def _since(match: re.Match[str], _today: date) -> Meaning:
    year = int(match["year"])
    return _years(year + 1 if match["how"] in {"after", "newer than", "nach", "neuer als"} else year, date.max.year)


def _one_year(match: re.Match[str], today: date) -> Meaning | None:
    year = int(match["year"])
    return _years(year, year) if _FIRST_YEAR < year <= today.year + 1 else None


def _relative_year(match: re.Match[str], today: date) -> Meaning:
    if re.search(r"last|letzt|vorig", match[0]):
        length = 10 if re.search(r"decade|jahrzehnt", match[0]) else 1
        return _years(today.year - length, today.year if length > 1 else today.year - 1)
    return _years(today.year, today.year)


def _old(_match: re.Match[str], today: date) -> Meaning:
    return _years(_FIRST_YEAR, today.year - _OLD_YEARS)


def _recent(_match: re.Match[str], today: date) -> Meaning:
    return _years(today.year - _RECENT_YEARS, date.max.year)


def _tempo(low: float, high: float, name: str) -> Meaning:
    return Meaning(kind=PartKind.TEMPO, name=name, tempo_bpm=(low, high))


def _about_bpm(match: re.Match[str], _today: date) -> Meaning | None:
    bpm = int(match["bpm"])
    if not bpm:
        return None
    return _tempo(bpm * (1 - _BPM_TOLERANCE), bpm * (1 + _BPM_TOLERANCE), f"{bpm}bpm")


def _bpm_range(match: re.Match[str], _today: date) -> Meaning:
    low, high = sorted((int(match["low"]), int(match["high"])))
    return _tempo(low, high, f"{low}-{high}bpm")


def _bpm_limit(match: re.Match[str], _today: date) -> Meaning:
    bpm = int(match["bpm"])
    if re.fullmatch(_BELOW, match["how"]):
        return _tempo(0, bpm, f"..{bpm}bpm")
    return _tempo(bpm, 400, f"{bpm}..bpm")


def _key(match: re.Match[str], _today: date) -> Meaning | None:
    note, sign, mode = match["note"], match["sign"] or "", match["mode"]
    minor = mode in {"minor", "moll"}
    german = mode in {"dur", "moll"}
    tonic = 10 if german and note == "b" and not sign else _SEMITONES[note]
    if sign in {"#", "♯", "sharp", "is"}:
        tonic += 1
    elif sign:
        tonic -= 1
    tonic %= 12
    name = f"{_NOTE_NAMES[tonic]}-{'minor' if minor else 'major'}"
    return Meaning(kind=PartKind.KEY, name=name, tonic=tonic, minor=minor)


def _amount(match: re.Match[str]) -> float:
    text = match["amount"]
    return float(text) if text.isdecimal() else float(_NUMBER_WORDS[text])


def _track_length(match: re.Match[str], _today: date) -> Meaning:
    limit_s = _amount(match) * 60
    if re.fullmatch(_BELOW, match["how"]):
        return Meaning(kind=PartKind.LENGTH, name="short", duration_s=(0, limit_s))
    return Meaning(kind=PartKind.LENGTH, name="long", duration_s=(limit_s, _LONGEST_S))


def _list_length(match: re.Match[str], _today: date) -> Meaning | None:
    minutes = _amount(match) * (60 if re.match(r"h|std|stunde", match["unit"]) else 1)
    if not 1 <= minutes <= 1440:
        return None
    return Meaning(kind=PartKind.LENGTH, name=f"{minutes:g}min", minutes=minutes)


def _list_count(match: re.Match[str], _today: date) -> Meaning | None:
    count = int(_amount(match))
    return Meaning(kind=PartKind.LENGTH, name=f"{count}tracks", count=count) if 1 <= count <= 1000 else None


_Reader = Callable[[re.Match[str], date], Meaning | None]


def _compiled() -> Iterator[tuple[re.Pattern[str], _Reader]]:
    """The patterns, with what reads each; where two overlap, the earlier counts."""
    year = rf"(?:the year |dem jahre? )?(?P<year>{_YEAR})\b"
    part = (
        r"(?:(?P<part>early|mid(?:dle)?|late|frühe[nrs]?|späte[nrs]?|(?:anfang|mitte|ende)(?: der)?)(?: the)?[ -]+)?"
        r"(?:the |den |der |die )?['’]?"
    )
    yield re.compile(rf"\b{part}{_DECADE}(?!\w)"), _decade
    between = r"(?:between|from|von|zwischen)?[ ]*\b"
    yield re.compile(rf"{between}(?P<first>{_YEAR})[ ]*(?:-|–|to|and|bis|und)[ ]*(?P<last>{_YEAR})\b"), _span_of_years
    # "from 1994" is that year; "from 1994 on" and "since 1994" are all years since.
    yield re.compile(rf"\b(?P<how>from|ab)[ ]+(?P<year>{_YEAR})[ ]+(?:on(?:wards?)?|an)\b"), _since
    yield re.compile(rf"\b(?P<how>{_BEFORE})[ -]+{year}"), _before
    yield re.compile(rf"\b(?P<how>{_SINCE})[ ]+{year}"), _since
    yield re.compile(rf"(?:\b(?:from|of|in|aus|von)[ ]+)?\b{year}"), _one_year
    this_or_last = r"(?:the )?(?:this|last|dieses|letzte[snm]|vorige[sn]|diesem)"
    yield re.compile(rf"\b(?:from )?{this_or_last} (?:year|jahre?s?|decade|jahrzehnts?)\b"), _relative_year
    old = r"\b(?:(?:old(?:er)?(?:[ -]?school)?|vintage|retro)(?! game)|alte[rsnm]?|(?:von )?früher)\b"
    yield re.compile(old), _old
    recent = r"(?:modern|aktuell|zeitgenössisch|neuer)e[rsnm]?|modern|contemporary|recent|current|aktuell"
    yield re.compile(rf"\b(?:{recent})\b"), _recent
    yield re.compile(rf"\b(?P<low>\d{{2,3}})[ ]*(?:-|–|to|bis)[ ]*(?P<high>\d{{2,3}})[ ]*{_BPM}"), _bpm_range
    yield re.compile(rf"\b(?P<how>{_BELOW}|{_ABOVE})[ ]+(?P<bpm>\d{{2,3}})[ ]*{_BPM}"), _bpm_limit
    around = r"(?:(?:at|around|about|circa|ca\.?|roughly|etwa|um(?: die)?|ungefähr|mit)[ ]+)?"
    yield re.compile(rf"\b{around}(?P<bpm>\d{{2,3}})[ ]*{_BPM}"), _about_bpm
    note = r"(?P<note>[a-h])(?:[ -]?(?P<sign>#|♯|♭|sharp|flat|is|es|s|b))?"
    not_a_key = r"(?! key| scale| mode| chord)"  # "a minor key" is no key of A minor
    yield re.compile(rf"\b(?:in )?{note}[ -]+(?P<mode>major|minor|dur|moll)\b{not_a_key}"), _key
    yield re.compile(rf"\b(?P<how>{_BELOW}|{_ABOVE})[ ]+{_AMOUNT}[ ]*min(?:s|uten?|utes?)?\b"), _track_length
    units = r"(?P<unit>min(?:s|uten?|utes?)?|h|hrs?|hours?|std|stunden?)"
    yield re.compile(rf"\b{_AMOUNT}[ -]*{units}\b(?: of| long| lang)?"), _list_length
    noun = r"(?:songs?|tracks?|pieces?|tunes?|lieder|stücke|titel)"
    yield re.compile(rf"\b(?:top )?(?P<amount>\d{{1,4}})(?=(?: [^\W\d]+){{0,3}} {noun}\b)"), _list_count


_PATTERNS: Final = tuple(_compiled())
