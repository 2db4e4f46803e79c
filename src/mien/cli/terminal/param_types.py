"""The kinds of arguments that several commands take: paths of whatever state, and numbers that are numbers."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import click


class AnyPath(click.Path):
    """A path that may be missing or unreadable: its command says what is wrong with it, and goes on with the others.

    An empty one is refused, for to Python it means the current folder, and to a person a variable that was not set.
    """

    def __init__(self) -> None:
        super().__init__(readable=False, path_type=Path)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """The path; refuses an empty one."""
        if value == "":
            self.fail("a name is empty.", param, ctx)
        return super().convert(value, param, ctx)


class NumberRange(click.FloatRange):
    """Numbers from ``min`` to ``max``; unlike in click's own range, NaN lies in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; refuses what is outside, and NaN."""
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is not a number.", param, ctx)
        return number
