"""The table of words in the documentation is that of the code."""

from __future__ import annotations

import re
from pathlib import Path

from mien.mood.circumplex import CLEAR_RADIUS, EXPRESSION_WORDS, NEUTRAL_RADIUS, PLANE_WORDS, UNSURE_WORDS

PAGE = Path(__file__).parents[2] / "docs" / "mood-words.md"


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_has_the_words_of_every_expression() -> None:
    assert {row[0]: row[1] for row in rows("Expressions")} == {
        **{str(emotion): words for emotion, words in EXPRESSION_WORDS.items()},
        "none is clear": UNSURE_WORDS,
    }


def test_the_table_has_the_words_of_every_part_of_the_plane() -> None:
    assert [tuple(row[1:3]) for row in rows("Points")] == list(PLANE_WORDS)
    text = PAGE.read_text(encoding="utf-8")
    assert f"closer than {NEUTRAL_RADIUS}" in text
    assert f"from {CLEAR_RADIUS}" in text


def test_no_word_is_one_that_nobody_would_use_for_a_mood() -> None:
    words = {*EXPRESSION_WORDS.values(), UNSURE_WORDS, *(word for pair in PLANE_WORDS for word in pair)}
    assert not [word for word in words if re.search(r"\b(even|low|corner|height)\b", word)]
