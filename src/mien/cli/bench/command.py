"""``mien bench``: measures how fast mien is on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.bench.live import live
from mien.cli.bench.report import circumstances, out_option, publish, read_faces
from mien.cli.terminal.classifier import classifier_option, load_classifier
from mien.cli.terminal.examples import examples
from mien.cli.terminal.param_types import AnyPath
from mien.cli.terminal.settings import settings

if TYPE_CHECKING:
    from mien.bench.stages import Measurement


@click.group(epilog=examples("mien bench live", "mien bench frame --photo photo.jpg"))
def bench() -> None:
    """Measure how fast mien is on this machine.

    Prints medians and 95th percentiles after a warm-up, with a description of the machine.
    """


@bench.command(
    epilog=examples("mien bench frame --photo photo.jpg", "mien bench frame --json --out benchmarks/results")
)
@click.option(
    "--photo",
    metavar="FILE",
    type=AnyPath(),
    help="A photo of one face to make frames of; by default one from scikit-image.",
)
@classifier_option
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
@out_option
def frame(photo: Path | None, classifier: str | None, wants_json: bool, out: Path | None) -> None:
    """Measure the stages of reading a live frame.

    Frames of 640x480 with one moving face are read one after the other, as those of the page's camera are.
    """
    from mien.bench.scenes import moving_faces
    from mien.bench.stages import measure_reading

    about = circumstances()
    network = load_classifier(classifier)
    frames = moving_faces(read_faces([photo] if photo else []))
    measurement = measure_reading(frames, classifier=network, threads=settings().threads)
    about |= {"classifier": network.name}
    publish(
        "reading", about, as_markdown(measurement, about), as_json(measurement, about), wants_json=wants_json, out=out
    )


bench.add_command(live)


def as_json(measurement: Measurement, about: dict[str, Any]) -> dict[str, Any]:
    """The measurement as one JSON object: times in ms, shares 0..1."""
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
    """The measurement as a page of Markdown."""
    from mien.bench.stages import STAGES
    from mien.cli.bench.report import machine_line

    rows = [
        (f"{name}: {STAGES[name]}", timing, measurement.shares[name]) for name, timing in measurement.stages.items()
    ]
    rows.append(("**total**", measurement.total, 1.0))
    width = max(len(name) for name, _, _ in rows)
    lines = [
        f"# Reading a live frame, {about['date']}, {about['code']}",
        "",
        f"640x480, one moving face, {measurement.frames} frames after {measurement.warm_up} to warm up; "
        f"the face was found in {measurement.read} of them and classified by {about['classifier']}.",
        "",
        f"| {'stage':<{width}} | median ms | p95 ms | share |",
        f"|{'-' * (width + 2)}|----------:|-------:|------:|",
        *(
            f"| {name:<{width}} | {timing.median_ms:9.2f} | {timing.p95_ms:6.2f} | {share:5.0%} |"
            for name, timing, share in rows
        ),
        "",
        machine_line(about),
    ]
    return "\n".join(lines) + "\n"
