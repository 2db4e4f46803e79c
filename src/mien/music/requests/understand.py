"""Understands a request for music in words: a pure function over the lexicon, without a model."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from mien.errors import RequestError
from mien.music.names import comparison_words
from mien.music.requests.patterns import PatternMatch, find_patterns
from mien.music.requests.request import MAX_CHARACTERS, Meaning, MusicRequest, PartKind, RequestPart, Span
from mien.music.requests.tokens import Token, tokens_in, words_in
from mien.music.requests.vocabulary import Lexicon, LexiconEntry, WordRole, load_lexicon

_EXAMPLE: Final = "name a mood, an instrument, a genre, a tempo or years, such as “calm piano from the 80s, no vocals”"
_SLIGHT: Final = 0.5
_STRONG: Final = 1.4
_MIN_ARTIST: Final = 5
_MAX_ARTIST_WORDS: Final = 6
_NOUNS: Final = frozenset((PartKind.SOUND, PartKind.GENRE, PartKind.ARTIST, PartKind.YEARS, PartKind.LANGUAGE))
_BOUNDARIES: Final = frozenset(",.;:!?()/")


def understand(text: str, *, today: date, artists: Iterable[str] = (), genres: Iterable[str] = ()) -> MusicRequest:
    """Find out what a request asks for.

    Words are looked up in the lexicon in any inflection, numbers by ``patterns``, and the rest among the artists and
    genres of the library. Words such as "no" and "very" change those after them, up to a comma or a "but".

    Args:
        text: At most ``MAX_CHARACTERS`` characters, in English or German or both.
        today: The present day, for "last year" and the like.
        artists: The names of artists that can be asked for.
        genres: The names of genres that can be asked for besides those of the lexicon.

    Returns:
        The request, with at least one part.

    Raises:
        RequestError: The text is empty or too long, or nothing in it was understood.
    """
    if len(text) > MAX_CHARACTERS:
        raise RequestError(
            f"A request may have {MAX_CHARACTERS} characters, not {len(text):,}", "say it in fewer words"
        )
    shown = "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in text)
    if not shown.strip():
        raise RequestError("The request is empty", _EXAMPLE)
    reader = _Reader(shown, find_patterns(shown, today=today), _Names(artists, genres, load_lexicon()))
    request = reader.read()
    if not request.parts:
        raise RequestError("Nothing in the request says what music to choose", _EXAMPLE)
    return request


class _Names:
    """The names of artists and genres, found by their words."""

    def __init__(self, artists: Iterable[str], genres: Iterable[str], lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        # With "oe" for "ö" and with "o", as people without umlauts on their keyboards write it.
        self._artists = {words_in(name, bare=bare): name for name in artists for bare in (True, False)}
        self._genres = {words_in(name, bare=bare): name for name in genres for bare in (True, False)}

    def find(self, words: Sequence[str], at: int, *, asked: bool) -> tuple[int, Meaning] | None:
        """The longest name at a position; short or ambiguous artists only where one is ``asked`` for ("by Air")."""
        for length in range(min(_MAX_ARTIST_WORDS, len(words) - at), 0, -1):
            key = tuple(words[at : at + length])
            artist = self._artists.get(key)
            if artist is not None and (asked or self._is_clear(key)):
                return length, Meaning(kind=PartKind.ARTIST, name=f"artist:{'-'.join(key)}", artist=artist)
            if key in self._genres and not self.lexicon.knows(key):
                return length, Meaning(
                    kind=PartKind.GENRE, name="-".join(key), genres=(comparison_words(self._genres[key]),)
                )
        return None

    def _is_clear(self, key: Sequence[str]) -> bool:
        return sum(map(len, key)) >= _MIN_ARTIST and not all(self.lexicon.knows([word]) for word in key)


@dataclass(slots=True)
class _Modifiers:
    """The words that change the next part: what they do, and where the first of them begins."""

    negator: WordRole | None = None
    degree: float = 1.0
    start: int | None = None
    last: Meaning | None = None
    joined: bool = False

    def begin(self, at: int) -> None:
        """Note the first of the words that belong to the next part."""
        self.start = at if self.start is None else self.start

    def negates(self, meaning: Meaning) -> bool:
        """Whether the next part, after ``last``, is still negated."""
        if self.negator is None:
            return False
        if self.last is None:
            return True
        alike = (self.last.kind in _NOUNS) == (meaning.kind in _NOUNS)
        return alike if self.joined else self.negator is WordRole.WITHOUT

    def after(self, meaning: Meaning, *, negated: bool) -> None:
        """Go on after a part."""
        self.degree, self.start, self.joined = 1.0, None, False
        if negated:
            self.last = meaning
        else:
            self.negator = self.last = None


@dataclass(slots=True)
class _Reader:
    """Reads one text from its start to its end."""

    text: str
    patterns: Sequence[PatternMatch]
    names: _Names
    parts: list[RequestPart] = field(default_factory=list)
    unknown: list[Token] = field(default_factory=list)

    def read(self) -> MusicRequest:
        """The request."""
        tokens = [token for token in tokens_in(self.text) if token.is_word or token.word in _BOUNDARIES]
        words = [token.word if token.is_word else "" for token in tokens]
        pattern_at = {one.words.start: one for one in self.patterns}
        covered: Mapping[int, PatternMatch] = {
            index: one
            for index, token in enumerate(tokens)
            for one in self.patterns
            if one.words.start <= token.start < one.words.end
        }
        for index in covered:
            words[index] = ""
        modifiers, asked, at = _Modifiers(), None, 0
        while at < len(tokens):
            token = tokens[at]
            if at in covered:
                match = covered[at]
                if pattern_at.pop(match.words.start, None):
                    entry = LexiconEntry(match.meaning)
                    self._add([entry], match.words.start, match.words.end, modifiers)
                at += 1
                continue
            if not token.is_word:
                modifiers, asked = _Modifiers(), None
                at += 1
                continue
            at, modifiers, asked = self._read_words(tokens, words, at, modifiers, asked)
        return MusicRequest(self.text, tuple(self.parts), tuple(self._unknown_spans()))

    def _read_words(
        self, tokens: Sequence[Token], words: Sequence[str], at: int, modifiers: _Modifiers, asked: WordRole | None
    ) -> tuple[int, _Modifiers, WordRole | None]:
        """Read the phrase at a position; returns the next position and what then holds."""
        token = tokens[at]
        found = self.names.lexicon.find(words, at)
        named = self.names.find(words, at, asked=asked is not None)
        if named is not None and (asked is not None or found is None or named[0] > found.length or found.corrected):
            length, meaning = named
            if meaning.artist and asked is WordRole.LIKE:
                meaning = _similar(meaning)
            self._add([LexiconEntry(meaning)], token.start, tokens[at + length - 1].end, modifiers)
            return at + length, modifiers, None
        if found is None:
            self.unknown.append(token)
            return at + 1, modifiers, None
        end = tokens[at + found.length - 1].end
        after = at + found.length
        if found.entries:
            self._add(found.entries, token.start, end, modifiers, corrected=found.corrected)
            return after, modifiers, None
        role = found.role
        if role is WordRole.TURNING:
            return after, _Modifiers(), None
        if role in {WordRole.BY, WordRole.LIKE}:
            return after, modifiers, asked or role
        if role is WordRole.HAVING:
            awaits = modifiers.negator is not None and modifiers.last is None  # "nothing with drums"
            return after, modifiers if awaits else _Modifiers(), None
        if role is WordRole.JOINING:
            modifiers.joined = True
        elif role in {WordRole.NEGATOR, WordRole.WITHOUT}:
            again = modifiers.negator is not None and modifiers.last is None
            modifiers.negator, modifiers.last = (None if again else role), None
            modifiers.begin(token.start)
        elif role is WordRole.WEAKER:
            modifiers.negator, modifiers.last, modifiers.degree = WordRole.NEGATOR, None, _SLIGHT
            modifiers.begin(token.start)
        elif role in {WordRole.SLIGHTLY, WordRole.STRONGLY} and not self._is_something(token, tokens, after):
            modifiers.degree = _SLIGHT if role is WordRole.SLIGHTLY else _STRONG
            modifiers.begin(token.start)
        return after, modifiers, asked if role is WordRole.IGNORED else None

    def _is_something(self, token: Token, tokens: Sequence[Token], after: int) -> bool:
        """Whether "etwas" means something, not a bit: "etwas Ruhiges"."""
        return token.word == "etwas" and after < len(tokens) and self.text[tokens[after].start].isupper()

    def _add(
        self, entries: Iterable[LexiconEntry], start: int, end: int, modifiers: _Modifiers, *, corrected: str = ""
    ) -> None:
        start = start if modifiers.start is None else modifiers.start
        for entry in entries:
            negated = modifiers.negates(entry.meaning)
            degree = modifiers.degree
            modifiers.after(entry.meaning, negated=negated)
            words = Span(self.text[start:end], start, end)
            self.parts.append(RequestPart(entry.meaning, words, negated != entry.negated, degree, corrected))

    def _unknown_spans(self) -> Iterable[Span]:
        """The words that were not understood, neighbours together."""
        spans: list[Span] = []
        for token in self.unknown:
            neighbours = spans and not self.text[spans[-1].end : token.start].strip()
            start = spans.pop().start if neighbours else token.start
            spans.append(Span(self.text[start : token.end], start, token.end))
        return spans


def _similar(meaning: Meaning) -> Meaning:
    return Meaning(
        kind=PartKind.ARTIST, name=meaning.name.replace("artist:", "like:"), artist=meaning.artist, similar=True
    )
