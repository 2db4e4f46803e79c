"""Shares the readers among the clients of the live channel, so that however many there are, no frame waits for long.

A queue of frames grows with the clients, and what comes to its head has grown old. So frames are asked for instead: at
any moment only as many are on their way as can be read in a tenth of a second, and the clients take turns. A client
whose turn it is sends the picture that its camera shows then. While there is room, a client's turn follows its last
frame at once, and nothing waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

AHEAD_S: Final = 0.1
"""How much work may be on its way to the readers, in seconds of theirs. It bridges the time that a frame takes to come
once it was asked for, and it is the longest that a frame waits for a reader."""

PATIENCE_S: Final = 0.075
"""For so long a frame that was asked for keeps its room; so long, too, may one wait that came out of turn."""

_FIRST_GUESS_S: Final = 0.02
_QUICKEST_S: Final = 1e-4
_SLOWEST_S: Final = 1.0
_WEIGHT: Final = 0.1


@dataclass(slots=True, eq=False)
class PacedClient:
    """A client's place, made by ``FramePacer.join``.

    ``told`` is called when its turn comes. ``turn`` numbers the last one it had; ``late`` says that it is still to be
    used, or that the client has just come.
    """

    told: Callable[[], None]
    turn: int
    late: bool = True


class FramePacer:
    """Whose turn it is to send a frame; for one thread, such as that of an event loop.

    ``readers`` frames are read at a time. ``clock`` is monotonic, in seconds; ``later`` calls a function after so many
    seconds, as ``asyncio.AbstractEventLoop.call_later`` does.

    A turn goes to the client whose last one was the longest ago: shares are equal, whoever is nearer or faster. No rate
    is foretold: one frame is asked for as another is done, so nothing swings when clients come and go, when frames take
    longer, or when the machine has other work.
    """

    def __init__(
        self, *, readers: int, clock: Callable[[], float], later: Callable[[float, Callable[[], None]], object]
    ) -> None:
        self._readers = readers
        self._clock = clock
        self._later = later
        self._service_s = _FIRST_GUESS_S
        self._turns = 0
        self._line: set[PacedClient] = set()
        self._asked: dict[PacedClient, float] = {}  # the earliest first
        self._reading: set[PacedClient] = set()
        self._will_look = False

    @property
    def room(self) -> int:
        """How many frames may be on their way or in reading: one more than there are readers, at least."""
        return max(self._readers + 1, int(AHEAD_S * self._readers / self._service_s))

    def join(self, told: Callable[[], None]) -> PacedClient:
        """A place for a client that just came: it may send once unasked; its turns come after those of all others."""
        self._turns += 1
        return PacedClient(told, self._turns)

    def leave(self, seat: PacedClient) -> None:
        """Take away a place, whatever it was waiting for."""
        self._line.discard(seat)
        self._asked.pop(seat, None)
        self._reading.discard(seat)
        self._next()

    def wait(self, seat: PacedClient) -> None:
        """Put a client in line; it is told of its turn, perhaps at once."""
        self._line.add(seat)
        self._next()

    def begin(self, seat: PacedClient) -> bool:
        """Whether the frame of this client is to be read now; if not, let the client wait for its turn.

        Who comes late is still let in, unless so many came meanwhile that the frame would wait for long.
        """
        self._forget()
        in_time = self._asked.pop(seat, None) is not None
        if not in_time and not (seat.late and len(self._reading) < self.room):
            return False
        seat.late = False
        self._reading.add(seat)
        return True

    def end(self, seat: PacedClient, *, took_s: float | None = None) -> None:
        """The frame of this client is done; reading it took so long, None where nothing was read."""
        if took_s is not None:
            # One clock that jumped, or one sleep of the machine, must not count for a thousand frames.
            took_s = min(max(took_s, _QUICKEST_S), _SLOWEST_S)
            self._service_s += _WEIGHT * (took_s - self._service_s)
        self._reading.discard(seat)
        self._next()

    def _next(self) -> None:
        """Ask for frames, as many as there is room for."""
        self._forget()
        while self._line and len(self._asked) + len(self._reading) < self.room:
            seat = min(self._line, key=lambda seat: (not seat.late, seat.turn))
            self._line.remove(seat)
            if not seat.late:
                self._turns += 1
                seat.turn = self._turns
            seat.late = False
            self._asked[seat] = self._clock()
            seat.told()
        if self._line and self._asked and not self._will_look:
            self._will_look = True
            self._later(PATIENCE_S, self._look)

    def _look(self) -> None:
        self._will_look = False
        self._next()

    def _forget(self) -> None:
        """Give away the room of those who were asked too long ago; they keep their turns, and are late."""
        now_s = self._clock()
        while self._asked:
            seat, asked_s = next(iter(self._asked.items()))
            if 0 <= now_s - asked_s < PATIENCE_S:
                return
            del self._asked[seat]
            seat.late = True
