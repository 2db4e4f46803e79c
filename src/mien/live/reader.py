"""Turns a stream of frames into steady moods: the engine behind the page, the terminal view and videos.

A follower reads each frame; here its readings are smoothed and one face is selected as "me". When a face, light or
quality is missing, the mood holds, fades and ends, but never changes into another one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from mien.errors import NeutralError
from mien.live.adjustment import ExpressionAdjuster
from mien.live.hint import HintDebouncer, wanted_hint
from mien.live.posed import is_posed
from mien.live.primary_face import PrimaryFaceSelector, prominence
from mien.mood.circumplex import EXPRESSION_WORDS, UNSURE_WORDS, describe, mood_of, shifted
from mien.mood.corrected_expression import corrected_expression
from mien.mood.correction import CorrectionFeatures, Point
from mien.mood.group import GroupMember, group_mood
from mien.mood.music_mood import MusicMood, MusicMoodFilter
from mien.mood.neutral import NeutralBaseline, NeutralCalibration
from mien.mood.personal_shift import PersonalShift
from mien.mood.region import RegionHysteresis
from mien.mood.settled import ExpressionHysteresis, SettledExpression
from mien.mood.smooth import FaceSmoother, SmoothedFace, Steadiness, weight_of
from mien.types import Emotion, Expression, Frame, Hint, Image, Mood, Reading, Region

DEFAULT_STEADINESS: Final = Steadiness()

TAUGHT_BEYOND: Final = 0.1
"""A corrected mood that is farther than this from any expression is described by its place on the plane."""

NAMING_DWELLS: Final = 2.5
"""An expression is named after this many times the steadiness's dwell time: 1 s at the default, 2.5 s at most."""


class Follower(Protocol):
    """Reads one stream of frames: ``mien.face.follow.FaceFollower``, or a fake in tests."""

    @property
    def skipped(self) -> int:
        """How many frames repeated the previous readings because nothing had moved."""
        ...

    def read(self, frame: Frame, *, focus: int | None = None) -> list[Reading]:
        """Read the next frame.

        Args:
            frame: The frame.
            focus: The ``track_id`` of the face that matters most, for a follower that reads some faces more often.

        Returns:
            Every face in the frame, biggest first, with its ``track_id``; empty if there is none.
        """
        ...


@dataclass(frozen=True, slots=True)
class NeutralLearning:
    """Progress of learning the neutral baseline of the primary face.

    Attributes:
        share: How much of the ten seconds is over, 0..1.
        neutral: The result, with the last frame; it applies to that frame already. Pass it to ``read`` from then on.
        error: Why there is no result, with the last frame.
    """

    share: float
    neutral: NeutralBaseline | None = None
    error: NeutralError | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CorrectableReading:
    """What a correction of the primary face's mood at this moment would be learnt from.

    Attributes:
        features: What is known of the face in this frame.
        uncorrected: The point of this frame, not smoothed, without what was learnt from corrections.
        model: ``Expression.model``.
    """

    features: CorrectionFeatures
    uncorrected: Point
    model: str


@dataclass(frozen=True, slots=True)
class LiveResult:
    """The smoothed result of one frame.

    Attributes:
        time_s: The time of the frame.
        faces: The faces in sight, biggest first, with smoothed expression and mood. Those of a face that was never
            read well are raw, not confident, and of confidence 0.
        me: The track id of the face that ``mood`` and ``region`` belong to; it may be out of sight while they hold and
            fade. All three are None if nothing is known.
        mood: The mood of the primary face.
        region: The region of ``mood``.
        group: The mood of all faces; None if unknown.
        hint: What would improve the reading most; None if nothing would.
        skipped: Whether the frame was not analysed because nothing had moved.
        learning: Progress of learning the neutral baseline; None unless it was started.
        music: The mood that music should follow; None before any mood was known.
        correctable: What a correction would be learnt from; None unless the primary face is read well in this frame.
        settled: The expression of the primary face to name and show with ``mood``; None if nothing is known.
        posed: Whether the primary face clearly shows an expression in this frame, so that it does not rest.
        taught: Whether corrections put the mood where no expression is, so that it has words of its own.
    """

    time_s: float
    faces: tuple[Reading, ...]
    me: int | None
    mood: Mood | None
    region: Region | None
    group: Mood | None
    hint: Hint | None
    skipped: bool
    learning: NeutralLearning | None = None
    music: MusicMood | None = None
    correctable: CorrectableReading | None = None
    settled: SettledExpression | None = None
    taught: bool = False
    posed: bool = False

    @property
    def words(self) -> str:
        """The mood of the primary face in words, such as "happy" or "not sure"."""
        if self.settled is None or self.mood is None:
            return UNSURE_WORDS
        return describe(self.mood) if self.taught and self.settled.named is None else self.settled.words

    def shown(self, reading: Reading) -> Reading:
        """A face of ``faces`` as it should be shown: the primary face with its settled expression."""
        if self.settled is None or reading.face.track_id != self.me:
            return reading
        return replace(reading, expression=self.settled.expression)

    def words_of(self, reading: Reading) -> str:
        """The words for a face of ``faces``; for the primary face those of the mood."""
        if self.mood is not None and reading.face.track_id == self.me:
            return self.words
        return EXPRESSION_WORDS[reading.expression.top] if reading.expression.confident else UNSURE_WORDS

    def named(self, reading: Reading) -> Emotion:
        """The expression to name of a face of ``faces``, if it is confident in ``shown``: settled, or the top one."""
        if self.settled is None or self.settled.named is None or reading.face.track_id != self.me:
            return reading.expression.top
        return self.settled.named


