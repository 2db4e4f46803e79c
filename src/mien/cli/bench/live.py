"""``mien bench live``: measures live reading, from a single frame to many clients of one server."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mien.cli.bench.live_report import BenchResults, as_json, as_markdown
from mien.cli.bench.report import circumstances, out_option, publish, read_faces
from mien.cli.terminal.classifier import classifier_option, load_classifier
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import say
from mien.cli.terminal.param_types import AnyPath
from mien.cli.terminal.settings import settings

if TYPE_CHECKING:
    from mien.bench.server import BenchServer
    from mien.types import Image

PARTS: Final = ("frames", "still", "start", "clients", "memory")

SIZES: Final = ((640, 480), (1280, 720))
FACES: Final = (1, 2, 4)
CLIENTS: Final = (10, 20, 40, 80)

PAGE_SIZE: Final = (640, 480)
"""The size of the frames that the page sends."""


@click.command(
    epilog=examples(
        "mien bench live",
        "mien bench live --part frames --part clients",
        "mien bench live --part memory --minutes 60",
        "mien bench live --out benchmarks/results",
    )
)
@click.option(
    "--photo",
    "photos",
    metavar="FILE",
    multiple=True,
    type=AnyPath(),
    help="A photo of one face to make frames of; may be repeated. By default one from scikit-image.",
)
@click.option("--part", "parts", type=click.Choice(PARTS), multiple=True, help="Measure only this; may be repeated.")
@click.option("--frames", metavar="N", type=click.IntRange(1), default=200, help="Frames per row; 200 by default.")
@click.option(
    "--seconds", metavar="N", type=click.IntRange(1), default=5, help="How long clients are measured; 5 by default."
)
@click.option(
    "--minutes",
    metavar="N",
    type=click.IntRange(1),
    default=2,
    help="Minutes of frames, 10 per second, for the memory; 2 by default.",
)
@classifier_option
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
@out_option
def live(
    photos: tuple[Path, ...],
    parts: tuple[str, ...],
    frames: int,
    seconds: int,
    minutes: int,
    classifier: str | None,
    wants_json: bool,
    out: Path | None,
) -> None:
    """Measure live reading: frames, clients, memory and start.

    All faces move, except in the part "still". The server runs in a separate process on this computer. The frames of
    the part "memory" are sent as fast as they are read.
    """
    results, about = measure(
        photos=photos, parts=parts or PARTS, frames=frames, seconds=seconds, minutes=minutes, classifier=classifier
    )
    publish("live", about, as_markdown(results, about), as_json(results, about), wants_json=wants_json, out=out)


def measure(
    *,
    photos: Sequence[Path] = (),
    parts: Collection[str] = PARTS,
    frames: int = 200,
    seconds: int = 5,
    minutes: int = 2,
    classifier: str | None = None,
) -> tuple[BenchResults, dict[str, Any]]:
    """Measure live reading.

    Args:
        photos: Photos of one face each; without any, one from scikit-image.
        parts: Which of ``PARTS`` to measure.
        frames: Frames per row of the part "frames".
        seconds: How long clients are measured.
        minutes: Minutes of frames, 10 per second, for the part "memory".
        classifier: The name of the classifier; None for the one in the settings.

    Returns:
        The results, and the circumstances: date, code, machine and options.
    """
    about = circumstances()
    network = load_classifier(classifier)
    about |= {"classifier": network.name, "frames": frames, "seconds": seconds, "minutes": minutes}
    results = BenchResults()
    faces = read_faces(photos)
    jpegs = _scene(faces, 1, PAGE_SIZE)
    if {"frames", "still"} & set(parts):
        _measure_frames(results, parts, faces, network, frames)
    if "start" in parts:
        _measure_start(results, faces[0])
    if {"start", "clients", "memory"} & set(parts):
        _measure_server(results, parts, jpegs, classifier or settings().classifier, seconds, minutes)
    return results, about


def _scene(faces: list[Image], count: int, size: tuple[int, int]) -> list[bytes]:
    from mien.bench.scenes import moving_faces

    return moving_faces(faces, faces=count, width_px=size[0], height_px=size[1])


def _measure_frames(
    results: BenchResults, parts: Collection[str], faces: list[Image], network: Any, frames: int
) -> None:
    from mien.bench.live import make_reader, measure_live
    from mien.bench.scenes import still_room

    rows = [(*size, count) for size in SIZES for count in FACES] if "frames" in parts else []
    scenes = {row: _scene(faces, row[2], row[:2]) for row in rows}
    with make_reader(network, threads=settings().threads) as reader:
        for row, scene in scenes.items():
            say(f"{row[0]}x{row[1]} with {row[2]} of {max(FACES)} faces …")
            results.frames[row] = measure_live(scene, faces=row[2], reader=reader, frames=frames)
        if "still" in parts:
            room = still_room(_scene(faces, 1, PAGE_SIZE)[0])
            say("a person who sits still …")
            results.still = measure_live(room, faces=1, reader=reader, frames=frames)


def _measure_start(results: BenchResults, face: Image) -> None:
    from PIL import Image as Pillow

    from mien.bench.start import measure_start

    say("fresh processes …")
    with tempfile.TemporaryDirectory() as folder:
        # Photos of --photo are saved anew too, so that every one is the same kind of JPEG.
        path = Path(folder) / "face.jpg"
        Pillow.fromarray(face).save(path, quality=95)
        results.start = measure_start(path)


def _measure_server(
    results: BenchResults, parts: Collection[str], jpegs: list[bytes], classifier: str, seconds: int, minutes: int
) -> None:
    from mien.bench.server import BenchServer, first_reading_s, measure_clients, measure_memory

    def fresh() -> BenchServer:
        return opened.enter_context(BenchServer(classifier=classifier, threads=settings().threads))

    with ExitStack() as opened:
        server = fresh()
        results.server_start_s = first_reading_s(server, jpegs[0])
        if "clients" in parts:
            for clients in CLIENTS:
                say(f"{clients} clients …")
                results.clients[clients] = measure_clients(server, jpegs, clients=clients, duration_s=seconds)
    if "memory" in parts:
        with ExitStack() as opened:
            say(f"{minutes} minutes of frames …")
            results.memory = measure_memory(fresh(), jpegs, minutes=minutes)
