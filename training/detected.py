"""Crops of FER2013 made by mien's face detector; loading them requires neither mien nor the detector."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data import digest


@dataclass(frozen=True, slots=True)
class DetectedCrops:
    """Results of the face reader on framed images, one row per image; zeros if no face was found.

    If there are several faces in an image, the largest is used.

    Attributes:
        found: Whether a face was found, bool [n].
        crops: Aligned crops, uint8 [n, 48, 48].
        blendshapes: float32 [n, 52].
        presence: The reader's confidence that this is a face, float32 [n] in 0..1.
    """

    found: NDArray[np.bool_]
    crops: NDArray[np.uint8]
    blendshapes: NDArray[np.float32]
    presence: NDArray[np.float32]

    @classmethod
    def read(cls, path: Path, pictures: NDArray[np.uint8]) -> DetectedCrops:
        """Load the detected crops that ``save`` wrote.

        Older files have no fingerprint; only their number of rows is compared.

        Args:
            path: The ``.npz`` file.
            pictures: The images that the crops must belong to, uint8 [n, 48, 48].

        Returns:
            The detected crops.

        Raises:
            ValueError: If the file belongs to other images.
        """
        with np.load(path) as file:
            fingerprint = str(file["pictures"]) if "pictures" in file.files else None
            detected = cls(file["found"], file["crops"], file["blendshapes"], file["presence"])
        if len(detected.found) != len(pictures) or fingerprint not in (None, digest(pictures)):
            raise ValueError(f"{path} holds detections of other images; move it away, or choose another --out")
        return detected

    def save(self, path: Path, pictures: NDArray[np.uint8]) -> None:
        """Write an ``.npz`` with one array per field and the fingerprint of the source images ``pictures``."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary_path = path.with_suffix(".part.npz")
        np.savez_compressed(
            temporary_path,
            found=self.found,
            crops=self.crops,
            blendshapes=self.blendshapes,
            presence=self.presence,
            pictures=digest(pictures),
        )
        temporary_path.replace(path)