class LiveReader:
    """Reads one stream of frames.

    One thread at a time may call ``read``; any thread may start and stop learning.
    """

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._people: dict[int, _Person] = {}
        self._primary_face = PrimaryFaceSelector()
        self._region = RegionHysteresis()
        self._settled = ExpressionHysteresis()
        self._music_mood = MusicMoodFilter()
        self._hint = HintDebouncer()
        self._calibration: NeutralCalibration | None = None
        self._focus: int | None = None

    @property
    def remembered(self) -> tuple[int, ...]:
        """The track ids of the faces, in sight or not, whose mood is still known."""
        return tuple(self._people)

    def learn_neutral(self) -> None:
        """Start to learn the resting face of "me" in the next ten seconds; see ``LiveResult.learning``."""
        self._calibration = NeutralCalibration()

    def stop_learning(self) -> None:
        """Stop learning without a result."""
        self._calibration = None

    def read(
        self,
        frame: Frame,
        *,
        steadiness: Steadiness = DEFAULT_STEADINESS,
        neutral: NeutralBaseline | None = None,
        shift_of: Callable[[str, NeutralBaseline | None], PersonalShift] | None = None,
        selected: int | None = None,
    ) -> LiveResult:
        """Read the next frame.

        An exception of the follower is passed on and leaves the state unchanged.

        Args:
            frame: The next frame of the stream.
            steadiness: How slowly the mood and the region follow.
            neutral: The resting face of "me", relative to which its expressions are read.
            shift_of: The shift that was learnt of "me", for ``Expression.model`` and the resting face in use.
            selected: The track id of the face chosen as "me"; see ``PrimaryFaceSelector.update``.

        Returns:
            The smoothed faces, the mood of the primary face and what goes with it.
        """
        skipped_before = self._follower.skipped
        readings = self._follower.read(frame, focus=self._focus)
        at_s = frame.time_s
        # Readings without a track id, from a reader that does not track, are identified by their order.
        seen = {_face_id(reading, index): reading for index, reading in enumerate(readings)}
        self._fade_unseen(seen, at_s, steadiness)
        prominences = _prominences(seen, frame.image)
        me = self._primary_face.update(prominences, remembered=self._people.keys(), at_s=at_s, selected=selected)
        if me != self._focus:
            self._settled.reset()
        self._focus = me
        mine = None if me is None else seen.get(me)
        learning = self._learn(mine, at_s)
        if learning is not None and learning.neutral is not None:
            neutral = learning.neutral
        adjusted = {
            face_id: self._people.setdefault(face_id, _Person()).adjuster.update(
                reading, neutral=neutral if reading is mine else None, at_s=at_s
            )
            for face_id, reading in seen.items()
        }
        correctable = None if mine is None or me is None else _correctable(mine, adjusted[me])
        shift: Point = (0.0, 0.0)
        if shift_of is not None and correctable is not None and me is not None:
            shift = shift_of(correctable.model, neutral).at(correctable.features)
            adjusted[me], shift = corrected_expression(adjusted[me], shift)
        faces = tuple(
            self._smooth(
                face_id,
                reading,
                adjusted[face_id],
                steadiness,
                shift=shift if reading is mine else (0.0, 0.0),
                at_s=at_s,
            )
            for face_id, reading in seen.items()
        )
        smoothed = None if me is None else self._people[me].smoothed
        mood = None if smoothed is None else smoothed.mood
        # The mood that the smoothed one moves towards, so that the music does not wait for that.
        shown = None if me is None else self._people[me].target(at_s)
        return LiveResult(
            time_s=at_s,
            faces=faces,
            me=me,
            mood=mood,
            region=self._region.update(mood, at_s=at_s, dwell_s=steadiness.dwell_s),
            group=group_mood(self._members(), time_s=at_s),
            hint=self._hint.update(wanted_hint(frame.image, mine, anybody=bool(seen)), at_s=at_s),
            skipped=self._follower.skipped > skipped_before,
            learning=learning,
            music=self._music_mood.update(shown, at_s=at_s),
            correctable=correctable,
            settled=self._settled.update(
                smoothed,
                readable=mine is not None and weight_of(mine.expression, mine.features.quality) > 0,
                at_s=at_s,
                dwell_s=NAMING_DWELLS * steadiness.dwell_s,
            ),
            posed=mine is not None and is_posed(mine),
            taught=math.hypot(*shift) > TAUGHT_BEYOND and smoothed is not None and smoothed.expression.confident,
        )

    def _fade_unseen(self, seen: Collection[int], at_s: float, steadiness: Steadiness) -> None:
        """Fade the moods of the faces out of sight, and forget those that have faded."""
        for face_id in self._people.keys() - set(seen):
            person = self._people[face_id]
            person.smoothed = person.smoother.update(None, at_s=at_s, steadiness=steadiness)
            if person.smoothed is None:
                del self._people[face_id]

    def _smooth(
        self,
        face_id: int,
        reading: Reading,
        expression: Expression,
        steadiness: Steadiness,
        *,
        shift: Point,
        at_s: float,
    ) -> Reading:
        """The smoothed reading of a face in sight, of an adjusted expression."""
        person = self._people[face_id]
        person.height_px = reading.face.box.height
        person.shift = shift
        weight = weight_of(expression, reading.features.quality)
        person.smoothed = person.smoother.update(
            expression, weight=weight, at_s=at_s, steadiness=steadiness, shift=shift
        )
        if person.smoothed is not None:
            return replace(reading, expression=person.smoothed.expression, mood=person.smoothed.mood)
        mood = replace(shifted(mood_of(expression, time_s=at_s), shift), confidence=0.0)
        return replace(reading, expression=replace(expression, confident=False), mood=mood)

    def _members(self) -> Iterator[GroupMember]:
        for person in self._people.values():
            if person.smoothed is not None:
                yield GroupMember(person.smoothed.mood, person.height_px)

    def _learn(self, mine: Reading | None, at_s: float) -> NeutralLearning | None:
        calibration = self._calibration
        if calibration is None:
            return None
        if mine is not None and weight_of(mine.expression, mine.features.quality) > 0:
            share = calibration.add(mine.expression, mine.features.blendshapes, at_s=at_s)
        else:
            share = calibration.add(None, None, at_s=at_s)
        if share < 1:
            return NeutralLearning(share)
        self._calibration = None
        try:
            return NeutralLearning(share, neutral=calibration.finish())
        except NeutralError as error:
            return NeutralLearning(share, error=error)


