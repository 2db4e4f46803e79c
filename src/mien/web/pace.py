"""Shares the readers among the live channel's clients, so that no frame waits long, however many clients there are.

A queue of frames would grow with the number of clients, and its frames would be old by the time they are read. So the
server requests frames: the number in transit or being read is limited to what can be read in 0.1 s, and the clients
take turns. A client captures its frame when its turn comes. As long as there is capacity, each client gets its next
turn right after its last frame, and no client waits.

A client whose frames take much longer than those of others pays for them with turns: otherwise a few programs that send
frames as large as they may be would leave an ordinary page a frame every few seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

LOOKAHEAD_S: Final = 0.1
"""How much work may be in transit or being read, in seconds of the readers' time. It covers the time from the request
for a frame to its arrival, and it is the longest time that a frame waits for a reader."""

MAX_FRAME_AGE_S: Final = 0.075
"""How long capacity is reserved for a requested frame, and how long a frame sent out of turn may wait."""

_INITIAL_SERVICE_S: Final = 0.02
_MIN_SERVICE_S: Final = 1e-4
_MAX_SERVICE_S: Final = 1.0
_SMOOTHING: Final = 0.1

_EQUAL_SHARE: Final = 2.0
"""How many times longer than the fastest client's frames a frame may take to count for one turn only."""

_MAX_ROUNDS: Final = 50
"""How many rounds of turns a client waits at most for the slow frames that it has sent."""


@dataclass(slots=True, eq=False)
class PacedClient:
    """A client of a ``FramePacer``, made by ``FramePacer.join``.

    Attributes:
        on_turn: Called when the client's turn comes.
        turn: The number of its last turn, or a later one if it has to pay for a slow frame.
        service_s: How long reading its frames takes, on average; None before the first one.
        may_send_late: Whether a frame that comes late for its last turn is still accepted; true for a new client.
    """

    on_turn: Callable[[], None]
    turn: float
    may_send_late: bool = True
    service_s: float | None = None


class FramePacer:
    """Decides which client sends the next frame. Not thread-safe; for use in one event loop.

    The next turn goes to the client whose last turn was the longest ago, so that shares are equal, however near or fast
    a client is. A frame that takes more than twice as long as those of the fastest client counts for several turns, and
    one reader is kept free of frames that take longer than ``LOOKAHEAD_S``.

    No rate is predicted: one frame is requested whenever another is done, so nothing oscillates when
    clients come and go, when frames take longer, or when the machine is busy.

    Args:
        readers: How many frames are read at a time.
        clock: Monotonic time in seconds.
        call_later: Calls a function after a delay in seconds, as ``asyncio.AbstractEventLoop.call_later`` does.
    """

    def __init__(
        self, *, readers: int, clock: Callable[[], float], call_later: Callable[[float, Callable[[], None]], object]
    ) -> None:
        self._readers = readers
        self._clock = clock
        self._call_later = call_later
        self._service_s = _INITIAL_SERVICE_S
        self._turns = 0
        self._waiting: set[PacedClient] = set()
        self._requested: dict[PacedClient, float] = {}  # by time of the request, oldest first
        self._reading: set[PacedClient] = set()
        self._clients: set[PacedClient] = set()
        self._check_scheduled = False

    @property
    def capacity(self) -> int:
        """How many frames may be in transit or being read: at least one more than there are readers."""
        return max(self._readers + 1, int(LOOKAHEAD_S * self._readers / self._service_s))

    def join(self, on_turn: Callable[[], None]) -> PacedClient:
        """Add a client. It may send one frame unrequested; its turns come after those of all others.

        Args:
            on_turn: Called whenever the client's turn comes.
        """
        self._turns += 1
        client = PacedClient(on_turn, self._turns)
        self._clients.add(client)
        return client

    def leave(self, client: PacedClient) -> None:
        """Remove a client, whatever its state."""
        self._clients.discard(client)
        self._waiting.discard(client)
        self._requested.pop(client, None)
        self._reading.discard(client)
        self._request_frames()

    def wait(self, client: PacedClient) -> None:
        """Let a client wait for its turn, which may come at once."""
        self._waiting.add(client)
        self._request_frames()

    def begin(self, client: PacedClient) -> bool:
        """Whether the client's frame is to be read now; if not, the client has to ``wait``.

        A frame that comes after its turn expired is still accepted, unless the readers are fully occupied by then.
        """
        self._expire_requests()
        in_time = self._requested.pop(client, None) is not None
        is_due = client.may_send_late and client.turn <= self._turns and client not in self._without_reader()
        if not in_time and not (is_due and len(self._reading) < self.capacity):
            return False
        client.may_send_late = False
        self._reading.add(client)
        return True

    def end(self, client: PacedClient, *, took_s: float, was_read: bool = True) -> None:
        """Note that the client's frame is done.

        Args:
            client: A client that ``begin`` accepted.
            took_s: How long it took.
            was_read: Whether it was read; one that was refused says nothing about how long reading takes.
        """
        # One jump of the clock, or one suspension of the machine, must not distort the averages for long.
        took_s = min(max(took_s, _MIN_SERVICE_S), _MAX_SERVICE_S)
        if was_read:
            self._service_s += _SMOOTHING * (took_s - self._service_s)
        usual_s = took_s if client.service_s is None else client.service_s
        client.service_s = usual_s + _SMOOTHING * (took_s - usual_s)
        # A single slow frame costs nothing: any client has one when the machine is busy.
        extra_turns = max(0.0, min(took_s, usual_s) / self._equal_service_s() - 1) * len(self._clients)
        # What nobody waited for is not paid later: alone, a client may send slow frames for hours.
        client.turn = min(client.turn + extra_turns, self._turns + _MAX_ROUNDS * len(self._clients))
        self._reading.discard(client)
        self._request_frames()

    def _request_frames(self) -> None:
        """Request as many frames as there is capacity for."""
        self._expire_requests()
        while len(self._requested) + len(self._reading) < self.capacity:
            due = self._waiting - self._without_reader()
            if not due:
                break
            client = min(due, key=lambda client: client.turn)
            self._waiting.remove(client)
            if not client.may_send_late:
                self._turns += 1
                client.turn = max(client.turn, self._turns)
            client.may_send_late = False
            self._requested[client] = self._clock()
            client.on_turn()
        if self._waiting and self._requested and not self._check_scheduled:
            self._check_scheduled = True
            self._call_later(MAX_FRAME_AGE_S, self._check)

    def _equal_service_s(self) -> float:
        """How long a frame may take to count for one turn only."""
        known = [client.service_s for client in self._clients if client.service_s is not None]
        return _EQUAL_SHARE * min(known, default=_MAX_SERVICE_S)

    def _without_reader(self) -> frozenset[PacedClient]:
        """The clients that have to wait because they are slow, and would leave no reader to the others."""
        slow_s = max(LOOKAHEAD_S, self._equal_service_s())
        slow = frozenset(one for one in self._clients if one.service_s is not None and one.service_s > slow_s)
        occupied = len(slow & self._requested.keys()) + len(slow & self._reading)
        return slow if occupied >= max(1, self._readers - 1) else frozenset()

    def _check(self) -> None:
        self._check_scheduled = False
        self._request_frames()

    def _expire_requests(self) -> None:
        """Free the capacity of clients that did not send in time; they keep their turns and may still send late."""
        now_s = self._clock()
        while self._requested:
            client, requested_s = next(iter(self._requested.items()))
            if 0 <= now_s - requested_s < MAX_FRAME_AGE_S:
                return
            del self._requested[client]
            client.may_send_late = True
