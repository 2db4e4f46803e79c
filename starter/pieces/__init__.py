"""All pieces of the starter library, one file a style or a composer."""

from __future__ import annotations

from starter.pieces import (
    ambient,
    american,
    bach,
    chopin,
    electronic,
    elegies,
    greensleeves,
    grieg,
    irish,
    jazz,
    joplin,
    latin,
    lofi,
    minimal,
    pop,
    satie,
    tango,
    tension,
    waltz,
)
from starter.score import Piece

_FILES = (
    satie,
    bach,
    chopin,
    grieg,
    joplin,
    greensleeves,
    irish,
    american,
    ambient,
    lofi,
    waltz,
    latin,
    pop,
    jazz,
    minimal,
    elegies,
    tango,
    electronic,
    tension,
)

ALL: tuple[Piece, ...] = tuple(piece for file in _FILES for piece in file.PIECES)
