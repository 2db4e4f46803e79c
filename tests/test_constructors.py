"""Constructing starts nothing: threads and processes are started by named methods, and closed by others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "mien"
STARTERS = frozenset({"start", "submit", "map_async", "Popen", "run_in_executor"})
POOLS = frozenset({"ThreadPoolExecutor", "ProcessPoolExecutor", "Pool", "ThreadPool"})


def constructors(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name in {"__init__", "__post_init__", "__new__"}:
            yield node


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_constructor_starts_a_thread_or_process(path: Path) -> None:
    for constructor in constructors(path):
        calls = [node.func for node in ast.walk(constructor) if isinstance(node, ast.Call)]
        names = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}
        found = names & (STARTERS | POOLS)
        assert not found, f"{path.name}:{constructor.lineno} calls {found}; start it in one method, end it in another"
