"""Compares LiteRT with OpenCV DNN on the four face networks: the time of a call, and whether the outputs agree.

    python -m benchmarks.runtimes [--threads 2] [--rounds 300]

Both runtimes read the same photograph (scikit-image's astronaut), in alternating blocks of calls, so that other load
affects both equally, while the threads of one are idle when the other is measured. The table is printed and written to
``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from benchmarks import record
from mien.face import verifier
from mien.face.detect import MARGIN, Detector, letterbox
from mien.face.features import POINTS
from mien.face.mesh import INPUT_PX, MeshNetwork, square_of_detection
from mien.face.network import TfliteNetwork
from mien.face.warp import cut

BLOCK = 50
WARM_UP = 10

Tensor = NDArray[np.float32]
Call = Callable[[], Mapping[str, Tensor]]


@dataclass(frozen=True, slots=True)
class RuntimeTiming:
    """Milliseconds of one call."""

    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Row:
    """One network on both runtimes; ``difference`` is the largest between corresponding outputs."""

    name: str
    litert: RuntimeTiming
    opencv: RuntimeTiming
    difference: float


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2, help="threads that each network may use (default 2)")
    parser.add_argument("--rounds", type=int, default=300, help="calls measured for each network (default 300)")
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)
    rows = [measure(name, tensor, options.threads, options.rounds) for name, tensor in inputs(options.threads).items()]
    text = report(rows, options.threads, options.rounds)
    print(text)
    record.save("runtimes", text)


def inputs(threads: int) -> dict[str, Tensor]:
    """The input of each network for the photograph, by file name."""
    picture = data.astronaut()
    detection = Detector(threads=threads).find(picture)[0]
    square = square_of_detection(detection)
    mesh = MeshNetwork(threads=threads).read(picture, square)
    crop = cut(picture, square.transform(INPUT_PX), INPUT_PX, repeat_edge=False)
    small = cut(picture, square.transform(verifier.INPUT_PX), verifier.INPUT_PX, repeat_edge=False)
    return {
        "face_detection_full_range.tflite": letterbox(picture, margin=MARGIN).tensor,
        "face_landmarks_detector.tflite": crop[None] * np.float32(1 / 255),
        "face_landmark.tflite": small[None] * np.float32(1 / 255),
        "face_blendshapes.tflite": mesh.landmarks[None, list(POINTS), :2],
    }


def measure(file_name: str, tensor: Tensor, threads: int, rounds: int) -> Row:
    """Measure one network with one input on both runtimes; ``rounds`` calls of each, rounded up to whole blocks."""
    litert = litert_call(file_name, tensor, threads)
    calls = (litert, opencv_call(file_name, tensor, tuple(litert())))
    times_ms: tuple[list[float], list[float]] = ([], [])
    for _ in range(-(-rounds // BLOCK)):
        for call, times in zip(calls, times_ms, strict=True):
            for number in range(WARM_UP + BLOCK):
                start = time.perf_counter()
                call()
                if number >= WARM_UP:
                    times.append((time.perf_counter() - start) * 1000)
    return Row(file_name, timing(times_ms[0]), timing(times_ms[1]), difference(calls[0](), calls[1]()))


def litert_call(file_name: str, tensor: Tensor, threads: int) -> Call:
    """The network on LiteRT, as mien runs it."""
    network = TfliteNetwork(file_name, threads=threads)
    return lambda: network.run(tensor)


def opencv_call(file_name: str, tensor: Tensor, outputs: tuple[str, ...]) -> Call:
    """The network on OpenCV DNN.

    Version 5 returns all ``outputs`` only with its classic engine, which can be chosen only for a file, not a buffer.
    """
    with resources.as_file(resources.files("mien.models") / "third_party" / file_name) as path:
        if hasattr(cv2.dnn, "ENGINE_CLASSIC"):
            network = cv2.dnn.readNetFromTFLite(str(path), engine=cv2.dnn.ENGINE_CLASSIC)
        else:
            network = cv2.dnn.readNetFromTFLite(str(path))
    planes = np.ascontiguousarray(tensor.transpose(0, 3, 1, 2)) if tensor.ndim == 4 else tensor

    def call() -> Mapping[str, Tensor]:
        network.setInput(planes)
        values = (np.asarray(value, dtype=np.float32) for value in network.forward(outputs))
        return dict(zip(outputs, values, strict=True))

    return call


def timing(times_ms: Sequence[float]) -> RuntimeTiming:
    """Median and 95th percentile."""
    median, p95 = np.percentile(times_ms, [50, 95])
    return RuntimeTiming(float(median), float(p95))


def difference(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> float:
    """The largest difference between outputs of the same name."""
    return max(float(np.abs(values.ravel() - other[name].ravel()).max()) for name, values in one.items())


def report(rows: Sequence[Row], threads: int, rounds: int) -> str:
    """The results as Markdown."""
    lines = [
        "# LiteRT against OpenCV DNN",
        "",
        *record.circumstances(),
        f"- {threads} threads a network, {rounds} calls each, in blocks of {BLOCK} after {WARM_UP} to warm up",
        "",
        "| network | LiteRT median, p95 (ms) | OpenCV DNN median, p95 (ms) | OpenCV / LiteRT | greatest difference |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        ratio = row.opencv.median_ms / row.litert.median_ms
        lines.append(
            f"| {row.name} | {row.litert.median_ms:.2f}, {row.litert.p95_ms:.2f} "
            f"| {row.opencv.median_ms:.2f}, {row.opencv.p95_ms:.2f} | {ratio:.1f} | {row.difference:.1g} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
