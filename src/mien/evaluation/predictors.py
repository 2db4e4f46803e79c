"""How ``mien evaluate`` looks at one picture: as a crop, behind the detector, in a frame, and spoilt on purpose."""

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
from mien.types import Emotion, Expression, Image

if TYPE_CHECKING:
    from mien.face.classifiers.classifier import Classifier

Gray = NDArray[np.uint8]
"""A crop as classifiers take it: gray uint8 [48, 48]."""


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What was read in one picture; probabilities are float64 [7], in the order of ``Emotion``.

    ``plain`` is None where no face was found, ``framed`` where none was found in the frame or none was asked for;
    ``corrupted`` and ``smaller`` hold what was asked for; ``brightness`` and ``contrast`` are the mean and the standard
    deviation of the crop's gray values, 0..255. ``elapsed_s`` is the time for ``plain``, decoding left out.
    """

    plain: NDArray[np.float64] | None
    elapsed_s: float
    framed: NDArray[np.float64] | None = None
    corrupted: dict[Corruption, NDArray[np.float64]] = field(default_factory=dict)
    smaller: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    brightness: float = 0.0
    contrast: float = 0.0


class Predictor(Protocol):
    """Reads a picture in one way or another."""

    def look(self, path: Path) -> Prediction:
        """What is to be seen in a picture; ``ImageError`` when it cannot be read."""
        ...


class PhotoPredictor:
    """Looks for the biggest face in a picture."""

    def __init__(self, classifier: Classifier, *, threads: int, mirror: bool) -> None:
        self._reader = FaceReader(classifier=classifier, threads=threads)
        self._mirror = mirror

    def look(self, path: Path) -> Prediction:
        """The expression of the biggest face, if there is one."""
        image = read_photo(path)
        started_s = time.perf_counter()
        plain = self.read(image)
        return Prediction(plain, time.perf_counter() - started_s)

    def read(self, image: Image) -> NDArray[np.float64] | None:
        """The probabilities for the biggest face in ``image``, or the mean of it and its mirror image."""
        views = [image, np.ascontiguousarray(image[:, ::-1])] if self._mirror else [image]
        readings = [found for found in map(self._reader.read, views) if found]
        return np.mean([_probabilities(found[0].expression) for found in readings], axis=0) if readings else None


class CropPredictor:
    """Looks at a crop of a face, in its variants: ``corruptions`` and ``sizes`` spoil it, ``behind`` frames it."""

    def __init__(
        self,
        classifier: Classifier,
        *,
        mirror: bool,
        corruptions: bool = False,
        sizes: bool = False,
        behind: PhotoPredictor | None = None,
    ) -> None:
        self._classifier = classifier
        self._mirror = mirror
        self._corruptions = tuple(Corruption) if corruptions else ()
        self._sides_px = SMALL_SIDES_PX if sizes else ()
        self._behind = behind

    def look(self, path: Path) -> Prediction:
        """The expression of the crop as it stands, and of every variant that was asked for."""
        crop = _gray(read_photo(path))
        started_s = time.perf_counter()
        (plain,) = self._read([crop])
        elapsed_s = time.perf_counter() - started_s
        spoilt = [corrupt_as_usual(crop, corruption) for corruption in self._corruptions]
        shrunk = [lower_resolution(crop, side_px=side_px) for side_px in self._sides_px]
        variants = self._read(spoilt + shrunk)
        return Prediction(
            plain,
            elapsed_s,
            framed=self._behind.read(framed(crop)) if self._behind else None,
            corrupted=dict(zip(self._corruptions, variants[: len(spoilt)], strict=True)),
            smaller=dict(zip(self._sides_px, variants[len(spoilt) :], strict=True)),
            brightness=float(crop.mean()),
            contrast=float(crop.std()),
        )

    def _read(self, crops: Sequence[Gray]) -> list[NDArray[np.float64]]:
        if not crops:
            return []
        views = np.stack(crops)
        probabilities = self._probabilities(views)
        if self._mirror:
            probabilities = (probabilities + self._probabilities(views[:, :, ::-1])) / 2
        return list(probabilities)

    def _probabilities(self, crops: NDArray[np.uint8]) -> NDArray[np.float64]:
        return np.stack([_probabilities(e) for e in self._classifier.classify(np.ascontiguousarray(crops))])


def _gray(image: Image) -> Gray:
    import cv2

    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if gray.shape != (CROP_PX, CROP_PX):
        gray = cv2.resize(gray, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(gray, dtype=np.uint8)


def _probabilities(expression: Expression) -> NDArray[np.float64]:
    return np.array([expression.probabilities[emotion] for emotion in Emotion], dtype=np.float64)
