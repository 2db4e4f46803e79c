"""Compares live reading with peers: ``mien bench live``, then their whole pipelines on the same frames.

    python -m benchmarks.live [--frames 200] [--minutes 2] [--environment FOLDER] [--mediapipe FOLDER]

Peers run in virtual environments of their own, created at the first run: ``fer`` in the one of
``benchmarks.expressions`` (3 GB), MediaPipe in another (0.5 GB). A peer that cannot be installed is left out, and the
results say so.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import record
from benchmarks.expressions import ENVIRONMENT, prepared
from benchmarks.live_peers import PEERS, WARM_UP
from mien.bench.scenes import moving_faces
from mien.bench.timing import Timing, timing
from mien.cli.bench.live import PARTS, measure
from mien.cli.bench.live_report import BenchResults, as_markdown
from mien.cli.bench.report import read_faces

MEDIAPIPE = Path(tempfile.gettempdir()) / "mien-mediapipe"
MEDIAPIPE_PACKAGE = "mediapipe==0.10.21"
MEDIAPIPE_NEEDS = (
    "absl-py",
    "attrs",
    "flatbuffers",
    "matplotlib",
    "numpy<2",
    "opencv-python-headless<4.12",
    "protobuf>=4.25,<5",
    "sounddevice",
)
"""The dependencies of its face mesh, which does not need JAX."""


@dataclass(frozen=True, slots=True)
class PeerTimes:
    """The cost of a peer.

    Attributes:
        name: Its name.
        import_s: Seconds to import it.
        first_s: Seconds from the start of the import to its first result.
        frame: The time of a frame.
        found: In how many frames it found one face.
        frames: How many frames it was given.
    """

    name: str
    import_s: float
    first_s: float
    frame: Timing
    found: int
    frames: int


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=200, help="frames a row, and half as many of each peer (200)")
    parser.add_argument("--seconds", type=int, default=5, help="how long clients are counted (5)")
    parser.add_argument("--minutes", type=int, default=2, help="minutes of frames for the memory (2)")
    parser.add_argument("--part", action="append", choices=PARTS, help="measure this of mien alone; may be repeated")
    parser.add_argument("--environment", type=Path, default=ENVIRONMENT, help=f"where fer lives ({ENVIRONMENT})")
    parser.add_argument("--mediapipe", type=Path, default=MEDIAPIPE, help=f"where MediaPipe lives ({MEDIAPIPE})")
    parser.add_argument("--peer", action="append", choices=list(PEERS), help="ask this peer alone; may be repeated")
    parser.add_argument("--trial", action="store_true", help="keep nothing")
    options = parser.parse_args()
    # Environments first: the system still writes to disk after an installation.
    pythons = installed({"fer": lambda: prepared(options.environment), "mediapipe": lambda: ready(options.mediapipe)})
    found, about = measure(
        parts=tuple(options.part or PARTS), frames=options.frames, seconds=options.seconds, minutes=options.minutes
    )
    peers = list(ask_all(pythons, options.peer or list(PEERS), frames=max(1, options.frames // 2)))
    text = f"{as_markdown(found, about)}\n{table(found, peers)}"
    print(text)
    if not options.trial:
        record.save("live", text)


def installed(environments: dict[str, Callable[[], Path]]) -> dict[str, Path]:
    """The Python of each environment that could be created, by the first word of its peers' names."""
    pythons = {}
    for name, prepare in environments.items():
        try:
            pythons[name] = prepare()
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{name} cannot be installed here ({error}) and is left out.", file=sys.stderr)
    return pythons


def ready(environment: Path) -> Path:
    """The Python of MediaPipe's environment, which is created if it is missing."""
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    done = environment / "mien-mediapipe-is-here"
    if not done.exists():
        venv.create(environment, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", MEDIAPIPE_PACKAGE], check=True)
        subprocess.run([*pip, *MEDIAPIPE_NEEDS], check=True)
        done.touch()
    return python


def ask_all(pythons: dict[str, Path], names: Sequence[str], *, frames: int) -> Iterator[PeerTimes]:
    """Measure each installed peer, one after the other, each in a fresh process."""
    scene = moving_faces(read_faces([]))
    with tempfile.TemporaryDirectory() as folder:
        for index in range(WARM_UP + frames):
            (Path(folder) / f"{index:05}.jpg").write_bytes(scene[index % len(scene)])
        for name in names:
            python = next((python for word, python in pythons.items() if name.startswith(word)), None)
            peer = None if python is None else ask(name, python, Path(folder))
            if peer is not None:
                yield peer


def ask(name: str, python: Path, folder: Path) -> PeerTimes | None:
    """Measure one peer on the frames in ``folder``; None if it failed."""
    print(f"{name} …", file=sys.stderr)
    answers = folder / "answers.json"
    script = Path(__file__).with_name("live_peers.py")
    command = [str(python), str(script), name, str(folder), str(answers)]
    environ = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"{name} failed and is left out:\n{done.stderr[-2000:]}", file=sys.stderr)
        return None
    result = json.loads(answers.read_text(encoding="utf-8"))
    return PeerTimes(
        name,
        result["import_s"],
        result["first_s"],
        timing(result["times_ms"]),
        result["found"],
        len(result["times_ms"]),
    )


def table(found: BenchResults, peers: Sequence[PeerTimes]) -> str:
    """The table of mien and its peers: one face, 640x480; a ratio is a peer's time over mien's."""
    lines = [
        "Beside peers: the same frames of one face in 640x480, from JPEG to answer; each as its package comes.",
        "",
        "| | median ms | p95 ms | mien's time, times | one face found | import s | start to first answer s |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    ours = found.frames.get((640, 480, 1))
    start = found.start
    if ours is not None:
        begin = ("", "") if start is None else (f"{start.import_s:.3f}", f"{start.first_reading_s:.2f}")
        cells = [f"{ours.timing.median_ms:.2f}", f"{ours.timing.p95_ms:.2f}", "1", f"{ours.read} of {ours.frames}"]
        lines.append(f"| **mien, frame to mood** | {' | '.join([*cells, *begin])} |")
    for peer in peers:
        times = "" if ours is None else f"{peer.frame.median_ms / ours.timing.median_ms:.1f}"
        cells = [f"{peer.frame.median_ms:.2f}", f"{peer.frame.p95_ms:.2f}", times, f"{peer.found} of {peer.frames}"]
        lines.append(f"| {peer.name} | {' | '.join([*cells, f'{peer.import_s:.2f}', f'{peer.first_s:.2f}'])} |")
    missing = [name for name in PEERS if name not in {peer.name for peer in peers}]
    if missing:
        lines += ["", f"Not measured here: {', '.join(missing)}."]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
