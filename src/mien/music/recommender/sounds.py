"""Compares how tracks sound: what MusiCNN computed of each, as one compact matrix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.music.sound_code import EMBEDDING_SIZE, STRENGTH_COUNT

_CODE_SIZE: Final = STRENGTH_COUNT + EMBEDDING_SIZE
_PARTS: Final = (slice(0, STRENGTH_COUNT), slice(STRENGTH_COUNT, _CODE_SIZE))
_CHUNK: Final = 1024
_PRIOR_COUNT: Final = 20.0
"""So many tracks without any sound count in the centre: a few tracks are not compared with each other alone."""

_Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class SoundIndex:
    """The sounds of n tracks: 300 bytes each, whatever is compared.

    Attributes:
        codes: As ``mien.music.sound_code`` codes them, uint8 [n, 300]: the square roots of the strengths of 100 tags,
            and 200 numbers of the layer before them. 0 for tracks without a sound.
        known: Which tracks have a sound, bool [n].
        centre: What music sounds like on average here, float32 [300].
        scales: For each track, 1 / the lengths of its two parts seen from the centre; 0 if unknown: float32 [n, 2].
    """

    codes: NDArray[np.uint8]
    known: NDArray[np.bool_]
    centre: NDArray[np.float32]
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, codes: Sequence[bytes]) -> SoundIndex:
        """The index of codes; those of another length, such as empty ones, are unknown."""
        known = np.array([len(code) == _CODE_SIZE for code in codes], np.bool_)
        scales = np.zeros((len(codes), len(_PARTS)), np.float32)
        if not known.any():
            nothing = np.broadcast_to(np.zeros(1, np.uint8), (len(codes), _CODE_SIZE))
            return cls(nothing, known, np.zeros(_CODE_SIZE, np.float32), scales)
        padded = (code if len(code) == _CODE_SIZE else bytes(_CODE_SIZE) for code in codes)
        matrix = np.frombuffer(b"".join(padded), np.uint8).reshape(len(codes), _CODE_SIZE)
        centre = (matrix.sum(axis=0, dtype=np.float64) / (known.sum() + _PRIOR_COUNT)).astype(np.float32)
        for rows, values in _chunks(matrix):
            for number, part in enumerate(_PARTS):
                lengths = np.linalg.norm(values[:, part] - centre[part], axis=1)
                np.divide(1, lengths, out=scales[rows, number], where=(lengths > 0) & known[rows])
        return cls(matrix, known, centre, scales)

    def similarities(self, rows: _Rows) -> NDArray[np.float32]:
        """How much every track sounds like some of them.

        The mean of two cosines, of the strengths' square roots and of the layer before them, seen from the centre.

        Args:
            rows: The m tracks to compare with, int [m].

        Returns:
            float32 [n, m], -1..1: 1 for the same sound, about 0 for any other music; 0 where either is unknown.
        """
        sought = self.codes[rows].astype(np.float32) - self.centre
        directions = np.zeros((len(_PARTS), _CODE_SIZE, len(rows)), np.float32)
        for number, part in enumerate(_PARTS):
            directions[number, part] = sought[:, part].T * (self.scales[rows, number] / len(_PARTS))
        columns = np.concatenate(directions, axis=1)
        offsets = self.centre @ columns
        alike = np.empty((len(self.codes), len(rows)), np.float32)
        for chunk, values in _chunks(self.codes):
            products = (values @ columns - offsets).reshape(len(values), len(_PARTS), len(rows))
            alike[chunk] = np.einsum("npm,np->nm", products, self.scales[chunk])
        similarities: NDArray[np.float32] = np.clip(alike, -1, 1)
        return similarities


def _chunks(codes: NDArray[np.uint8]) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """The rows in chunks, so that only some of them take four times their space."""
    for first in range(0, len(codes), _CHUNK):
        rows = slice(first, first + _CHUNK)
        yield rows, codes[rows].astype(np.float32)
