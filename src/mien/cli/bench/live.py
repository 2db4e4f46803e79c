"""``mien bench live``: every figure of live reading, from a camera's frame to ten people's pages."""

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

#: What the page sends.
SMALL: Final = (640, 480)


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
    help="A photo of one face to make frames of, again for more; without it the face that scikit-image ships.",
)
@click.option("--part", "parts", type=click.Choice(PARTS), multiple=True, help="Measure this alone; may be repeated.")
@click.option(
    "--frames", metavar="N", type=click.IntRange(1), default=200, help="Frames to measure in each row; 200 unless set."
)
@click.option(
    "--seconds", metavar="N", type=click.IntRange(1), default=5, help="How long clients are counted; 5 unless set."
)
@click.option(
    "--minutes",
    metavar="N",
    type=click.IntRange(1),
    default=2,
    help="Minutes of frames, 10 a second, for the memory; 2 unless set.",
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
    """Measure live reading: time, faces, clients, memory, start.

    Nothing in the frames stands still, except where the part says so. The server runs in a process of its own, on this
    computer; the frames of the minutes are fed as fast as they are read.
    """
    found, about = measure(
        photos=photos, parts=parts or PARTS, frames=frames, seconds=seconds, minutes=minutes, classifier=classifier
    )
    publish("live", about, as_markdown(found, about), as_json(found, about), wants_json=wants_json, out=out)


def measure(
    *,
    photos: Sequence[Path] = (),
    parts: Collection[str] = PARTS,
    frames: int = 200,
    seconds: int = 5,
    minutes: int = 2,
    classifier: str | None = None,
) -> tuple[BenchResults, dict[str, Any]]:
    """Measure the ``parts``, and say when, where and of what; for ``benchmarks.live`` too."""
    about = circumstances()
    network = load_classifier(classifier)
    about |= {"classifier": network.name, "frames": frames, "seconds": seconds, "minutes": minutes}
    found = BenchResults()
    faces = read_faces(photos)
    jpegs = _scene(faces, 1, SMALL)
    if {"frames", "still"} & set(parts):
        _measure_frames(found, parts, faces, network, frames)
    if "start" in parts:
        _measure_start(found, faces[0])
    if {"start", "clients", "memory"} & set(parts):
        _measure_server(found, parts, jpegs, classifier or settings().classifier, seconds, minutes)
    return found, about


def _scene(faces: list[Image], count: int, size: tuple[int, int]) -> list[bytes]:
    from mien.bench.scenes import moving_faces

    return moving_faces(faces, faces=count, width_px=size[0], height_px=size[1])


def _measure_frames(
    found: BenchResults, wanted: Collection[str], faces: list[Image], network: Any, frames: int
) -> None:
    from mien.bench.live import make_reader, measure_live
    from mien.bench.scenes import still_room

    reader = make_reader(network, threads=settings().threads)
    rows = [(*size, count) for size in SIZES for count in FACES] if "frames" in wanted else []
    scenes = {row: _scene(faces, row[2], row[:2]) for row in rows}
    for row, scene in scenes.items():
        say(f"{row[0]}x{row[1]} with {row[2]} of {max(FACES)} faces …")
        found.frames[row] = measure_live(scene, faces=row[2], reader=reader, frames=frames)
    if "still" in wanted:
        room = still_room(_scene(faces, 1, SMALL)[0])
        say("a person who sits still …")
        found.still = measure_live(room, faces=1, reader=reader, frames=frames)


def _measure_start(found: BenchResults, face: Image) -> None:
    from PIL import Image as Pillow

    from mien.bench.start import measure_start

    say("fresh processes …")
    with tempfile.TemporaryDirectory() as folder:
        # A photo that --photo named is read from a copy too, so that every one is a JPEG of the same making.
        path = Path(folder) / "face.jpg"
        Pillow.fromarray(face).save(path, quality=95)
        found.start = measure_start(path)


def _measure_server(
    found: BenchResults, wanted: Collection[str], jpegs: list[bytes], classifier: str, seconds: int, minutes: int
) -> None:
    from mien.bench.server import BenchServer, first_reading_s, measure_clients, measure_memory

    def fresh() -> BenchServer:
        return opened.enter_context(BenchServer(classifier=classifier, threads=settings().threads))

    with ExitStack() as opened:
        server = fresh()
        found.server_start_s = first_reading_s(server, jpegs[0])
        if "clients" in wanted:
            for clients in CLIENTS:
                say(f"{clients} clients …")
                found.clients[clients] = measure_clients(server, jpegs, clients=clients, duration_s=seconds)
    if "memory" in wanted:
        with ExitStack() as opened:
            say(f"{minutes} minutes of frames …")
            found.memory = measure_memory(fresh(), jpegs, minutes=minutes)
