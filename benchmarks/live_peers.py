"""Reads a camera's frames with another project's whole pipeline; ``benchmarks.live`` calls it.

    PYTHON benchmarks/live_peers.py NAME FOLDER ANSWERS.json

This file runs by itself in an environment of its own, which has the peer and no mien. FOLDER holds the frames, JPEG;
each is decoded and handed to the peer as its documentation says, with its own search for faces. Written are seconds:
``import_s``, ``first_s`` (from the start of the import to the first answer); and ``times_ms`` of each frame after some
to warm up, and ``found``, in how many of them there was exactly one face.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

WARM_UP = 5

Look = Callable[[Any], int]


def fer(*, use_tflite: bool) -> Callable[[], Callable[[], Look]]:
    """The package ``fer``: OpenCV's cascade finds the face, a network reads it."""

    def load() -> Callable[[], Look]:
        module = import_module("fer.fer")

        def make() -> Look:
            detector = module.FER(use_tflite=use_tflite)
            return lambda picture_bgr: len(detector.detect_emotions(picture_bgr))

        return make

    return load


def mediapipe() -> Callable[[], Look]:
    """MediaPipe's face mesh of 478 points, following one face: no expression, no mood."""
    module = import_module("mediapipe")

    def make() -> Look:
        cv2: Any = import_module("cv2")
        mesh = module.solutions.face_mesh.FaceMesh(refine_landmarks=True, max_num_faces=1)

        def look(picture_bgr: Any) -> int:
            found = mesh.process(cv2.cvtColor(picture_bgr, cv2.COLOR_BGR2RGB)).multi_face_landmarks
            return len(found or ())

        return look

    return make


PEERS: dict[str, Callable[[], Callable[[], Look]]] = {
    "fer (TFLite)": fer(use_tflite=True),
    "fer (Keras)": fer(use_tflite=False),
    "mediapipe's face mesh alone": mediapipe,
}


def main() -> None:
    """Load the peer that is named, show it every frame, write down how long it took."""
    name, folder, answers = sys.argv[1:]
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    warnings.simplefilter("ignore")
    frames = [path.read_bytes() for path in sorted(Path(folder).glob("*.jpg"))]
    started_s = time.perf_counter()
    make = PEERS[name]()
    import_s = time.perf_counter() - started_s
    cv2: Any = import_module("cv2")
    numpy: Any = import_module("numpy")
    look = make()
    times_ms, found, first_s = [], 0, 0.0
    for index, jpeg in enumerate(frames):
        begun_s = time.perf_counter()
        faces = look(cv2.imdecode(numpy.frombuffer(jpeg, dtype=numpy.uint8), cv2.IMREAD_COLOR))
        ended_s = time.perf_counter()
        if index == 0:
            first_s = ended_s - started_s
        if index >= WARM_UP:
            times_ms.append(1000 * (ended_s - begun_s))
            found += faces == 1
    figures = {"import_s": import_s, "first_s": first_s, "times_ms": times_ms, "found": found}
    Path(answers).write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
