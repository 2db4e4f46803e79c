"""Tells a face that clearly shows an expression from one that rests.

Some faces rest with a frown, and the classifier calls that anger or sadness. No face rests with a smile, a gape, raised
brows or a wrinkled nose, so these are told by the blendshapes; and what the classifier takes for joy or surprise is not
what a resting face is mistaken for.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from mien.face.features import indices_starting_with
from mien.types import Emotion, Reading

CLEAR_PARTS: Final = MappingProxyType(
    {"mouthSmile": 0.4, "jawOpen": 0.35, "browOuterUp": 0.7, "eyeWide": 0.4, "noseSneer": 0.3}
)
"""From this mean of the blendshapes whose names start so, each 0..1, an expression is clear."""

CLEAR_PROBABILITY: Final = 0.8
"""From this probability of joy or surprise on, an expression is clear."""

_PARTS: Final = tuple((indices_starting_with(name), limit) for name, limit in CLEAR_PARTS.items())


def is_posed(reading: Reading) -> bool:
    """Whether the face shows an expression that nobody rests with."""
    shares = reading.expression.probabilities
    if shares[Emotion.HAPPY] + shares[Emotion.SURPRISE] >= CLEAR_PROBABILITY:
        return True
    return any(float(reading.features.blendshapes[indices].mean()) >= limit for indices, limit in _PARTS)
