"""A station for a request in words, with what was understood of the request."""

from __future__ import annotations

from dataclasses import dataclass

from mien.music.requests.request import MusicRequest
from mien.types import Station


@dataclass(frozen=True, slots=True)
class RequestedStation:
    """A station for a request.

    Attributes:
        request: What was understood.
        station: The station.
        unmet: The words of what no track of the library is, which was left out.
    """

    request: MusicRequest
    station: Station
    unmet: tuple[str, ...]
