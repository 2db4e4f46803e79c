"""Computes the features of a face: 52 blendshapes of its mesh, and the speed of brows, lids, jaw and mouth.

The names, and the 146 points of the mesh that the network reads, are those of MediaPipe's ``face_blendshapes_graph.cc``
(github.com/google-ai-edge/mediapipe). Left and right are the person's own.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.face.network import TfliteNetwork
from mien.types import Motion

BLENDSHAPES: Final = (
    "neutral",
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight",
    "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)  # fmt: skip

#: The indices of the mesh points that the network reads, in its order.
POINTS: Final = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
    154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251,
    263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318,
    321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386,
    387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
)  # fmt: skip


def indices_starting_with(*prefixes: str) -> NDArray[np.intp]:
    """The indices of the blendshapes whose names start with one of the prefixes."""
    return np.array([index for index, name in enumerate(BLENDSHAPES) if name.startswith(prefixes)])


_POINTS: Final = np.array(POINTS)
_BROWS: Final = indices_starting_with("brow")
_LIDS: Final = indices_starting_with("eyeBlink", "eyeSquint", "eyeWide")
_JAW: Final = indices_starting_with("jaw")
_MOUTH_CORNERS: Final = indices_starting_with("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch")


class BlendshapeNetwork:
    """The blendshape network; raises ``ModelError`` if its file is missing or damaged."""

    def __init__(self, *, threads: int) -> None:
        self._network = TfliteNetwork("face_blendshapes.tflite", threads=threads)

    def read(self, landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
        """The blendshapes, float32 [52] in 0..1 in the order of ``BLENDSHAPES``, of a mesh [478, 3] in pixels."""
        (blendshapes,) = self._network.run(landmarks[None, _POINTS, :2]).values()
        return np.clip(blendshapes, 0, 1)


def motion(before: NDArray[np.float32], after: NDArray[np.float32], *, elapsed_s: float) -> Motion:
    """Compute how fast a face moved between two readings.

    The speed of a part is the norm of the change of its blendshapes, divided by the elapsed time.

    Args:
        before: Blendshapes, float32 [52].
        after: Later blendshapes.
        elapsed_s: The time between the two, in seconds.

    Returns:
        The speeds of the parts.

    Raises:
        ValueError: ``elapsed_s`` is not positive.
    """
    if elapsed_s <= 0:
        raise ValueError(f"motion needs time to pass between two readings, not {elapsed_s} s")
    speed_per_s = (after - before) / elapsed_s
    brows, lids, jaw, corners = (np.linalg.norm(speed_per_s[part]) for part in (_BROWS, _LIDS, _JAW, _MOUTH_CORNERS))
    return Motion(float(brows), float(lids), float(jaw), float(corners))
