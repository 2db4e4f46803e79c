"""Adjusts the readings of one face before they are smoothed: by its resting face, and for speech."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.face.features import BLENDSHAPES, indices_starting_with
from mien.mood.neutral import NeutralBaseline, relative_blendshapes, relative_expression
from mien.mood.smooth import weight_of
from mien.mood.speech import MovedParts, SpeechFilter, discount_speech
from mien.types import Expression, Reading

_JAW: Final = BLENDSHAPES.index("jawOpen")
_LIPS_APART: Final = indices_starting_with("mouthLowerDown", "mouthUpperUp")
_RAISED: Final = indices_starting_with("browInnerUp", "browOuterUp", "eyeWide")
_LOWERED: Final = indices_starting_with("browDown")
_NOSE: Final = indices_starting_with("noseSneer")


class ExpressionAdjuster:
    """Adjusts the readings of one face, in three steps: its resting face, the open jaw, the syllables."""

    def __init__(self) -> None:
        self._speech = SpeechFilter()

    def update(self, reading: Reading, *, neutral: NeutralBaseline | None, at_s: float) -> Expression:
        """Adjust the next reading.

        Args:
            reading: The reading.
            neutral: The resting face of this person; None if it is not known.
            at_s: The time of the reading, in seconds.

        Returns:
            The expression relative to the resting face, and without what comes from speaking.
        """
        expression, blendshapes = reading.expression, reading.features.blendshapes
        speaking = reading.features.activity is not None and reading.features.activity.speaking
        if neutral is not None and neutral.fits(expression):
            expression = relative_expression(neutral, expression, blendshapes, speaking=speaking)
            blendshapes = relative_blendshapes(neutral, blendshapes)
        parts = moved_parts(blendshapes)
        if speaking:
            expression = discount_speech(expression, parts)
        if weight_of(expression, reading.features.quality) == 0:
            return expression
        return self._speech.update(expression, opening=parts.opening, speaking=speaking, at_s=at_s)


def moved_parts(blendshapes: NDArray[np.float32]) -> MovedParts:
    """The parts that tell speech from expressions, of blendshapes float32 [52]."""
    return MovedParts(
        jaw_open=float(blendshapes[_JAW]),
        lips_apart=float(blendshapes[_LIPS_APART].mean()),
        brows_up=float(blendshapes[_RAISED].max()),
        brows_down=float(blendshapes[_LOWERED].mean()),
        nose_wrinkled=float(blendshapes[_NOSE].mean()),
    )
