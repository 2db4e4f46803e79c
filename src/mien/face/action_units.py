"""Names blendshapes by the action units of the Facial Action Coding System (FACS).

The values are blendshapes, the mean of left and right. They are not the output of a detector that was trained on faces
coded by people: 0.5 is half of the blendshape's range and no FACS intensity (A to E). Action units that have no
blendshape are missing, among them AU11 (nasolabial deepener), AU23 (lip tightener) and AU25 (lips part).

Numbers and names are those of Ekman, Friesen and Hager 2002, "Facial Action Coding System: The Manual".
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.face.features import BLENDSHAPES

#: The blendshapes whose mean stands for an action unit, by the prefix of their names.
ACTION_UNITS: Final = {
    "AU01": "browInnerUp",  # inner brow raiser
    "AU02": "browOuterUp",  # outer brow raiser
    "AU04": "browDown",  # brow lowerer
    "AU05": "eyeWide",  # upper lid raiser
    "AU06": "cheekSquint",  # cheek raiser
    "AU07": "eyeSquint",  # lid tightener
    "AU09": "noseSneer",  # nose wrinkler
    "AU10": "mouthUpperUp",  # upper lip raiser
    "AU12": "mouthSmile",  # lip corner puller
    "AU14": "mouthDimple",  # dimpler
    "AU15": "mouthFrown",  # lip corner depressor
    "AU16": "mouthLowerDown",  # lower lip depressor
    "AU17": "mouthShrugLower",  # chin raiser
    "AU18": "mouthPucker",  # lip pucker
    "AU20": "mouthStretch",  # lip stretcher
    "AU22": "mouthFunnel",  # lip funneler
    "AU24": "mouthPress",  # lip presser
    "AU26": "jawOpen",  # jaw drop
    "AU28": "mouthRoll",  # lip suck
    "AU29": "jawForward",  # jaw thrust
    "AU34": "cheekPuff",  # cheek puff
    "AU43": "eyeBlink",  # eyes closed
}

_INDICES: Final = {
    unit: [index for index, name in enumerate(BLENDSHAPES) if name.startswith(prefix)]
    for unit, prefix in ACTION_UNITS.items()
}


def action_units(blendshapes: NDArray[np.float32]) -> dict[str, float]:
    """The action units, 0..1 by name ("AU01"), of blendshapes, float32 [52] in the order of ``BLENDSHAPES``."""
    return {unit: float(blendshapes[indices].mean()) for unit, indices in _INDICES.items()}
