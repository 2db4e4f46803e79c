"""What a person asks of the music besides a mood: a genre, a language, nothing explicit, more of this, never that."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import NoMatchError
from mien.music.recommender.index import TrackIndex, words_of

_NAMED_MOST: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFilter:
    """Conditions that each pick has to meet, and what it should be like; the default asks for nothing.

    ``genre``: all its words stand in the track's genre ("rock" takes "Indie Rock"); ``language``: the tags say it, as a
    code of two or three letters or a name; ``explicit``: whether tracks that the tags call explicit may come; ``like``:
    ids of tracks to look for more of, which do not come themselves; ``never``: ids of tracks that must not come,
    neither as the same song from another album.
    """

    genre: str = ""
    language: str = ""
    explicit: bool = True
    like: tuple[str, ...] = ()
    never: frozenset[str] = frozenset()

    def allowed(self, track_index: TrackIndex) -> NDArray[np.bool_] | None:
        """Which rows meet genre, language and explicit: bool [n], None for all.

        Raises ``NoMatchError`` when none does, with the genres or languages that there are.
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
            raise NoMatchError("No music meets all of these wishes at once; leave one of them out.")
        return allowed


def _named(wanted: str, codes: NDArray[np.int32], names: tuple[str, ...], *, kind: str) -> NDArray[np.bool_]:
    """The rows whose name holds all the wanted words."""
    words = words_of(wanted)
    fits = np.array([bool(words) and words <= words_of(name) for name in names], np.bool_)
    if not fits.any():
        raise NoMatchError(f"No music is known to be of the {kind} '{wanted}'; {_offer(codes, names, kind=kind)}.")
    return fits[codes]


def _offer(codes: NDArray[np.int32], names: tuple[str, ...], *, kind: str) -> str:
    """What could be asked for instead, the most frequent first."""
    counts = Counter(dict(zip(names, np.bincount(codes, minlength=len(names)).tolist(), strict=True)))
    known = [name for name, _ in counts.most_common() if name]
    if not known:
        return f"no track's tags tell its {kind}, so leave the wish out"
    more = f" and {len(known) - _NAMED_MOST} more" if len(known) > _NAMED_MOST else ""
    return f"choose among: {', '.join(known[:_NAMED_MOST])}{more}"
