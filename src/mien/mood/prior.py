"""How often each expression is expected before a face is seen, and how to change that expectation.

A network learns the frequencies of its training set along with the expressions. Where faces come from elsewhere, its
probabilities are corrected by Bayes' rule: Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier
to new a priori probabilities", Neural Computation 14 (2002) 21-41, equation 2.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.types import Emotion

NEUTRAL_SHARE: Final = 0.45
"""The share of a person's day at a desk that is taken to be neutral; an assumption, not a measured value."""

#: Frequencies of the six other expressions in everyday images, in percent: Calvo, Gutiérrez-García, Fernández-Martín
#: and Nummenmaa, Journal of Nonverbal Behavior 38 (2014) 549-567, doi 10.1007/s10919-014-0191-3.
_CALVO_PERCENT: Final[Mapping[Emotion, float]] = MappingProxyType(
    {
        Emotion.ANGRY: 8.7,
        Emotion.DISGUST: 7.2,
        Emotion.FEAR: 3.4,
        Emotion.HAPPY: 31.0,
        Emotion.SAD: 9.3,
        Emotion.SURPRISE: 11.3,
    }
)

#: Rows of each label in FER2013's Training split (Goodfellow et al. 2013, arXiv:1307.0414).
_FER2013_ROWS: Final[Mapping[Emotion, int]] = MappingProxyType(
    {
        Emotion.ANGRY: 3995,
        Emotion.DISGUST: 436,
        Emotion.FEAR: 4097,
        Emotion.HAPPY: 7215,
        Emotion.SAD: 4830,
        Emotion.SURPRISE: 3171,
        Emotion.NEUTRAL: 4965,
    }
)


class Prior(StrEnum):
    """How often each expression is expected before a face is seen."""

    EVERYDAY = "everyday"
    """An ordinary day: 45 % neutral, the rest as Calvo et al. (2014) counted."""

    UNIFORM = "uniform"
    """Every expression equally often."""

    FER2013 = "fer2013"
    """As often as in FER2013's Training split, for figures that compare with others' on that set."""

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """The probability of each expression, float64 [7] in the order of ``Emotion``, summing to 1."""
        if self is Prior.UNIFORM:
            return np.full(len(Emotion), 1 / len(Emotion))
        if self is Prior.FER2013:
            rows = np.array([_FER2013_ROWS[emotion] for emotion in Emotion], dtype=np.float64)
            return np.asarray(rows / rows.sum())
        others = sum(_CALVO_PERCENT.values())
        shares = {emotion: (1 - NEUTRAL_SHARE) * percent / others for emotion, percent in _CALVO_PERCENT.items()}
        return np.array([shares.get(emotion, NEUTRAL_SHARE) for emotion in Emotion])


def change_prior(
    probabilities: NDArray[np.float64], *, trained: NDArray[np.float64], wanted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Correct a classifier's probabilities for faces that come with other frequencies than it was trained on.

    Args:
        probabilities: What the classifier answers, float64 [n, k], each row summing to 1.
        trained: How often each class occurred in its training, float64 [k], all above 0.
        wanted: How often each class occurs where it is used, float64 [k].

    Returns:
        Probabilities float64 [n, k], each row summing to 1.
    """
    weighted = probabilities * (wanted / trained)
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))
