"""Reads one connection's stream of JPEG frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from threading import Lock

import numpy as np

from mien.capture.photo import decode_jpeg
from mien.errors import CorrectionError, NeutralError
from mien.live.correction_store import CorrectionStore
from mien.live.neutral_store import NeutralStore
from mien.live.reader import CorrectableReading, LiveReader, LiveResult, NeutralLearning
from mien.mood.correction import Correction, CorrectionFeatures, Point, neutral_id, reading_id
from mien.mood.neutral import NeutralBaseline
from mien.mood.smooth import QUALITY_GATE, Steadiness
from mien.types import Frame, Mood, Reading

MAX_CORRECTION_AGO_S = 30.0
"""A mood that was shown longer ago cannot be corrected."""

_MEAN_S = 1.0

MAX_FRAME_PIXELS = 1920 * 1920
"""The largest live frame; a larger one is refused before it is decoded."""


@dataclass(frozen=True, slots=True)
class CorrectionOutcome:
    """What became of a correction.

    Attributes:
        learnt: Whether it is learnt from; not if the face was not seen at the time that it is about.
        error: Why it could not be stored.
    """

    learnt: bool
    error: CorrectionError | None = None


@dataclass(frozen=True, slots=True)
class FrameResult:
    """The result of one frame.

    Attributes:
        width_px: The width of the frame that was sent; ``live`` is in its pixels.
        height_px: Its height.
        live: The smoothed faces and moods.
        read_ms: The time from JPEG to result.
        chosen: Whether the user selected the face that is "me".
        correction: What became of the last correction that was given since the frame before.
        corrections: How many corrections the mood takes into account.
        halo: The radius round the mood in which the next correction is likely; None if unknown.
    """

    width_px: int
    height_px: int
    live: LiveResult
    read_ms: float
    chosen: bool = False
    correction: CorrectionOutcome | None = None
    corrections: int = 0
    halo: float | None = None

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
        return quality is not None and quality.score <= QUALITY_GATE


@dataclass(frozen=True, slots=True)
class _Moment:
    """A frame that can be corrected, and the point that was shown for it."""

    at_s: float
    me: int
    reading: CorrectableReading
    shown: Point


@dataclass(frozen=True, slots=True)
class _GivenCorrection:
    """A correction that waits for the next frame, and the monotonic time that it is about, in seconds."""

    target: Point
    about_s: float


class LiveFeed:
    """One stream of frames, read in order; made by ``Session.live``.

    One thread at a time may read; any thread may give commands, which apply from the next frame on.

    Args:
        reader: Reads and smooths the frames.
        neutrals: Stores the user's neutral baseline.
        corrections: Stores the user's corrections of the mood.
        submit: Runs a function in one of the session's threads.
        clock: A monotonic clock, in seconds.
        now: The clock that corrections are dated with; its times are aware.
        steadiness: How slowly the mood follows.

    Attributes:
        steadiness: May be set at any time.
    """

    def __init__(
        self,
        reader: LiveReader,
        neutrals: NeutralStore,
        corrections: CorrectionStore,
        submit: Callable[[Callable[[], FrameResult]], Future[FrameResult]],
        clock: Callable[[], float],
        now: Callable[[], datetime],
        *,
        steadiness: Steadiness,
    ) -> None:
        self.steadiness = steadiness
        self._reader = reader
        self._neutrals = neutrals
        self._corrections = corrections
        self._now = now
        self._moments: deque[_Moment] = deque()
        self._given: list[_GivenCorrection] = []
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

    def correct(self, target: Point, *, ago_s: float) -> None:
        """Learn that the face of a moment ago meant another mood; see ``FrameResult.correction``.

        Args:
            target: Valence and arousal, -1..1.
            ago_s: How long ago the mood was shown that is corrected, 0..``MAX_CORRECTION_AGO_S``.
        """
        with self._selecting:
            self._given.append(_GivenCorrection(target, self._clock() - ago_s))

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
            given, self._given = self._given, []
        outcomes = [self._learn(correction) for correction in given]
        live = self._reader.read(
            frame,
            steadiness=self.steadiness,
            neutral=self._neutrals.neutral,
            shift_of=self._corrections.shift_of,
            selected=selected,
        )
        self._remember(live)
        chosen = selected is not None and live.me == selected
        if not chosen:
            self._clear_selection(selected)
        if live.learning is not None and live.learning.neutral is not None:
            live = replace(live, learning=self._saved(live.learning, live.learning.neutral))
        height_px, width_px = image.shape[:2]
        model = None if live.correctable is None else live.correctable.model
        personal = None if model is None else self._corrections.personal(model, self._neutrals.neutral)
        return FrameResult(
            width_px,
            height_px,
            live,
            max(0.0, self._clock() - started_s) * 1000,  # the clock may have been set back meanwhile
            chosen,
            outcomes[-1] if outcomes else None,
            0 if personal is None else personal.count,
            None if personal is None else personal.halo,
        )

    def _remember(self, live: LiveResult) -> None:
        """Remember what a correction of this frame would be learnt from."""
        while self._moments and not 0 <= live.time_s - self._moments[0].at_s <= MAX_CORRECTION_AGO_S + _MEAN_S:
            self._moments.popleft()
        if live.correctable is not None and live.mood is not None and live.me is not None:
            shown = (live.mood.valence, live.mood.arousal)
            self._moments.append(_Moment(live.time_s, live.me, live.correctable, shown))

    def _learn(self, given: _GivenCorrection) -> CorrectionOutcome:
        """Learn from the mean of the last second before the moment that is corrected."""
        then = [one for one in self._moments if given.about_s - _MEAN_S <= one.at_s <= given.about_s]
        then = [one for one in then if (one.me, one.reading.model) == (then[-1].me, then[-1].reading.model)]
        if not then:
            return CorrectionOutcome(learnt=False)
        valence, arousal = np.mean([one.reading.uncorrected for one in then], axis=0).tolist()
        try:
            self._corrections.add(
                Correction(
                    features=CorrectionFeatures.mean([one.reading.features for one in then]),
                    uncorrected=(valence, arousal),
                    shown=then[-1].shown,
                    target=given.target,
                    reading=reading_id(then[-1].reading.model),
                    neutral=neutral_id(self._neutrals.neutral),
                    at_s=self._now().timestamp(),
                )
            )
        except CorrectionError as error:
            return CorrectionOutcome(learnt=True, error=error)
        return CorrectionOutcome(learnt=True)

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
