"""The option ``--plot``, and the check that its file can be written before any work is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mien.cli.terminal.files import is_folder


def plot_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add ``--plot`` to a command, which gets its file as ``plot_path``."""
    return click.option(
        "--plot",
        "plot_path",
        metavar="FILE.png",
        type=click.Path(dir_okay=False, writable=True, path_type=Path),
        help=help_text,
    )


def check_plot_path(path: Path) -> None:
    """Raise ``BadParameter`` if a plot could not be written to ``path``, ``MienError`` if matplotlib is missing."""
    from mien.evaluation.plots import require_matplotlib

    if path.suffix.lower() != ".png":
        raise click.BadParameter(f"{path} does not end in .png.", param_hint="--plot")
    if not is_folder(path.parent):
        raise click.BadParameter(f"the folder {path.parent} does not exist.", param_hint="--plot")
    require_matplotlib()
    _check_writable(path)


def _check_writable(path: Path) -> None:
    """Open the file for appending: only trying shows whether a disk is read-only. An existing file is not changed."""
    try:
        existed = path.exists()
        path.open("ab").close()
        if not existed:
            path.unlink()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise click.BadParameter(f"{path} cannot be written ({reason}).", param_hint="--plot") from error
