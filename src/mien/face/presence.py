"""Says whether a square shows a face, where the mesh's own network is in doubt.

MediaPipe's older mesh of 468 points (Kartynnik et al. 2019, arXiv:1907.06724) is the better judge of the two: what it
takes for faces and what it does not lie further apart. Its points are coarser, and are not used.
"""

from __future__ import annotations

import numpy as np

from mien.face.mesh import RotatedSquare
from mien.face.network import TfliteNetwork
from mien.face.warp import cut
from mien.types import Image

INPUT_PX = 192


class PresenceNetwork:
    """The network that judges; ``ModelError`` when its file is missing or damaged."""

    def __init__(self, *, threads: int) -> None:
        self._network = TfliteNetwork("face_landmark.tflite", threads=threads)

    def read(self, image: Image, square: RotatedSquare) -> float:
        """The logit that there is a face in ``square``, upright and in its middle; compare with ``WITNESS_LOGIT``."""
        tensor = cut(image, square.transform(INPUT_PX), INPUT_PX, repeat_edge=False)[None] * np.float32(1 / 255)
        return float(self._network.run(tensor)["conv2d_30"].item())
