"""The settings of an exported network: its temperature and its confidence threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data import CLASSES

CONFIDENT_COVERAGE = 0.8
"""The fraction of PublicTest that counts as confident."""


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Fit the temperature with the lowest negative log-likelihood (Guo et al., ICML 2017).

    Args:
        logits: float32 [n, 7].
        labels: int64 [n].

    Returns:
        The temperature, rounded to two decimals.
    """
    candidates = np.arange(0.3, 3.0, 0.01)
    losses = [-np.log(_softmax(logits / t)[np.arange(len(labels)), labels] + 1e-12).mean() for t in candidates]
    return round(float(candidates[int(np.argmin(losses))]), 2)


def settings_from(logits: NDArray[np.float32], labels: NDArray[np.int64], *, name: str, sha256: str) -> dict[str, Any]:
    """Choose the settings of a network on PublicTest.

    Args:
        logits: The network's logits for PublicTest, float32 [n, 7].
        labels: FER2013's labels, int64 [n].
        name: The name of the network.
        sha256: The SHA-256 digest of its ONNX file.

    Returns:
        The JSON object of the settings file.
    """
    temperature = fit_temperature(logits, labels)
    top = _softmax(logits / temperature).max(axis=1)
    return {
        "name": name,
        "classes": CLASSES,
        "input_px": 48,
        "temperature": temperature,
        "confidence_threshold": round(float(np.quantile(top, 1 - CONFIDENT_COVERAGE)), 3),
        "sha256": sha256,
    }


def _softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
