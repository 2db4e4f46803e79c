"""Reads public-domain tunes from the scores that ship with music21; the scores themselves are not part of mien.

Which of its scores may be used, and why, is in docs/starter-music.md.
"""

from __future__ import annotations

from importlib.metadata import version

from music21 import corpus, note, stream

from starter.score import Note, Notes

MUSIC21_VERSION = "10.5.1"


class CorpusError(RuntimeError):
    """music21 is not the version whose scores were checked, or a score has no notes."""


def tune(path: str, *, number: int | None = None, velocity: int = 80) -> Notes:
    """The melody of a score in music21's corpus, as written, without repeats and grace notes, from beat 0 on.

    Args:
        path: The score's path in the corpus.
        number: The number of a tune in a collection (the ``X:`` field of ABC).
        velocity: The velocity of every note, 1..127.

    Raises:
        CorpusError: music21 is not the version that was checked, or the score has no notes.
    """
    if version("music21") != MUSIC21_VERSION:
        raise CorpusError(
            f"the tunes were checked in music21 {MUSIC21_VERSION}; pip install 'music21=={MUSIC21_VERSION}'"
        )
    score = corpus.parse(path, number=number)
    part = score.parts[0] if isinstance(score, stream.Score) else score
    notes = tuple(
        Note(float(element.offset), float(element.quarterLength), element.pitch.midi, velocity)
        for element in part.stripTies().flatten().getElementsByClass(note.Note)
        if element.quarterLength > 0
    )
    if not notes:
        raise CorpusError(f"music21's {path} {number or ''} has no notes; use another tune")
    return notes
