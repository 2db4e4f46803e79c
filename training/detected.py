"""What mien's own detector found in FER2013's pictures; reading it back needs neither mien nor its detector."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data import digest


@dataclass(frozen=True, slots=True)
class Views:
    """What the reader sees in framed pictures, row by row, zeros where it finds no face.

    ``found`` bool [n]; ``crops`` uint8 [n, 48, 48], aligned; ``blendshapes`` float32 [n, 52]; ``presence`` float32
    [n], the reader's confidence of 0..1 that this is a face. Of several faces the biggest counts.
    """

    found: NDArray[np.bool_]
    crops: NDArray[np.uint8]
    blendshapes: NDArray[np.float32]
    presence: NDArray[np.float32]

    @classmethod
    def read(cls, path: Path, pictures: NDArray[np.uint8]) -> Views:
        """The views of ``pictures`` uint8 [n, 48, 48] that ``save`` wrote to ``path``.

        ``ValueError`` where they are those of others. Files from before views were signed have their number compared.
        """
        with np.load(path) as file:
            signed = str(file["pictures"]) if "pictures" in file.files else None
            seen = cls(file["found"], file["crops"], file["blendshapes"], file["presence"])
        if len(seen.found) != len(pictures) or signed not in (None, digest(pictures)):
            raise ValueError(f"{path} holds what was seen of other pictures; move it away, or choose another --out")
        return seen

    def save(self, path: Path, pictures: NDArray[np.uint8]) -> None:
        """Write an ``.npz`` with one array a field, signed with the ``pictures`` that were looked at."""
        path.parent.mkdir(parents=True, exist_ok=True)
        half_done = path.with_suffix(".part.npz")
        np.savez_compressed(
            half_done,
            found=self.found,
            crops=self.crops,
            blendshapes=self.blendshapes,
            presence=self.presence,
            pictures=digest(pictures),
        )
        half_done.replace(path)
