"""Shared by the commands of ``mien bench``: the circumstances, the faces, and writing the report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.bench.machine import describe_code, describe_machine, is_dirty
from mien.cli.terminal.output import say, write_json
from mien.cli.terminal.settings import settings
from mien.errors import ImageError

if TYPE_CHECKING:
    from mien.types import Image

out_option = click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write a file into DIR, named after date and commit.",
)


def circumstances() -> dict[str, Any]:
    """The date, the code and the machine; call it before measuring, because it includes the machine's load."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "code": describe_code(),
        "threads": settings().threads,
        **describe_machine(),
    }


def machine_line(about: dict[str, Any]) -> str:
    """The machine in one line of Markdown."""
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    return (
        f"{about['processor']}, {about['cores']} cores, load {about['load']} at the start; {about['system']}, "
        f"Python {about['python']}, {packages}; {about['threads']} threads a network."
    )


def publish(
    name: str,
    about: dict[str, Any],
    report: str,
    figures: dict[str, Any],
    *,
    wants_json: bool,
    out: Path | None,
) -> None:
    """Print a report and write it to a file.

    Args:
        name: The last part of the file's name.
        about: What ``circumstances`` returned.
        report: The report in Markdown.
        figures: The report as a JSON object.
        wants_json: Print the figures, not the report.
        out: The folder to write the report to; None to write no file.
    """
    if wants_json:
        write_json(figures)
    else:
        click.echo(report, nl=False)
    if out is None:
        return
    path = out / f"{about['date']}-{about['code']}-{name}.md"
    try:
        out.mkdir(parents=True, exist_ok=True)
        path.write_text(report, encoding="utf-8")
    except OSError as error:
        raise click.BadParameter(f"{path} cannot be written ({error.strerror}).", param_hint="--out") from error
    say(f"Written to {path}")
    if is_dirty(about["code"]):
        say("The code has uncommitted changes; do not keep this result.")


def read_faces(photos: Sequence[Path]) -> list[Image]:
    """Read the photos, or one from scikit-image if there are none; ``ImageError`` if that is not installed."""
    if photos:
        from mien.capture.photo import read_photo

        return [read_photo(photo) for photo in photos]
    try:
        from skimage import data
    except ImportError as error:
        raise ImageError("There is no picture to measure with", "name one with --photo FILE") from error
    import numpy as np

    return [np.asarray(data.astronaut(), dtype=np.uint8)]
