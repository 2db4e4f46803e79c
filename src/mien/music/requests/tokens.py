"""Splits text into words, each with its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from mien.music.requests.word_forms import fold

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]")


class Token(NamedTuple):
    """A word, or a sign between words: folded, and the characters ``start`` to before ``end``."""

    word: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Whether it is a word or an emoji, not punctuation."""
        return self.word[:1].isalnum() or unicodedata.category(self.word[:1]) == "So"


def tokens_in(text: str, *, bare: bool = False) -> Iterator[Token]:
    """The words, emojis and punctuation marks of a text; what folds to nothing is left out.

    Args:
        text: The text.
        bare: As for ``word_forms.fold``.
    """
    for match in _WORD.finditer(text):
        word = fold(match[0], bare=bare)
        if word:
            yield Token(word, match.start(), match.end())


def words_in(text: str, *, bare: bool = False) -> tuple[str, ...]:
    """The folded words and emojis of a text.

    Args:
        text: The text.
        bare: As for ``word_forms.fold``.
    """
    return tuple(token.word for token in tokens_in(text, bare=bare) if token.is_word)
