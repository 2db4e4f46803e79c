"""Reads one connection's stream of JPEG frames."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock

from mien.capture.photo import decode_jpeg
from mien.errors import NeutralError
from mien.live.neutral_store import NeutralStore
from mien.live.reader import LiveReader, LiveResult, NeutralLearning
from mien.mood.neutral import NeutralBaseline
from mien.mood.smooth import QUALITY_GATE, Steadiness
from mien.types import Frame, Mood, Reading

MAX_FRAME_PIXELS = 1920 * 1920
"""The largest live frame; a larger one is refused before it is decoded."""


@dataclass(frozen=True, slots=True)
class FrameResult:
    """The result of one frame.

    Attributes:
        width_px: The width of the frame that was sent; ``live`` is in its pixels.
        height_px: Its height.
        live: The smoothed faces and moods.
        read_ms: The time from JPEG to result.
        chosen: Whether the user selected the face that is "me".
    """

    width_px: int
    height_px: int
    live: LiveResult
    read_ms: float
    chosen: bool = False

    @property
    def faces(self) -> tuple[Reading, ...]:
        """The faces in sight, biggest first, smoothed."""
        return self.live.faces

    @property
    def face_ids(self) -> tuple[int, ...]:
        """The faces' ids, which ``live.me`` refers to; negative for those of a reader that does not track."""
        ids = (face.face.track_id for face in self.faces)
        return tuple(-1 - index if face_id is None else face_id for index, face_id in enumerate(ids))

    @property
    def mood(self) -> Mood | None:
        """The mood of the primary face; None if unknown."""
        return self.live.mood

    @property
    def held(self) -> bool:
        """Whether the mood is from earlier frames because the primary face is not, or hardly, visible in this one."""
        if self.mood is None:
            return False
        if self.live.me not in self.face_ids:
            return True
        quality = self.faces[self.face_ids.index(self.live.me)].features.quality
        return quality is not None and quality.score < QUALITY_GATE


class LiveFeed:
    """One stream of frames, read in order; made by ``Session.live``.

    One thread at a time may read; any thread may give commands, which apply from the next frame on.

    Args:
        reader: Reads and smooths the frames.
        neutrals: Stores the user's neutral baseline.
        submit: Runs a function in one of the session's threads.
        clock: A monotonic clock, in seconds.
        steadiness: How slowly the mood follows.

    Attributes:
        steadiness: May be set at any time.
    """

    def __init__(
        self,
        reader: LiveReader,
        neutrals: NeutralStore,
        submit: Callable[[Callable[[], FrameResult]], Future[FrameResult]],
        clock: Callable[[], float],
        *,
        steadiness: Steadiness,
    ) -> None:
        self.steadiness = steadiness
        self._reader = reader
        self._neutrals = neutrals
        self._submit = submit
        self._clock = clock
        self._frames = 0
        self._selected: int | None = None
        self._selecting = Lock()

    def select(self, track_id: int | None) -> None:
        """Make this face "me" until it is forgotten; None selects the most prominent face."""
        with self._selecting:
            self._selected = track_id

    def learn_neutral(self) -> None:
        """Start to learn the resting face of "me" from the next ten seconds."""
        self._reader.learn_neutral()

    def stop_learning(self) -> None:
        """Stop learning; the resting face known before, if any, stays in use."""
        self._reader.stop_learning()

    def submit(self, jpeg: bytes) -> Future[FrameResult]:
        """``read`` in one of the session's threads; wait for the result before you submit the next frame."""
        return self._submit(partial(self.read, jpeg))

    def read(self, jpeg: bytes) -> FrameResult:
        """Read one frame, which is kept in memory only.

        A neutral baseline that was learned with it is saved; if that fails, ``live.learning.error`` says why.

        Args:
            jpeg: The frame as a JPEG file.

        Raises:
            ImageError: If it is not a JPEG, or larger than ``MAX_FRAME_PIXELS``.
        """
        started_s = self._clock()
        image = decode_jpeg(jpeg, max_pixels=MAX_FRAME_PIXELS)
        frame = Frame(image, self._frames, started_s)
        self._frames += 1
        with self._selecting:
            selected = self._selected
        live = self._reader.read(frame, steadiness=self.steadiness, neutral=self._neutrals.neutral, selected=selected)
        chosen = selected is not None and live.me == selected
        if not chosen:
            self._clear_selection(selected)
        if live.learning is not None and live.learning.neutral is not None:
            live = replace(live, learning=self._saved(live.learning, live.learning.neutral))
        height_px, width_px = image.shape[:2]
        # The clock may have been set back meanwhile.
        return FrameResult(width_px, height_px, live, max(0.0, self._clock() - started_s) * 1000, chosen)

    def _clear_selection(self, track_id: int | None) -> None:
        with self._selecting:
            if self._selected == track_id:  # unless another face was selected meanwhile
                self._selected = None

    def _saved(self, learning: NeutralLearning, neutral: NeutralBaseline) -> NeutralLearning:
        try:
            self._neutrals.save(neutral)
        except NeutralError as error:
            return NeutralLearning(learning.share, error=error)
        return learning
