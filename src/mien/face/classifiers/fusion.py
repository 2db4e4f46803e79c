"""Fuses the two answers of an expression network, FER2013's labels and FER+'s votes, under a prior.

The labels are one person's, the votes ten people's (Barsoum et al. 2016, arXiv:1608.01041). Each answer, divided by
the frequencies that it was trained on, is an expert; their weighted product (Hinton 2002, Neural Computation 14,
1771-1800) times the prior, calibrated by one temperature (Guo et al. 2017, arXiv:1706.04599), is the reading. Weights
and temperature are chosen on PublicTest by ``training.everyday``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from mien.types import Emotion

VOTE_CLASSES: Final = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
"""What the voters of FER+ chose from, in the order of the network's second answer."""

#: Each class of the votes as an expression; contempt, which FER2013 does not have, counts as neutral.
_EMOTION_OF_VOTE: Final[Mapping[str, Emotion]] = {
    "neutral": Emotion.NEUTRAL,
    "happiness": Emotion.HAPPY,
    "surprise": Emotion.SURPRISE,
    "sadness": Emotion.SAD,
    "anger": Emotion.ANGRY,
    "disgust": Emotion.DISGUST,
    "fear": Emotion.FEAR,
    "contempt": Emotion.NEUTRAL,
}

_TINY: Final = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Fusion:
    """How two answers become one.

    Attributes:
        label_weight: Exponent of the first answer, 0 or more; 0 leaves it out.
        vote_weight: Exponent of the second answer, 0 or more. The smaller both are, the more the prior decides.
        temperature: The logarithm of the product is divided by it; above 0. It does not change which expression leads.
        label_prior: Frequencies of the expressions in the first answer's training targets, float64 [7].
        vote_prior: The same for the second answer, float64 [7].
        confidence_threshold: Below this probability, 0..1, a fused reading is not confident.
    """

    label_weight: float
    vote_weight: float
    temperature: float
    label_prior: NDArray[np.float64]
    vote_prior: NDArray[np.float64]
    confidence_threshold: float

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Read the object ``fusion`` of a network's settings; raises ``ValueError``, ``KeyError`` or ``TypeError``."""
        label_prior, vote_prior = (np.array(settings[name], np.float64) for name in ("label_prior", "vote_prior"))
        if any(prior.shape != (len(Emotion),) or not (prior > 0).all() for prior in (label_prior, vote_prior)):
            raise ValueError(f"a prior needs {len(Emotion)} numbers above 0")
        label_weight, vote_weight = float(settings["label_weight"]), float(settings["vote_weight"])
        if min(label_weight, vote_weight) < 0 or label_weight + vote_weight == 0:
            raise ValueError("weights must not be negative, nor both 0")
        if (temperature := float(settings["temperature"])) <= 0:
            raise ValueError("a temperature must be above 0")
        threshold = float(settings["confidence_threshold"])
        return cls(label_weight, vote_weight, temperature, label_prior, vote_prior, threshold)

    def fuse(
        self, labels: NDArray[np.float64], votes: NDArray[np.float64], prior: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Fuse both answers.

        Args:
            labels: Probabilities of the expressions, float64 [n, 7].
            votes: Probabilities of ``VOTE_CLASSES``, float64 [n, 8].
            prior: How often each expression is expected, float64 [7], all above 0.

        Returns:
            Probabilities float64 [n, 7], each row summing to 1.
        """
        logs = self.label_weight * (np.log(labels + _TINY) - np.log(self.label_prior))
        logs += self.vote_weight * (np.log(votes_as_expressions(votes) + _TINY) - np.log(self.vote_prior))
        logs += np.log(prior)
        weights = np.exp((logs - logs.max(axis=1, keepdims=True)) / self.temperature)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def votes_as_expressions(votes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of ``VOTE_CLASSES``, [n, 8], as shares of the expressions, float64 [n, 7]; contempt counts as neutral."""
    shares = np.zeros((len(votes), len(Emotion)))
    for index, name in enumerate(VOTE_CLASSES):
        shares[:, list(Emotion).index(_EMOTION_OF_VOTE[name])] += votes[:, index]
    return shares
