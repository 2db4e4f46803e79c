"""DeepFace's expression network as a classifier: ``pip install 'mien[deepface]'``.

The package ``deepface`` (MIT) fetches the network itself on first use, from its own project's releases, and tells on
stderr that it does. That is the one time that anything is fetched.
"""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import ModelError
from mien.face.classifiers.classifier import check_crops
from mien.onnx_runtime import open_session, silent_onnxruntime
from mien.types import Emotion, Expression

FILE_NAME: Final = "facial_expression_model_weights.onnx"
PROJECT: Final = "https://github.com/serengil/deepface_models"

#: DeepFace turns every face into a picture of this size before it makes it as small as its network takes it.
_FACE_PX: Final = (224, 224)


class DeepFaceClassifier:
    """The network behind ``DeepFace.analyze(actions=["emotion"])``, fed with our aligned faces: none is sought again.

    Its maker publishes no calibration, so its probabilities say little about how often it is right. It counts as
    ``confident`` where it holds one expression for likelier than all others together. Raises ``ModelError`` when the
    package is missing, or its network is missing and cannot be fetched, or is damaged.
    """

    name = "deepface"

    def __init__(self, *, threads: int = 2) -> None:
        silent_onnxruntime()  # before deepface imports it
        # Its log goes to stdout, which belongs to the data that a command prints.
        with contextlib.redirect_stdout(io.StringIO()):
            self._labels, self._resize, make_client, folders = _imported()
            path = Path(folders.get_deepface_home()) / ".deepface" / "weights" / FILE_NAME
            try:
                folders.initialize_folder()
            except OSError as error:
                raise ModelError(_unwritable(path)) from error
            try:
                self._client = make_client()
                # Its own session takes every core, and spins between two frames.
                self._client.model = open_session(path, threads=threads)
            except Exception as error:  # its downloader's, the file system's and onnxruntime's share no other base
                raise ModelError(_remedy(path)) from error
        try:
            self.classify(np.zeros((1, 48, 48), dtype=np.uint8))
        except Exception as error:  # onnxruntime's, OpenCV's and NumPy's share no other base
            remedy = "delete it, so that DeepFace fetches its own."
            raise ModelError(f"{path} is another network than DeepFace's; {remedy}") from error

    def classify(self, crops: NDArray[np.uint8]) -> list[Expression]:
        """One expression a crop, for gray uint8 [n, 48, 48] with n >= 1; ``ValueError`` on any other array."""
        check_crops(crops)
        faces = np.concatenate([self._resize(_colour(crop), target_size=_FACE_PX) for crop in crops])
        shares = np.asarray(self._client.predict(faces), dtype=np.float64).reshape(len(crops), len(self._labels))
        return [self._expression(row / row.sum()) for row in shares]

    def _expression(self, probabilities: NDArray[np.float64]) -> Expression:
        return Expression(
            probabilities=dict(zip(self._labels, map(float, probabilities), strict=True)),
            confident=bool(probabilities.max() > 0.5),
            model=self.name,
        )


def _imported() -> tuple[list[Emotion], Any, Any, Any]:
    """What is taken from the package: the order of its labels, how it sizes a face, its network, its folders."""
    try:
        from deepface.commons import folder_utils
        from deepface.models.demography.DemographyUtils import EMOTION_LABELS
        from deepface.models.demography.onnx.Emotion import EmotionClient
        from deepface.modules.preprocessing import resize_image

        return [Emotion(label) for label in EMOTION_LABELS], resize_image, EmotionClient, folder_utils
    except (ImportError, ValueError) as error:
        raise ModelError(
            "DeepFace is not installed, or in a version that mien does not know; pip install 'mien[deepface]'"
        ) from error


def _colour(crop: NDArray[np.uint8]) -> NDArray[np.float64]:
    """A gray crop as DeepFace wants a face: float [48, 48, 3] in 0..1, blue, green and red being the same."""
    return np.repeat(crop[..., None] / 255, 3, axis=2)


def _remedy(path: Path) -> str:
    if path.is_file():
        return f"DeepFace's network {path} cannot be read; delete it, so that DeepFace fetches it again."
    if not os.access(path.parent, os.W_OK):
        return _unwritable(path)
    return (
        f"DeepFace could not fetch its network; go online and try again, or put {FILE_NAME}, "
        f"which {PROJECT} offers, into {path.parent}"
    )


def _unwritable(path: Path) -> str:
    return (
        f"DeepFace cannot keep its network in {path.parent}; make that folder writable, "
        "or name another home for it in the environment variable DEEPFACE_HOME"
    )
