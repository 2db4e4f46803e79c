"""Looks up words and phrases in the lexicon: their meanings, and the words that change what others mean."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

from mien.music.names import comparison_words
from mien.music.requests.request import Meaning, PartKind
from mien.music.requests.tokens import words_in
from mien.music.requests.word_forms import MIN_TYPO_LENGTH, is_one_edit_away, splits, word_forms

_MIN_COMPOUND: Final = 7
_FREE: Final = ("frei", "los", "free", "less")


class WordRole(StrEnum):
    """What a word does to the words after it; the values are the tables of ``lexicon/grammar.toml``."""

    NEGATOR = "negators"
    WITHOUT = "without"
    WEAKER = "weaker"
    INCLUSIVE = "inclusive"
    SLIGHTLY = "slightly"
    STRONGLY = "strongly"
    JOINING = "joining"
    TURNING = "turning"
    HAVING = "having"
    BY = "by"
    LIKE = "like"
    IGNORED = "ignored"


class LexiconEntry(NamedTuple):
    """A meaning; ``negated`` if the phrase asks for its absence, as "instrumental" does of vocals."""

    meaning: Meaning
    negated: bool = False


class LexiconMatch(NamedTuple):
    """What ``length`` words mean: entries, or a role; ``corrected`` is the word that a misspelt one was taken for."""

    length: int
    entries: tuple[LexiconEntry, ...] = ()
    role: WordRole | None = None
    corrected: str = ""


@dataclass(slots=True)
class _Node:
    """A node of the tree of phrases: the next words, and what the phrase up to here means."""

    after: dict[str, _Node] = field(default_factory=dict)
    value: LexiconEntry | WordRole | None = None


class Lexicon:
    """The phrases of the lexicon, found by their words in any inflection."""

    def __init__(self, tables: Mapping[PartKind, Mapping[str, Any]], words: Mapping[str, Mapping[str, str]]) -> None:
        """Build the tree of phrases.

        Args:
            tables: The entries of each kind, by name.
            words: The phrases of each ``WordRole``, and of "carriers", by language.
        """
        self._root = _Node()
        sounds = {name: _listed(entry.get("tags", "")) for name, entry in tables[PartKind.SOUND].items()}
        phrases: list[tuple[str, LexiconEntry | WordRole]] = [*_phrases(tables, sounds), *_role_phrases(words)]
        for bare in (False, True):  # a phrase as it is written takes precedence over another without its umlauts
            for phrase, value in phrases:
                self._add(words_in(phrase, bare=bare), value)
        self._carriers = {word for phrase in _listed(words["carriers"]["de"]) for word in words_in(phrase)}
        self._long_words = sorted(word for word in self._root.after if len(word) >= MIN_TYPO_LENGTH)

    def find(self, words: Sequence[str], at: int) -> LexiconMatch | None:
        """The longest phrase at a position, else the parts of a compound, else a word that is misspelt by one letter.

        Args:
            words: Folded words.
            at: The position of the first word.
        """
        found = self._longest(self._root, words, at, 0)
        if found is not None:
            length, value = found
            return (
                LexiconMatch(length, (value,)) if isinstance(value, LexiconEntry) else LexiconMatch(length, role=value)
            )
        word = words[at]
        if entries := self._compound(word):
            return LexiconMatch(1, entries)
        return self._corrected(word)

    def knows(self, words: Sequence[str]) -> bool:
        """Whether a phrase is in the lexicon as it is written."""
        node: _Node | None = self._root
        for word in words:
            node = node.after.get(word) if node is not None else None
        return node is not None and node.value is not None

    def _add(self, words: Sequence[str], value: LexiconEntry | WordRole) -> None:
        node = self._root
        for word in words:
            node = node.after.setdefault(word, _Node())
        if node.value is None:
            node.value = value

    def _longest(
        self, node: _Node, words: Sequence[str], at: int, length: int
    ) -> tuple[int, LexiconEntry | WordRole] | None:
        best = None if node.value is None or not length else (length, node.value)
        if at < len(words):
            for form in word_forms(words[at]):
                if (after := node.after.get(form)) is None:
                    continue
                found = self._longest(after, words, at + 1, length + 1)
                if found is not None and (best is None or found[0] > best[0]):
                    best = found
        return best

    def _entry(self, word: str) -> LexiconEntry | None:
        for form in word_forms(word):
            node = self._root.after.get(form)
            if node is not None and isinstance(node.value, LexiconEntry):
                return node.value
        return None

    def _compound(self, word: str) -> tuple[LexiconEntry, ...]:
        if len(word) < _MIN_COMPOUND:
            return ()
        for first, last in splits(word):
            entry = self._entry(first)
            if entry is None:
                continue
            if any(form in self._carriers for form in word_forms(last)):
                return (entry,)
            if any(form in _FREE for form in word_forms(last)):
                return (LexiconEntry(entry.meaning, not entry.negated),)
            if (other := self._entry(last)) is not None:
                return (entry, other)
        return ()

    def _corrected(self, word: str) -> LexiconMatch | None:
        if len(word) < MIN_TYPO_LENGTH:
            return None
        for known in self._long_words:
            value = self._root.after[known].value
            if isinstance(value, LexiconEntry) and known[0] == word[0] and is_one_edit_away(word, known):
                return LexiconMatch(1, (value,), corrected=known)
        return None


@cache
def load_lexicon() -> Lexicon:
    """The lexicon of the package."""
    grammar = _table("grammar")
    kinds = (PartKind.TEMPO, PartKind.KEY, PartKind.HISTORY, PartKind.LENGTH, PartKind.EXPLICIT, PartKind.LANGUAGE)
    tables = {kind: grammar[str(kind)] for kind in kinds} | {
        PartKind.MOOD: _table("moods"),
        PartKind.SCENE: _table("scenes"),
        PartKind.SOUND: _table("sounds"),
        PartKind.GENRE: _table("genres"),
    }
    return Lexicon(tables, grammar["words"])


def _table(name: str) -> dict[str, Any]:
    path = resources.files("mien.music.requests") / "lexicon" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (phrase.strip() for phrase in text.split(","))))


def _phrases(
    tables: Mapping[PartKind, Mapping[str, Any]], sounds: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, LexiconEntry]]:
    for kind, entries in tables.items():
        for name, entry in entries.items():
            meaning = _meaning(kind, name, entry, sounds)
            for key, negated in (("en", False), ("de", False), ("against", True), ("against_de", True)):
                for phrase in _listed(entry.get(key, "")):
                    yield phrase, LexiconEntry(meaning, negated)


def _role_phrases(words: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, WordRole]]:
    for role in WordRole:
        for phrases in words[role].values():
            for phrase in _listed(phrases):
                yield phrase, role


def _meaning(kind: PartKind, name: str, entry: Mapping[str, Any], sounds: Mapping[str, tuple[str, ...]]) -> Meaning:
    def tags(key: str) -> tuple[str, ...]:
        return tuple(tag for sound in _listed(entry.get(key, "")) for tag in sounds[sound])

    has_tags = kind in {PartKind.SOUND, PartKind.GENRE}
    return Meaning(
        kind=kind,
        name=name,
        valence=entry.get("valence"),
        arousal=entry.get("arousal"),
        sounds=_listed(entry.get("tags", "")) if has_tags else tags("sounds"),
        without=tags("without"),
        genres=tuple(comparison_words(phrase) for phrase in _listed(entry.get("words", ""))),
        tempo_bpm=_pair(entry.get("tempo_bpm")),
        minor=entry.get("minor"),
        languages=frozenset(_listed(entry.get("languages", ""))),
        duration_s=_pair(entry.get("duration_s")),
        goal=entry.get("goal", False),
    )


def _pair(values: list[float] | None) -> tuple[float, float] | None:
    return None if values is None else (float(values[0]), float(values[1]))