class _Person:
    """What is remembered of one track."""

    def __init__(self) -> None:
        self.adjuster = ExpressionAdjuster()
        self.smoother = FaceSmoother()
        self.smoothed: SmoothedFace | None = None
        self.height_px = 0.0
        self.shift: Point = (0.0, 0.0)

    def target(self, at_s: float) -> Mood | None:
        """The mood of the smoothed expression, shifted; None if it is unknown."""
        return None if self.smoothed is None else shifted(mood_of(self.smoothed.expression, time_s=at_s), self.shift)


def _face_id(reading: Reading, index: int) -> int:
    return reading.face.track_id if reading.face.track_id is not None else -1 - index


def _prominences(seen: Mapping[int, Reading], image: Image) -> dict[int, float]:
    height_px, width_px = image.shape[:2]
    return {
        face_id: prominence(reading.face.box, width_px=width_px, height_px=height_px)
        for face_id, reading in seen.items()
    }


def _correctable(mine: Reading, adjusted: Expression) -> CorrectableReading | None:
    """What a correction of the primary face would be learnt from; None if the face is not read well."""
    if weight_of(mine.expression, mine.features.quality) == 0:
        return None
    mood = mood_of(adjusted)
    return CorrectableReading(CorrectionFeatures.of(mine), (mood.valence, mood.arousal), mine.expression.model)
