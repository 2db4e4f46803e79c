"""Parameter types of several commands: paths that may not exist, and ranges that exclude NaN."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import click


class AnyPath(click.Path):
    """A path that may be missing or unreadable: the command reports it and continues with the others.

    A file whose name the disk spells differently (in case, accents or composition) is found.
    An empty path is refused: it is more likely an unset shell variable than the current folder.
    """

    def __init__(self, *, written: bool = False) -> None:
        """Make the type.

        Args:
            written: Whether the file is written: then it is meant as it is spelled.
        """
        super().__init__(readable=False, path_type=Path)
        self._written = written

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Convert an argument to a path.

        Args:
            value: The argument.
            param: The parameter that it is for.
            ctx: The context of the command.
        """
        if value == "":
            self.fail("a path is empty.", param, ctx)
        from mien.music.spelling import path_on_disk

        path = super().convert(value, param, ctx)
        return path_on_disk(path) if isinstance(path, Path) and not self._written else path


class NumberRange(click.FloatRange):
    """Numbers from ``min`` to ``max``; unlike click's own range it excludes NaN."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Convert an argument to a number.

        Args:
            value: The argument.
            param: The parameter that it is for.
            ctx: The context of the command.
        """
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is not a number.", param, ctx)
        return number
