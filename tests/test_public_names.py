"""Tests use the public names of ``mien`` only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parent


def is_private(name: str) -> bool:
    """Whether a name begins with one underscore."""
    return name.startswith("_") and not name.startswith("__")


def private_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and the text of each use of a private name that is not a test's own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            if not (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls", "other"}):
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mien":
            parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            yield from ((node.lineno, part) for part in parts if is_private(part))
        elif isinstance(node, ast.Constant) and re.fullmatch(r"mien[\w.]*\._[a-z]\w*", str(node.value)):
            yield node.lineno, str(node.value)


def offenders() -> list[str]:
    """Every use of a private name, with its place."""
    return [
        f"{path.relative_to(TESTS.parent)}:{line}: {text}"
        for path in sorted(TESTS.rglob("*.py"))
        for line, text in private_names(ast.parse(path.read_text(encoding="utf-8")))
    ]


def test_no_test_uses_a_private_name() -> None:
    assert offenders() == []
