"""Converts a person's corrections to the text of their file and back."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from mien.mood.correction import FEATURES_VERSION, Correction, CorrectionFeatures

FORMAT_VERSION: Final = 1


class _StoredCorrection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    expressions: list[float]
    answers: list[float]
    blendshapes: list[float]
    pose: list[float]
    uncorrected: tuple[float, float]
    shown: tuple[float, float]
    target: tuple[float, float]
    reading: int
    neutral: int
    at_s: float


class _StoredFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    features: int
    network: str
    corrections: list[_StoredCorrection]


class _Header(msgspec.Struct, frozen=True):
    version: int
    features: int
    network: str


def stored_network(path: Path) -> str | None:
    """The name of the network that the corrections in a file are for; None if that cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Header).network
    except (OSError, ValueError, RecursionError):
        return None


def decode(content: bytes, *, network: str) -> tuple[Correction, ...]:
    """The corrections in a file; ``ValueError`` with the reason if they cannot be used."""
    damaged = "is damaged"
    try:
        header = msgspec.json.decode(content, type=_Header)
        if (header.version, header.features) != (FORMAT_VERSION, FEATURES_VERSION):
            damaged = "was written by another version of mien"
            raise ValueError
        if header.network != network:
            damaged = f"is for another network ({header.network[:80]})"
            raise ValueError
        return tuple(map(_as_correction, msgspec.json.decode(content, type=_StoredFile).corrections))
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise ValueError(damaged) from error


def _as_correction(stored: _StoredCorrection) -> Correction:
    blocks = (stored.expressions, stored.answers, stored.blendshapes, stored.pose)
    features = CorrectionFeatures(*(np.array(block, dtype=np.float64) for block in blocks))
    if not 0.99 < features.expressions.sum() < 1.01 or features.expressions.min() < 0:
        raise ValueError("probabilities must not be negative and must sum to 1")
    return Correction(
        features, stored.uncorrected, stored.shown, stored.target, stored.reading, stored.neutral, stored.at_s
    )


def encode(corrections: tuple[Correction, ...], *, network: str) -> str:
    """The JSON object of a file with these corrections."""
    stored = [
        _StoredCorrection(
            expressions=one.features.expressions.tolist(),
            answers=one.features.answers.tolist(),
            blendshapes=one.features.blendshapes.tolist(),
            pose=one.features.pose.tolist(),
            uncorrected=one.uncorrected,
            shown=one.shown,
            target=one.target,
            reading=one.reading,
            neutral=one.neutral,
            at_s=one.at_s,
        )
        for one in corrections
    ]
    return msgspec.json.encode(_StoredFile(FORMAT_VERSION, FEATURES_VERSION, network, stored)).decode()
