"""Reads a person's expressions relative to the same person at rest: "my neutral".

Some faces look sad, or angry, when they are only at rest. Ten seconds of such a face say by how much; from then on the
difference to a typical face at rest is taken off every reading. ``python -m benchmarks.neutral`` measures the gain.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import NeutralError
from mien.mood.dwell import ElapsedTime
from mien.mood.logits import centred_logs, expression_of
from mien.types import BLENDSHAPE_COUNT, Emotion, Expression

VERSION = 1

TYPICAL_LOGS = (0.1, -2.1, 0.3, -0.9, 1.0, -1.5, 2.5)
"""A typical face at rest, as centred log-probabilities in the order of ``Emotion``: the medians, rounded, of what our
network says of FER2013's neutral faces (PublicTest): neutral 0.7, sad 0.15."""

SHRINKAGE = 0.75
"""How much of a person's difference is taken off: ten seconds say less than a life."""

MOST = 2.0
"""The largest difference that is taken into account, in log-probability, so that no clear expression is overturned."""

LEARN_S = 10.0
FEWEST_READINGS = 20

STILL = 0.04
"""How far a reading at rest may be from the median one: the root mean square over the blendshapes. A photograph that
sways before the camera stays below 0.025; a blink or a spoken vowel (0.25 of ``jawOpen``, 0.15 of four more) does not.
"""

STILL_SHARE = 0.8
"""How many of the readings must be at rest; people blink."""

_LONGEST_STEP_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class NeutralBaseline:
    """One person's face at rest: numbers only, never a picture.

    ``blendshapes`` float64 [52] in 0..1 and ``logs`` float64 [7], centred log-probabilities in the order of
    ``Emotion``, are medians over ``readings`` readings; ``model`` is the CRC-32 of the name of the network that gave
    them, since another network sees the same face differently.
    """

    blendshapes: NDArray[np.float64]
    logs: NDArray[np.float64]
    readings: int
    model: int

    def __post_init__(self) -> None:
        for name, values, count in (
            ("blendshapes", self.blendshapes, BLENDSHAPE_COUNT),
            ("logs", self.logs, len(Emotion)),
        ):
            if values.shape != (count,) or not np.isfinite(values).all():
                raise ValueError(f"{name} must be {count} finite numbers")

    def fits(self, expression: Expression) -> bool:
        """Whether the network that read this expression also read the face at rest."""
        return self.model == _number_of(expression.model)


def relative_to(neutral: NeutralBaseline, expression: Expression) -> Expression:
    """The expression as it would look on a typical face: what this face always says is taken off.

    With z the centred log-probabilities of the reading, r those of the face at rest and t ``TYPICAL_LOGS``, the
    result has z - ``SHRINKAGE`` * clip(r - t, -``MOST``, ``MOST``). The reading of another network is given back as
    it is.
    """
    if not neutral.fits(expression):
        return expression
    difference = np.clip(neutral.logs - np.array(TYPICAL_LOGS), -MOST, MOST)
    logs = centred_logs(expression) - SHRINKAGE * difference
    return expression_of(logs, confident=expression.confident, model=expression.model)


def beyond_rest(neutral: NeutralBaseline, blendshapes: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far blendshapes [52] go beyond those at rest: 0 there and below, 1 where they can go no further."""
    room = np.maximum(1 - neutral.blendshapes, 1e-6)
    return np.clip((blendshapes - neutral.blendshapes) / room, 0, 1).astype(np.float32)


class NeutralCalibration:
    """Learns a face at rest from ten seconds of readings."""

    def __init__(self) -> None:
        self._elapsed = ElapsedTime()
        self._passed_s = 0.0
        self._logs: list[NDArray[np.float64]] = []
        self._blendshapes: list[NDArray[np.float32]] = []
        self._model = ""

    def add(self, expression: Expression | None, blendshapes: NDArray[np.float32] | None, *, at_s: float) -> float:
        """Take one reading, or None where the face was not seen well; how much of the ten seconds is over, 0..1.

        A pause, or a clock that jumps ahead, counts as one second at most.
        """
        self._passed_s += min(self._elapsed.until(at_s), _LONGEST_STEP_S)
        if expression is not None and blendshapes is not None:
            self._model = expression.model
            self._logs.append(centred_logs(expression))
            self._blendshapes.append(blendshapes)
        return min(1.0, self._passed_s / LEARN_S)

    def finish(self) -> NeutralBaseline:
        """The face at rest; raises ``NeutralError`` where too little of it was seen, or it moved too much."""
        if len(self._logs) < FEWEST_READINGS:
            raise NeutralError("Your face was seen too little in these ten seconds; look at the camera, in good light.")
        blendshapes = np.array(self._blendshapes, dtype=np.float64)
        distances = np.sqrt(np.mean((blendshapes - np.median(blendshapes, axis=0)) ** 2, axis=1))
        still = distances <= STILL
        if still.mean() < STILL_SHARE:
            raise NeutralError("Your face moved too much; rest it, and look at the camera for ten seconds.")
        logs = np.median(np.array(self._logs)[still], axis=0)
        return NeutralBaseline(
            blendshapes=np.median(blendshapes[still], axis=0),
            logs=logs - logs.mean(),
            readings=int(still.sum()),
            model=_number_of(self._model),
        )


def to_json(neutral: NeutralBaseline) -> str:
    """The face at rest as a JSON object of numbers."""
    numbers = {
        "version": VERSION,
        "model": neutral.model,
        "readings": neutral.readings,
        "blendshapes": [round(value, 4) for value in neutral.blendshapes.tolist()],
        "logs": [round(value, 4) for value in neutral.logs.tolist()],
    }
    return json.dumps(numbers)


def from_json(text: str | bytes) -> NeutralBaseline:
    """What ``to_json`` wrote; raises ``NeutralError`` for anything else."""
    try:
        numbers: Any = json.loads(text)
        if numbers["version"] != VERSION:
            raise NeutralError("Your neutral was kept by another version of mien; let it be learnt again.")
        return NeutralBaseline(
            blendshapes=np.array(numbers["blendshapes"], dtype=np.float64),
            logs=np.array(numbers["logs"], dtype=np.float64),
            readings=int(numbers["readings"]),
            model=int(numbers["model"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise NeutralError("Your neutral is damaged; let it be learnt again.") from error


def _number_of(model: str) -> int:
    return zlib.crc32(model.encode("utf-8"))
