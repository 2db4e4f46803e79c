"""Corrects expressions by the user's own resting face, the neutral baseline.

Some faces look sad or angry when they are only at rest. Ten seconds of readings measure by how much; from then on the
difference to a typical resting face is subtracted from every reading: all of it while the face is at rest, less while
it shows an expression. ``python -m benchmarks.neutral`` measures the gain.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import NeutralError
from mien.mood.logits import centred_logs, expression_of
from mien.mood.timers import DeltaTimer
from mien.types import BLENDSHAPE_COUNT, Emotion, Expression

VERSION = 1

TYPICAL_LOGS = (-0.8, -0.8, -0.8, -0.8, -0.8, -0.8, 4.9)
"""A typical resting face, as centred log-probabilities in the order of ``Emotion``.

The rounded medians of our network's everyday reading of FER2013's neutral faces (PublicTest): neutral 0.98.
"""

REST_DISTANCE = 0.25
"""Up to this distance from the resting face, a face is at rest: the norm of the difference of the blendshapes.

In films of still faces that sway and breathe, 95 % of the frames stay below 0.18.
"""

EXPRESSION_DISTANCE = 0.5
"""From this distance on, a face shows an expression: a smile, a gape or a frown that is acted is 0.5 to 1.5 away."""

SHRINKAGE = 0.75
"""The share of the difference that is subtracted from an expression: ten seconds are a small sample."""

MAX_DIFFERENCE = 1.0
"""The largest difference that is used in an expression, in log-probability, so that a clear one is never overturned."""

_NEUTRAL = list(Emotion).index(Emotion.NEUTRAL)

_UPPER_FACE = [*range(1, 9), *range(19, 23), 50, 51]
"""The indices of the blendshapes of brows, cheeks, squinting and wide eyes, and nose; without blinks and gaze."""

_LOWER_FACE = [*range(23, 50)]
"""The indices of the blendshapes of jaw and mouth."""

MOVING_PARTS = _UPPER_FACE + _LOWER_FACE
"""The indices of the blendshapes that expressions move; without blinks and gaze."""

LEARN_S = 10.0
MIN_READINGS = 20

MAX_REST_DISTANCE = 0.04
"""The largest distance of a reading at rest from the median one: the root mean square over the blendshapes.

A photograph that sways in front of the camera stays below 0.025; a blink or a spoken vowel (0.25 of ``jawOpen``, 0.15
of four more) exceeds it.
"""

MIN_REST_SHARE = 0.8
"""The share of the readings that must be at rest; people blink."""

_MAX_STEP_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class NeutralBaseline:
    """One person's resting face: numbers only, no image.

    Attributes:
        blendshapes: float64 [52], 0..1; the median over the readings.
        logs: float64 [7], centred log-probabilities in the order of ``Emotion``; the median over the readings.
        readings: How many readings were used.
        model: The CRC-32 of the classifier's name; another classifier reads the same face differently.
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
        """Whether the expression is from the classifier that read the resting face."""
        return self.model == _checksum(expression.model)


def relative_expression(
    neutral: NeutralBaseline,
    expression: Expression,
    blendshapes: NDArray[np.floating[Any]],
    *,
    speaking: bool = False,
) -> Expression:
    """Subtract the difference between a person's resting face and a typical one from an expression.

    With z the centred log-probabilities of the expression, r those of the resting face and t ``TYPICAL_LOGS``, a face
    at rest has z - (r - t): wherever the classifier puts this person's rest, it becomes the typical one. A classifier
    that calls somebody's rest angry does not call their smile as much angrier, so this does not hold far from rest: an
    expression has z - ``SHRINKAGE`` * clip(r - t, -``MAX_DIFFERENCE``, ``MAX_DIFFERENCE``). There nothing is added to
    neutral: a face that has moved that far is not at rest. Between the two, ``rest_share`` weighs them.

    Args:
        neutral: The resting face.
        expression: The expression as the classifier read it.
        blendshapes: float [52] of the same reading, 0..1.
        speaking: Whether the face speaks: then only brows, lids, cheeks and nose tell whether it is at rest.

    Returns:
        The corrected expression; unchanged if it is from another classifier than the resting face.
    """
    if not neutral.fits(expression):
        return expression
    difference = neutral.logs - np.array(TYPICAL_LOGS)
    limited = SHRINKAGE * np.clip(difference, -MAX_DIFFERENCE, MAX_DIFFERENCE)
    limited[_NEUTRAL] = max(0.0, limited[_NEUTRAL])
    share = rest_share(distance_from_rest(neutral, blendshapes, speaking=speaking))
    logs = centred_logs(expression) - share * difference - (1 - share) * limited
    return expression_of(logs, confident=expression.confident, model=expression.model)


