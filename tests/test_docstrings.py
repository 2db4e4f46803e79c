"""Public functions with three or more parameters describe each of them in an ``Args:`` section."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "mien"

MIN_PARAMETERS = 3
"""Fewer parameters than these are described by their names and the first line."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Offender:
    """A function and the parameters that its docstring does not describe."""

    path: Path
    line: int
    name: str
    missing: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.name} lacks Args: {', '.join(self.missing)}"


def parameters(function: Function) -> list[str]:
    """The names of a function's parameters, without ``self`` and ``cls``."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    return [each.arg for each in every if each is not None and each.arg not in {"self", "cls"}]


def described(docstring: str) -> set[str]:
    """The names that the ``Args:`` section of a docstring describes, or the ``Attributes:`` section of a class."""
    sections = re.findall(r"^(?:Args|Attributes):\n((?:[ \t]+.*\n?|\n)*)", docstring, re.MULTILINE)
    return {
        name for section in sections for name in re.findall(r"^ +\*{0,2}(\w+)(?: \(.*?\))?:", section, re.MULTILINE)
    }


def is_command(function: Function) -> bool:
    """Whether click makes a command of the function: its docstring is the help, and each option has its own."""
    names = {ast.unparse(decorator).partition("(")[0] for decorator in function.decorator_list}
    return any(name.rpartition(".")[2] in {"command", "group"} for name in names)


def public_functions(path: Path) -> Iterator[tuple[str, Function, str]]:
    """The public functions and methods of a module: qualified name, node and docstring.

    The docstring of a class counts for its ``__init__`` too.
    """

    def visit(body: list[ast.stmt], owner: str, owner_docstring: str) -> Iterator[tuple[str, Function, str]]:
        for node in body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield from visit(node.body, f"{owner}{node.name}.", ast.get_docstring(node) or "")
            elif isinstance(node, Function) and (not node.name.startswith("_") or node.name == "__init__"):
                docstring = ast.get_docstring(node) or ""
                yield f"{owner}{node.name}", node, docstring + "\n" + owner_docstring * (node.name == "__init__")

    yield from visit(ast.parse(path.read_text(encoding="utf-8")).body, "", "")


def offenders() -> list[Offender]:
    """Every public function with undescribed parameters."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        for name, function, docstring in public_functions(path):
            names = parameters(function)
            if len(names) < MIN_PARAMETERS or is_command(function):
                continue
            if missing := tuple(name for name in names if name not in described(docstring)):
                found.append(Offender(path, function.lineno, name, missing))
    return found


def test_every_parameter_of_a_public_function_is_described() -> None:
    found = offenders()
    assert not found, "\n".join(map(str, found))
