"""DeepFace's expression network as a classifier; needs the extra ``deepface``.

The package ``deepface`` (MIT) downloads the network on first use, from its own project's releases, and reports this on
stderr. Nothing else is ever downloaded.
"""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import ModelError, Remedy
from mien.face.classifiers.classifier import check_crops, signature
from mien.mood.prior import Prior, change_prior
from mien.onnx_runtime import import_onnxruntime, open_session
from mien.types import Emotion, Expression

FILE_NAME: Final = "facial_expression_model_weights.onnx"
PROJECT: Final = "https://github.com/serengil/deepface_models"

#: DeepFace scales every face to this size before it scales it down to the input of its network.
_FACE_PX: Final = (224, 224)


class DeepFaceClassifier:
    """The network behind ``DeepFace.analyze(actions=["emotion"])``, applied to our aligned faces.

    It is published without calibration, so its probabilities say little about how often it is right. It counts as
    ``confident`` if one expression is more likely than all others together. Raises ``ModelError`` if the package is
    missing, or its network is damaged, or is missing and cannot be downloaded.
    """

    name = "deepface"

    def __init__(self, *, threads: int = 2) -> None:
        import_onnxruntime()  # before deepface imports it
        # It logs to stdout, where commands print their data.
        with contextlib.redirect_stdout(io.StringIO()):
            self._labels, self._resize, make_client, folders = _imported()
            path = Path(folders.get_deepface_home()) / ".deepface" / "weights" / FILE_NAME
            try:
                folders.initialize_folder()
            except OSError as error:
                raise _unwritable(path) from error
            try:
                self._client = make_client()
                # Its own session uses every core, and spins between frames.
                self._client.model = open_session(path, threads=threads)
            except Exception as error:  # the downloader's, the file system's and onnxruntime's share no other base
                raise _unavailable(path) from error
        try:
            self.classify(np.zeros((1, 48, 48), dtype=np.uint8))
        except Exception as error:  # onnxruntime's, OpenCV's and NumPy's share no other base
            remedy = "delete it, so that DeepFace downloads its own"
            raise ModelError("is not DeepFace's network", remedy, subject=path) from error

    def classify(self, crops: NDArray[np.uint8], *, prior: Prior = Prior.FER2013) -> list[Expression]:
        """Read the expression of each crop.

        Args:
            crops: Gray uint8 [n, 48, 48] with n >= 1.
            prior: How often each expression is expected; the network was trained on FER2013.

        Raises:
            ValueError: For any other array.
        """
        check_crops(crops)
        faces = np.concatenate([self._resize(_colour(crop), target_size=_FACE_PX) for crop in crops])
        shares = np.asarray(self._client.predict(faces), dtype=np.float64).reshape(len(crops), len(self._labels))
        columns = [self._labels.index(emotion) for emotion in Emotion]
        probabilities = shares[:, columns] / shares.sum(axis=1, keepdims=True)
        if prior is not Prior.FER2013:
            trained = Prior.FER2013.probabilities
            probabilities = change_prior(probabilities, trained=trained, wanted=prior.probabilities)
        return [self._expression(row, prior) for row in probabilities]

    def _expression(self, probabilities: NDArray[np.float64], prior: Prior) -> Expression:
        return Expression(
            probabilities=dict(zip(Emotion, map(float, probabilities), strict=True)),
            confident=bool(probabilities.max() > 0.5),
            model=signature(self.name, prior),
        )


def _imported() -> tuple[list[Emotion], Any, Any, Any]:
    """What is used of the package: its labels in order, its scaling function, its network and its folders."""
    try:
        from deepface.commons import folder_utils
        from deepface.models.demography.DemographyUtils import EMOTION_LABELS
        from deepface.models.demography.onnx.Emotion import EmotionClient
        from deepface.modules.preprocessing import resize_image

        return [Emotion(label) for label in EMOTION_LABELS], resize_image, EmotionClient, folder_utils
    except (ImportError, ValueError) as error:
        raise ModelError(
            "DeepFace is not installed, or in a version that mien does not support", Remedy.INSTALL_DEEPFACE
        ) from error


def _colour(crop: NDArray[np.uint8]) -> NDArray[np.float64]:
    """A gray crop as input of DeepFace: float [48, 48, 3], 0..1, with three equal channels."""
    return np.repeat(crop[..., None] / 255, 3, axis=2)


def _unavailable(path: Path) -> ModelError:
    if path.is_file():
        return ModelError(f"DeepFace's network {path} cannot be read", "delete it, so that DeepFace downloads it again")
    if not os.access(path.parent, os.W_OK):
        return _unwritable(path)
    return ModelError(
        "DeepFace could not download its network",
        f"go online and try again, or put {FILE_NAME} from {PROJECT} into {path.parent}",
    )


def _unwritable(path: Path) -> ModelError:
    return ModelError(
        f"DeepFace cannot store its network in {path.parent}",
        "make that folder writable, or name another one in the environment variable DEEPFACE_HOME",
    )
