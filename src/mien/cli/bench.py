"""``mien bench``: how long a live frame takes on this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.classifier import classifier_option, load_classifier
from mien.cli.examples import examples
from mien.cli.kinds import AnyPath
from mien.cli.machine import describe_code, describe_machine
from mien.cli.output import say, write_json
from mien.cli.settings import settings
from mien.errors import ImageError

if TYPE_CHECKING:
    from mien.bench import Measurement
    from mien.types import Image


@click.command(epilog=examples("mien bench --photo photo.jpg", "mien bench --json --out benchmarks/results"))
@click.option(
    "--photo",
    metavar="FILE",
    type=AnyPath(),
    help="A photo of one face to make frames of; without it the face that scikit-image ships.",
)
@classifier_option
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write a file into DIR, named by date and commit.",
)
def bench(photo: Path | None, classifier: str | None, wants_json: bool, out: Path | None) -> None:
    """Measure how long a live frame takes.

    Frames of 640x480 with one moving face are read as the page's camera is, warm, one after the other. Prints medians
    and 95th percentiles, and names the machine.
    """
    from mien.bench import measure_reading, moving_face

    machine = describe_machine()
    network = load_classifier(classifier)
    frames = moving_face(_face(photo))
    threads = settings().threads
    measurement = measure_reading(frames, classifier=network, threads=threads)
    today = datetime.now(UTC).date().isoformat()
    about = {"date": today, "code": describe_code(), "classifier": network.name, "threads": threads, **machine}
    report = as_markdown(measurement, about)
    if wants_json:
        write_json(as_json(measurement, about))
    else:
        click.echo(report, nl=False)
    if out is not None:
        path = out / f"{today}-{about['code']}-reading.md"
        try:
            out.mkdir(parents=True, exist_ok=True)
            path.write_text(report, encoding="utf-8")
        except OSError as error:
            raise click.BadParameter(f"{path} cannot be written ({error.strerror}).", param_hint="--out") from error
        say(f"Written to {path}")


def as_json(measurement: Measurement, about: dict[str, Any]) -> dict[str, Any]:
    """The measurement as one JSON object; milliseconds, shares 0..1."""
    total = measurement.total
    return {
        **about,
        "frames": measurement.frames,
        "warm_up": measurement.warm_up,
        "read": measurement.read,
        "median_ms": round(total.median_ms, 3),
        "p95_ms": round(total.p95_ms, 3),
        "stages": {
            name: {
                "median_ms": round(timing.median_ms, 3),
                "p95_ms": round(timing.p95_ms, 3),
                "share": round(measurement.shares[name], 4),
            }
            for name, timing in measurement.stages.items()
        },
    }


def as_markdown(measurement: Measurement, about: dict[str, Any]) -> str:
    """The measurement as a page that reads well in a terminal too."""
    from mien.bench import STAGES

    rows = [
        (f"{name}: {STAGES[name]}", timing, measurement.shares[name]) for name, timing in measurement.stages.items()
    ]
    rows.append(("**a frame**", measurement.total, 1.0))
    width = max(len(name) for name, _, _ in rows)
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    lines = [
        f"# Reading a live frame, {about['date']}, {about['code']}",
        "",
        f"640x480, one moving face, {measurement.frames} frames after {measurement.warm_up} to warm up; "
        f"one face was read in {measurement.read} of them, its expression by {about['classifier']}.",
        "",
        f"| {'stage':<{width}} | median ms | p95 ms | share |",
        f"|{'-' * (width + 2)}|----------:|-------:|------:|",
        *(
            f"| {name:<{width}} | {timing.median_ms:9.2f} | {timing.p95_ms:6.2f} | {share:5.0%} |"
            for name, timing, share in rows
        ),
        "",
        f"{about['processor']}, {about['cores']} cores, load {about['load']} at the start; {about['system']}, "
        f"Python {about['python']}, {packages}; {about['threads']} threads a network.",
    ]
    return "\n".join(lines) + "\n"


def _face(photo: Path | None) -> Image:
    if photo is not None:
        from mien.photo import read_photo

        return read_photo(photo)
    try:
        from skimage import data
    except ImportError as error:
        raise ImageError("There is no picture to measure with; name one with --photo FILE.") from error
    import numpy as np

    return np.asarray(data.astronaut(), dtype=np.uint8)
