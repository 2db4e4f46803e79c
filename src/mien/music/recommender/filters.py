"""Conditions for a choice of music besides the mood: genre, language, explicit lyrics, similar or unwanted tracks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import NoMatchError
from mien.music.recommender.index import TrackIndex, words_of

_MAX_NAMED: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFilter:
    """Conditions that every pick has to meet, and tracks that the picks should resemble; the default allows all tracks.

    Attributes:
        genre: Words that must all occur in the track's genre ("rock" allows "Indie Rock").
        language: The language that the tags state, as a code of two or three letters or as a name.
        explicit: Whether tracks that the tags mark as explicit are allowed.
        like: Ids of tracks that the picks should resemble; these tracks are not picked themselves.
        never: Ids of tracks that must not be picked, nor the same song from another album.
    """

    genre: str = ""
    language: str = ""
    explicit: bool = True
    like: tuple[str, ...] = ()
    never: frozenset[str] = frozenset()

    def allowed(self, track_index: TrackIndex) -> NDArray[np.bool_] | None:
        """Find the rows that meet ``genre``, ``language`` and ``explicit``.

        Args:
            track_index: The tracks to filter, in n rows.

        Returns:
            bool [n], or None if every row is allowed.

        Raises:
            NoMatchError: No row is allowed; it names the genres or languages that the tracks have.
        """
        masks = []
        if self.genre:
            masks.append(_named(self.genre, track_index.genres, track_index.genre_names, kind="genre"))
        if self.language:
            masks.append(_named(self.language, track_index.languages, track_index.language_names, kind="language"))
        if not self.explicit:
            masks.append(~track_index.explicit)
        if not masks:
            return None
        allowed: NDArray[np.bool_] = np.logical_and.reduce(masks)
        if len(track_index) and not allowed.any():
            raise NoMatchError("No music meets all of these conditions at once", "leave one of them out")
        return allowed


def _named(wanted: str, codes: NDArray[np.int32], names: tuple[str, ...], *, kind: str) -> NDArray[np.bool_]:
    """The rows whose name has all the wanted words."""
    words = words_of(wanted)
    fits = np.array([bool(words) and words <= words_of(name) for name in names], np.bool_)
    if not fits.any():
        raise NoMatchError(f"No music is known to be of the {kind} '{wanted}'", _alternatives(codes, names, kind=kind))
    return fits[codes]


def _alternatives(codes: NDArray[np.int32], names: tuple[str, ...], *, kind: str) -> str:
    """A remedy that names what the tracks have instead, the most frequent first."""
    counts = Counter(dict(zip(names, np.bincount(codes, minlength=len(names)).tolist(), strict=True)))
    known = [name for name, _ in counts.most_common() if name]
    if not known:
        return f"no track's tags state its {kind}, so leave it out"
    more = f" and {len(known) - _MAX_NAMED} more" if len(known) > _MAX_NAMED else ""
    return f"choose among: {', '.join(known[:_MAX_NAMED])}{more}"
