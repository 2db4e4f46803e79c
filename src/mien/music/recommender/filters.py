"""Conditions for a choice of music besides the mood: genre, language, explicit lyrics, similar or unwanted tracks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import NoMatchError
from mien.music.names import comparison_words, genres_in
from mien.music.recommender.index import TrackIndex

_MAX_NAMED: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFilter:
    """Conditions that every pick has to meet, and tracks that the picks should resemble; the default allows all tracks.

    Attributes:
        genre: Words that must all occur in one of the track's genres ("rock" allows "Indie Rock"); of several genres,
            separated by commas, slashes or semicolons, the track must have each.
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
            masks.append(_named(self.genre, track_index.genre_sets, track_index.genres_of_set, kind="genre"))
        if self.language:
            languages = [(name,) for name in track_index.language_names]
            masks.append(_named(self.language, track_index.languages, languages, kind="language"))
        if not self.explicit:
            masks.append(~track_index.explicit)
        if not masks:
            return None
        allowed: NDArray[np.bool_] = np.logical_and.reduce(masks)
        if len(track_index) and not allowed.any():
            raise NoMatchError("No music meets all of these conditions at once", "leave one of them out")
        return allowed


def _named(wanted: str, codes: NDArray[np.int32], names: Sequence[Sequence[str]], *, kind: str) -> NDArray[np.bool_]:
    """The rows that have, for each wanted name, one with all its words."""
    sought = [words for name in genres_in([wanted]) if (words := comparison_words(name))]
    known = [[comparison_words(name) for name in several] for several in names]
    fits = np.array(
        [bool(sought) and all(any(words <= one for one in several) for words in sought) for several in known], np.bool_
    )
    if not fits.any():
        raise NoMatchError(f"No music is known to be of the {kind} '{wanted}'", _alternatives(codes, names, kind=kind))
    return fits[codes]


def _alternatives(codes: NDArray[np.int32], names: Sequence[Sequence[str]], *, kind: str) -> str:
    """A remedy that names what the tracks have instead, the most frequent first."""
    counts = Counter[str]()
    for several, count in zip(names, np.bincount(codes, minlength=len(names)).tolist(), strict=True):
        counts.update(dict.fromkeys(several, count))
    known = [name for name, _ in counts.most_common() if name]
    if not known:
        return f"no track's tags state its {kind}, so leave it out"
    more = f" and {len(known) - _MAX_NAMED} more" if len(known) > _MAX_NAMED else ""
    return f"choose among: {', '.join(known[:_MAX_NAMED])}{more}"
