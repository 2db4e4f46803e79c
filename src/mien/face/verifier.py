"""Verifies whether a square shows a face when the mesh network is uncertain.

MediaPipe's older mesh of 468 points (Kartynnik et al. 2019, arXiv:1907.06724) separates faces from other things more
clearly. Its points are less precise, so they are not used.
"""

from __future__ import annotations

import numpy as np

from mien.face.mesh import RotatedSquare
from mien.face.network import TfliteNetwork
from mien.face.warp import cut
from mien.types import Image

INPUT_PX = 192


class VerifierNetwork:
    """The verifier network; raises ``ModelError`` if its file is missing or damaged."""

    def __init__(self, *, threads: int) -> None:
        self._network = TfliteNetwork("face_landmark.tflite", threads=threads)

    def read(self, image: Image, square: RotatedSquare) -> float:
        """Compute the logit that there is a face, to be compared with ``VERIFIER_LOGIT``.

        Args:
            image: uint8 [height, width, 3] RGB.
            square: Where the face is expected, upright and centered.

        Returns:
            The logit.
        """
        tensor = cut(image, square.transform(INPUT_PX), INPUT_PX, repeat_edge=False)[None] * np.float32(1 / 255)
        return float(self._network.run(tensor)["conv2d_30"].item())
