"""What was listened to, as far as a request can ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ListeningHistory:
    """The listener's favourites and plays.

    Attributes:
        favourites: The ids of tracks that they like, or have often heard to the end.
        last_played: When each track that was played began to play last, an aware time, by track id.
    """

    favourites: frozenset[str] = frozenset()
    last_played: Mapping[str, datetime] = field(default_factory=dict)