def distance_from_rest(
    neutral: NeutralBaseline, blendshapes: NDArray[np.floating[Any]], *, speaking: bool = False
) -> float:
    """How far a face is from its rest: the norm of the difference of the blendshapes of its moving parts.

    Args:
        neutral: The resting face.
        blendshapes: float [52], 0..1.
        speaking: Whether the face speaks, which moves the lower face.
    """
    parts = _UPPER_FACE if speaking else MOVING_PARTS
    return float(np.linalg.norm((blendshapes - neutral.blendshapes)[parts]))


def rest_share(distance: float) -> float:
    """How much a face is at rest: 1 up to ``REST_DISTANCE``, 0 from ``EXPRESSION_DISTANCE`` on, linear between."""
    return min(1.0, max(0.0, (EXPRESSION_DISTANCE - distance) / (EXPRESSION_DISTANCE - REST_DISTANCE)))


def relative_blendshapes(neutral: NeutralBaseline, blendshapes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rescale blendshapes so that the resting face is 0 and the maximum stays 1.

    Args:
        neutral: The resting face.
        blendshapes: float [52], 0..1.

    Returns:
        float32 [52], 0..1.
    """
    room = np.maximum(1 - neutral.blendshapes, 1e-6)
    return np.clip((blendshapes - neutral.blendshapes) / room, 0, 1).astype(np.float32)


class NeutralCalibration:
    """Learns a resting face from ten seconds of readings."""

    def __init__(self) -> None:
        self._delta = DeltaTimer()
        self._passed_s = 0.0
        self._logs: list[NDArray[np.float64]] = []
        self._blendshapes: list[NDArray[np.float32]] = []
        self._model = ""

    def add(self, expression: Expression | None, blendshapes: NDArray[np.float32] | None, *, at_s: float) -> float:
        """Add one reading.

        Args:
            expression: The reading; None if the face was not seen well.
            blendshapes: float32 [52]; None if the face was not seen well.
            at_s: The time, in seconds. A pause, or a clock that jumps ahead, counts as at most one second.

        Returns:
            How much of the ten seconds is over, 0..1.
        """
        self._passed_s += min(self._delta.update(at_s), _MAX_STEP_S)
        if expression is not None and blendshapes is not None:
            self._model = expression.model
            self._logs.append(centred_logs(expression))
            self._blendshapes.append(blendshapes)
        return min(1.0, self._passed_s / LEARN_S)

    def finish(self) -> NeutralBaseline:
        """Compute the resting face; raises ``NeutralError`` if the face was seen too little or moved too much."""
        if len(self._logs) < MIN_READINGS:
            raise NeutralError(
                "Your face was seen too little in these ten seconds", "look at the camera, in good light"
            )
        blendshapes = np.array(self._blendshapes, dtype=np.float64)
        distances = np.sqrt(np.mean((blendshapes - np.median(blendshapes, axis=0)) ** 2, axis=1))
        at_rest = distances <= MAX_REST_DISTANCE
        if at_rest.mean() < MIN_REST_SHARE:
            raise NeutralError("Your face moved too much", "rest it, and look at the camera for ten seconds")
        logs = np.median(np.array(self._logs)[at_rest], axis=0)
        return NeutralBaseline(
            blendshapes=np.median(blendshapes[at_rest], axis=0),
            logs=logs - logs.mean(),
            readings=int(at_rest.sum()),
            model=_checksum(self._model),
        )


def to_json(neutral: NeutralBaseline) -> str:
    """The resting face as a JSON object of numbers."""
    numbers = {
        "version": VERSION,
        "model": neutral.model,
        "readings": neutral.readings,
        "blendshapes": [round(value, 4) for value in neutral.blendshapes.tolist()],
        "logs": [round(value, 4) for value in neutral.logs.tolist()],
    }
    return json.dumps(numbers)


def from_json(text: str | bytes) -> NeutralBaseline:
    """Read the output of ``to_json``; raises ``NeutralError`` for anything else."""
    try:
        numbers: Any = json.loads(text)
        if numbers["version"] != VERSION:
            raise NeutralError("Your neutral face was saved by another version of mien", "learn it again")
        return NeutralBaseline(
            blendshapes=np.array(numbers["blendshapes"], dtype=np.float64),
            logs=np.array(numbers["logs"], dtype=np.float64),
            readings=int(numbers["readings"]),
            model=int(numbers["model"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise NeutralError("Your neutral face is damaged", "learn it again") from error


def _checksum(model: str) -> int:
    return zlib.crc32(model.encode("utf-8"))
