"""Our own expression network, or another one in an ONNX file with a settings file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import ModelError, Remedy, network_error
from mien.face.classifiers.classifier import check_crops, signature
from mien.face.classifiers.fusion import Fusion
from mien.mood.logits import centred
from mien.mood.prior import Prior, change_prior
from mien.onnx_runtime import open_session
from mien.types import Emotion, Expression

if TYPE_CHECKING:
    import onnxruntime


class OnnxClassifier:
    """An expression network in an ONNX file, with its settings in a JSON file of the same name.

    The network takes ``images`` float32 [n, 1, 48, 48] in 0..1 and returns ``logits`` float32 [n, 7] in the order of
    ``Emotion``. The settings are ``name``, ``temperature`` (the logits are divided by it: Guo et al. 2017,
    arXiv:1706.04599) and ``confidence_threshold`` (below it the expression is not confident). With the optional
    setting ``fusion`` (see ``Fusion``) it also gives ``votes`` float32 [n, 8], logits of ``fusion.VOTE_CLASSES``, and
    both answers are fused under every prior but that of the training set. Raises ``ModelError`` when either file is
    missing or damaged.

    The network runs in one thread: for the few crops of a frame, to wake a second one takes longer than it saves, and
    the features of the faces are computed meanwhile.
    """

    def __init__(self, path: Path) -> None:
        settings = _read_settings(path.with_suffix(".json"))
        try:
            self._name = str(settings["name"])
            self._temperature = float(settings["temperature"])
            self._confidence_threshold = float(settings["confidence_threshold"])
            self._fusion = Fusion.from_settings(settings["fusion"]) if "fusion" in settings else None
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"is damaged ({error})", Remedy.REINSTALL, subject=path.with_suffix(".json")) from error
        self._session = _open(path)

    @property
    def name(self) -> str:
        """The name from the settings."""
        return self._name

    def classify(self, crops: NDArray[np.uint8], *, prior: Prior = Prior.FER2013) -> list[Expression]:
        """Read the expression of each crop.

        Args:
            crops: Gray uint8 [n, 48, 48] with n >= 1.
            prior: How often each expression is expected. FER2013's gives the first answer as it was trained.

        Raises:
            ValueError: For any other array.
        """
        check_crops(crops)
        if prior is Prior.FER2013 or self._fusion is None:
            (logits,) = self._session.run(["logits"], {"images": as_input(crops)})
            labels = softmax(logits.astype(np.float64) / self._temperature)
            trained, wanted = Prior.FER2013.probabilities, prior.probabilities
            read = labels if prior is Prior.FER2013 else change_prior(labels, trained=trained, wanted=wanted)
            rows = zip(read, labels, strict=True)
            return [self._expression(row, self._confidence_threshold, prior, label) for row, label in rows]
        logits, vote_logits = self._session.run(["logits", "votes"], {"images": as_input(crops)})
        labels, votes = softmax(logits.astype(np.float64) / self._temperature), softmax(vote_logits.astype(np.float64))
        fused = self._fusion.fuse(labels, votes, prior.probabilities)
        threshold = self._fusion.confidence_threshold
        return [self._expression(row, threshold, prior, *pair) for row, *pair in zip(fused, labels, votes, strict=True)]

    def _expression(
        self, probabilities: NDArray[np.float64], threshold: float, prior: Prior, *answers: NDArray[np.float64]
    ) -> Expression:
        return Expression(
            probabilities={emotion: float(p) for emotion, p in zip(Emotion, probabilities, strict=True)},
            confident=bool(probabilities.max() >= threshold),
            model=signature(self._name, prior),
            answers=tuple(value for answer in answers for value in centred(answer).tolist()),
        )


def default_classifier(*, threads: int = 1) -> OnnxClassifier:
    """The network that comes with mien; raises ``ModelError`` if its files are missing or damaged.

    Args:
        threads: How many threads it may use; it uses one.

    Returns:
        The network, loaded.
    """
    if threads < 1:
        raise ValueError(f"a network needs at least one thread, not {threads}")
    with resources.as_file(resources.files("mien.models")) as folder:
        return OnnxClassifier(folder / "expression.onnx")


def as_input(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Convert crops uint8 [n, 48, 48] to the input of the network, float32 [n, 1, 48, 48] in 0..1."""
    return np.asarray(crops[:, None].astype(np.float32) / np.float32(255), dtype=np.float32)


def softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Convert logits float [n, k] to probabilities float64 [n, k], each row summing to 1."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), dtype=np.float64)


def _read_settings(path: Path) -> Mapping[str, Any]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError("is missing", Remedy.REINSTALL, subject=path) from error
    except ValueError as error:
        raise ModelError("is damaged", Remedy.REINSTALL, subject=path) from error
    if not isinstance(settings, dict):
        raise ModelError("is damaged", Remedy.REINSTALL, subject=path)
    return settings


def _open(path: Path) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise ModelError("is missing", Remedy.REINSTALL, subject=path)
    try:
        return open_session(path, threads=1)
    except Exception as error:  # onnxruntime's own exceptions share no other base
        raise network_error(error, subject=path) from error
