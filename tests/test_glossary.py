"""One word, one meaning: public classes have names of their own, and the glossary names classes that exist."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "mien"
FOLDERS = (SOURCE, *(ROOT / name for name in ("benchmarks", "starter", "conversion", "training")))
GLOSSARY = ROOT / "docs" / "glossary.md"


def public_classes() -> dict[str, list[str]]:
    """The modules that define a public class, by its name."""
    modules: dict[str, list[str]] = defaultdict(list)
    paths = [path for folder in FOLDERS for path in folder.rglob("*.py")]
    for path in sorted(paths):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules[node.name].append(str(path.relative_to(ROOT)))
    return modules


def glossary_rows() -> list[list[str]]:
    """The cells of each term in the glossary."""
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row for row in rows if row[0] != "term" and not set(row[0]) <= {"-"}]


def test_no_two_public_classes_share_a_name() -> None:
    assert not {name: modules for name, modules in public_classes().items() if len(modules) > 1}


def test_the_glossary_names_classes_that_exist() -> None:
    named = {name for row in glossary_rows() for name in re.findall(r"`(\w+)`", row[2])}
    assert named
    assert not named - public_classes().keys()


def test_every_term_has_a_meaning_and_a_source() -> None:
    for row in glossary_rows():
        assert len(row) == 4, row
        assert row[0], row
        assert row[1], row
        assert row[3], row


def test_no_term_is_there_twice() -> None:
    terms = [term.strip().casefold() for row in glossary_rows() for term in row[0].split(",")]
    assert len(terms) == len(set(terms))
