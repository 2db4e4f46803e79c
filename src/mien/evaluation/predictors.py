"""Predicts the expression in a picture for ``mien evaluate``: as a crop, after detection, in a frame, and corrupted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from mien.capture.photo import read_photo
from mien.evaluation.corruptions import SMALL_SIDES_PX, Corruption, corrupt_as_usual, lower_resolution
from mien.evaluation.framing import framed
from mien.face.align import CROP_PX
from mien.face.reader import FaceReader
from mien.mood.prior import Prior
from mien.types import Emotion, Expression, Image

if TYPE_CHECKING:
    from mien.face.classifiers.classifier import Classifier

Gray = NDArray[np.uint8]
"""A crop as classifiers expect it: gray uint8 [48, 48]."""


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """The predictions for one picture; probabilities are float64 [7], in the order of ``Emotion``.

    Attributes:
        plain: Of the picture itself; None if no face was found.
        elapsed_s: The time for ``plain``, without decoding.
        framed: Of the crop in a frame; None if no face was found there, or it was not asked for.
        corrupted: Of the corrupted crop, by corruption.
        smaller: Of the crop at a lower resolution, by its side in px.
        brightness: The mean of the crop's gray values, 0..255.
        contrast: Their standard deviation.
    """

    plain: NDArray[np.float64] | None
    elapsed_s: float
    framed: NDArray[np.float64] | None = None
    corrupted: dict[Corruption, NDArray[np.float64]] = field(default_factory=dict)
    smaller: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    brightness: float = 0.0
    contrast: float = 0.0


class Predictor(Protocol):
    """Predicts the expression in a picture; ``close`` ends its threads."""

    def predict(self, path: Path) -> Prediction:
        """Predict the expression in a picture; raises ``ImageError`` if it cannot be read."""
        ...

    def close(self) -> None:
        """End the predictor's threads."""
        ...


class PhotoPredictor:
    """Predicts the expression of the largest face in a picture.

    Args:
        classifier: Classifies the face.
        threads: How many threads each network may use.
        mirror: Average over the picture and its mirror image.
        prior: How often each expression is expected.
    """

    def __init__(self, classifier: Classifier, *, threads: int, mirror: bool, prior: Prior = Prior.FER2013) -> None:
        self._reader = FaceReader(classifier=classifier, threads=threads, prior=prior, mirror=False)
        self._mirror = mirror

    def predict(self, path: Path) -> Prediction:
        """Predict the expression of the largest face, if there is one."""
        image = read_photo(path)
        started_s = time.perf_counter()
        plain = self.read(image)
        return Prediction(plain, time.perf_counter() - started_s)

    def read(self, image: Image) -> NDArray[np.float64] | None:
        """The probabilities for the largest face in ``image``; None if there is none."""
        views = [image, np.ascontiguousarray(image[:, ::-1])] if self._mirror else [image]
        readings = [found for found in map(self._reader.read, views) if found]
        return np.mean([_probabilities(found[0].expression) for found in readings], axis=0) if readings else None

    def close(self) -> None:
        """End the reader's threads."""
        self._reader.close()


class CropPredictor:
    """Predicts the expression of a crop of a face, and of variants of it.

    Args:
        classifier: Classifies the crop.
        mirror: Average over the crop and its mirror image.
        corruptions: Also predict corrupted variants.
        sizes: Also predict variants of lower resolution.
        photo_predictor: Also predicts the crop in a frame, if given.
        prior: How often each expression is expected.
    """

    def __init__(
        self,
        classifier: Classifier,
        *,
        mirror: bool,
        corruptions: bool = False,
        sizes: bool = False,
        photo_predictor: PhotoPredictor | None = None,
        prior: Prior = Prior.FER2013,
    ) -> None:
        self._classifier = classifier
        self._prior = prior
        self._mirror = mirror
        self._corruptions = tuple(Corruption) if corruptions else ()
        self._sides_px = SMALL_SIDES_PX if sizes else ()
        self._photo_predictor = photo_predictor

    def predict(self, path: Path) -> Prediction:
        """Predict the expression of the crop and of its variants."""
        crop = _gray(read_photo(path))
        started_s = time.perf_counter()
        (plain,) = self._read([crop])
        elapsed_s = time.perf_counter() - started_s
        corrupted = [corrupt_as_usual(crop, corruption) for corruption in self._corruptions]
        smaller = [lower_resolution(crop, side_px=side_px) for side_px in self._sides_px]
        variants = self._read(corrupted + smaller)
        return Prediction(
            plain,
            elapsed_s,
            framed=self._photo_predictor.read(framed(crop)) if self._photo_predictor else None,
            corrupted=dict(zip(self._corruptions, variants[: len(corrupted)], strict=True)),
            smaller=dict(zip(self._sides_px, variants[len(corrupted) :], strict=True)),
            brightness=float(crop.mean()),
            contrast=float(crop.std()),
        )

    def close(self) -> None:
        """End the threads of the photo predictor, if there is one."""
        if self._photo_predictor is not None:
            self._photo_predictor.close()

    def _read(self, crops: Sequence[Gray]) -> list[NDArray[np.float64]]:
        if not crops:
            return []
        views = np.stack(crops)
        probabilities = self._probabilities(views)
        if self._mirror:
            probabilities = (probabilities + self._probabilities(views[:, :, ::-1])) / 2
        return list(probabilities)

    def _probabilities(self, crops: NDArray[np.uint8]) -> NDArray[np.float64]:
        expressions = self._classifier.classify(np.ascontiguousarray(crops), prior=self._prior)
        return np.stack([_probabilities(expression) for expression in expressions])


def _gray(image: Image) -> Gray:
    import cv2

    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if gray.shape != (CROP_PX, CROP_PX):
        gray = cv2.resize(gray, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(gray, dtype=np.uint8)


def _probabilities(expression: Expression) -> NDArray[np.float64]:
    return np.array([expression.probabilities[emotion] for emotion in Emotion], dtype=np.float64)
