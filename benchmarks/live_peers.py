"""Reads camera frames with another project's whole pipeline; called by ``benchmarks.live``.

    PYTHON benchmarks/live_peers.py NAME FOLDER ANSWERS.json

This file runs on its own in an environment that has the peer but not mien. FOLDER holds the frames as JPEG; each is
decoded and given to the peer as its documentation says, with its own face detection. The result has ``import_s``,
``first_s`` (seconds from the start of the import to the first result), ``times_ms`` of each frame after the warm-up,
and ``found``, the number of frames with exactly one face.
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

CountFaces = Callable[[Any], int]


def fer(*, use_tflite: bool) -> Callable[[], Callable[[], CountFaces]]:
    """The package ``fer``: OpenCV's cascade detects the face, a network classifies it."""

    def load() -> Callable[[], CountFaces]:
        module = import_module("fer.fer")

        def make() -> CountFaces:
            detector = module.FER(use_tflite=use_tflite)
            return lambda picture_bgr: len(detector.detect_emotions(picture_bgr))

        return make

    return load


def mediapipe() -> Callable[[], CountFaces]:
    """MediaPipe's face mesh of 478 points, tracking one face: no expression, no mood."""
    module = import_module("mediapipe")

    def make() -> CountFaces:
        cv2: Any = import_module("cv2")
        mesh = module.solutions.face_mesh.FaceMesh(refine_landmarks=True, max_num_faces=1)

        def count_faces(picture_bgr: Any) -> int:
            found = mesh.process(cv2.cvtColor(picture_bgr, cv2.COLOR_BGR2RGB)).multi_face_landmarks
            return len(found or ())

        return count_faces

    return make


PEERS: dict[str, Callable[[], Callable[[], CountFaces]]] = {
    "fer (TFLite)": fer(use_tflite=True),
    "fer (Keras)": fer(use_tflite=False),
    "mediapipe's face mesh alone": mediapipe,
}


def main() -> None:
    """Load the named peer, run it on every frame and write the times."""
    name, folder, answers = sys.argv[1:]
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    warnings.simplefilter("ignore")
    frames = [path.read_bytes() for path in sorted(Path(folder).glob("*.jpg"))]
    started_s = time.perf_counter()
    make = PEERS[name]()
    import_s = time.perf_counter() - started_s
    cv2: Any = import_module("cv2")
    numpy: Any = import_module("numpy")
    count_faces = make()
    times_ms, found, first_s = [], 0, 0.0
    for index, jpeg in enumerate(frames):
        begun_s = time.perf_counter()
        faces = count_faces(cv2.imdecode(numpy.frombuffer(jpeg, dtype=numpy.uint8), cv2.IMREAD_COLOR))
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
