"""Turns a stream of frames into moods that a person can live with: the engine behind page, terminal and videos.

A follower reads each frame; here its readings become steady, one face becomes "me", and what is missing, a face, light,
quality, makes the mood hold, fade and end, never turn into another one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from mien.errors import NeutralError
from mien.face.features import BLENDSHAPES, starting_with
from mien.face.quality import is_covered
from mien.live.primary_face import PrimaryFaceSelector, prominence
from mien.mood.circumplex import mood_of
from mien.mood.dwell import DwellTimer
from mien.mood.group import GroupMember, group_mood
from mien.mood.neutral import NeutralBaseline, NeutralCalibration, beyond_rest, relative_to
from mien.mood.region import RegionHysteresis
from mien.mood.smooth import FaceSmoother, Steadiness, SteadyState, weight_of
from mien.mood.speech import discount_speech
from mien.types import Expression, Frame, Hint, Image, Mood, Reading, Region

HINT_DWELL_S: Final = 1.0
"""A hint appears, changes or goes only after what it speaks of has lasted so long."""

_JAW: Final = BLENDSHAPES.index("jawOpen")
_RAISED: Final = starting_with("browInnerUp", "browOuterUp", "eyeWide")


class Follower(Protocol):
    """Reads one stream of frames: ``mien.face.follow.FaceFollower``, or a fake in tests.

    ``me`` is set to the track of the face that matters most, for a follower that reads some faces oftener than others.
    """

    me: int | None

    @property
    def skipped(self) -> int:
        """How many frames were answered with the readings before, because nothing had moved."""
        ...

    def read(self, frame: Frame) -> list[Reading]:
        """Every face in the frame, the biggest first, with a ``track_id`` that it keeps; none is an empty list."""
        ...


@dataclass(frozen=True, slots=True)
class NeutralLearning:
    """How far the learning of "my neutral" is: ``share`` 0..1 of its ten seconds.

    With the last frame comes the ``neutral``, which is in use from then on, or a ``refusal``: one sentence that says
    what to do.
    """

    share: float
    neutral: NeutralBaseline | None = None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """What a frame says, in the light of those before it.

    ``faces`` in sight, the biggest first, with expression and mood steadied (those of a face that was never read well
    are raw, not confident, and of confidence 0). ``me`` is the track that ``mood`` and ``region`` belong to; it may be
    out of sight while they hold and fade. All three are None when nothing is known; ``group`` is the mood of all.
    ``hint`` is what would help most; ``skipped`` says that nothing had moved; ``learning`` is None unless asked for.
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


class LiveReader:
    """Reads one stream of frames; one thread at a time may call ``read``, any thread the rest.

    ``steadiness`` and ``neutral``, the resting face of "me" or None, may be set at any time.
    """

    def __init__(
        self,
        follower: Follower,
        *,
        steadiness: Steadiness | None = None,
        neutral: NeutralBaseline | None = None,
    ) -> None:
        self.steadiness = steadiness or Steadiness()
        self.neutral = neutral
        self._follower = follower
        self._people: dict[int, _Person] = {}
        self._me = PrimaryFaceSelector()
        self._region = RegionHysteresis(self.steadiness)
        self._hint = _HintKeeper()
        self._calibration: NeutralCalibration | None = None

    def select(self, track_id: int | None) -> None:
        """Make this face "me" until it is forgotten; None, or a face that is not there, leaves it to size and place."""
        self._me.choose(track_id)

    def learn_neutral(self) -> None:
        """Learn my face at rest from the next ten seconds; ``LiveFrame.learning`` tells how far that is."""
        self._calibration = NeutralCalibration()

    def stop_learning(self) -> None:
        """Learn no further; the neutral from before, if any, stays."""
        self._calibration = None

    def read(self, frame: Frame) -> LiveFrame:
        """Read the next frame; raises what the follower raises, and then knows what it knew before."""
        skipped_before = self._follower.skipped
        readings = self._follower.read(frame)
        at_s = frame.time_s
        # Readings without a track, of a reader that keeps none, are told apart by their order.
        seen = {_track_of(reading, place): reading for place, reading in enumerate(readings)}
        self._miss(seen, at_s)
        me = self._me.update(_prominences(seen, frame.image), remembered=self._people.keys(), at_s=at_s)
        self._follower.me = me
        mine = None if me is None else seen.get(me)
        learning = self._learn(mine, at_s)
        faces = tuple(self._take_in(track, reading, mine=reading is mine, at_s=at_s) for track, reading in seen.items())
        steady = None if me is None else self._people[me].steady
        mood = None if steady is None else steady.mood
        self._region.steadiness = self.steadiness
        return LiveFrame(
            time_s=at_s,
            faces=faces,
            me=me,
            mood=mood,
            region=self._region.update(mood, at_s=at_s),
            group=group_mood(self._members(), time_s=at_s),
            hint=self._hint.update(self._hint_of(frame.image, mine, anybody=bool(seen)), at_s=at_s),
            skipped=self._follower.skipped > skipped_before,
            learning=learning,
        )

    def _miss(self, seen: Collection[int], at_s: float) -> None:
        """Let those who are out of sight fade, and forget those who have faded."""
        for track in self._people.keys() - set(seen):
            person = self._people[track]
            person.steady = person.smoother.update(None, at_s=at_s)
            if person.steady is None:
                del self._people[track]

    def _take_in(self, track: int, reading: Reading, *, mine: bool, at_s: float) -> Reading:
        """Remember a face that is in sight; its reading, steadied."""
        person = self._people.setdefault(track, _Person(FaceSmoother(self.steadiness)))
        person.height_px = reading.face.box.height
        person.smoother.steadiness = self.steadiness
        expression = _expression(reading, neutral=self.neutral if mine else None)
        weight = weight_of(expression, reading.features.quality)
        person.steady = person.smoother.update(expression, weight=weight, at_s=at_s)
        if person.steady is not None:
            return replace(reading, expression=person.steady.expression, mood=person.steady.mood)
        mood = replace(mood_of(expression, time_s=at_s), confidence=0.0)
        return replace(reading, expression=replace(expression, confident=False), mood=mood)

    def _members(self) -> Iterator[GroupMember]:
        for person in self._people.values():
            if person.steady is not None:
                yield GroupMember(person.steady.mood, person.height_px)

    @staticmethod
    def _hint_of(image: Image, mine: Reading | None, *, anybody: bool) -> Hint | None:
        if mine is not None:
            return mine.features.quality.hint if mine.features.quality is not None else None
        if anybody:
            return None
        return Hint.COVERED if is_covered(image) else Hint.NO_FACE

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
            self.neutral = calibration.finish()
        except NeutralError as error:
            return NeutralLearning(share, refusal=str(error))
        return NeutralLearning(share, neutral=self.neutral)


@dataclass(slots=True)
class _Person:
    """What is remembered of one track."""

    smoother: FaceSmoother
    steady: SteadyState | None = None
    height_px: float = 0.0


class _HintKeeper:
    """Shows a hint only after it has been wanted for a while, and as long takes it away."""

    def __init__(self) -> None:
        self._shown: Hint | None = None
        self._other = DwellTimer()

    def update(self, wanted: Hint | None, *, at_s: float) -> Hint | None:
        """The hint to show, given the one that this frame wants."""
        if self._other.held_s(wanted is not self._shown, at_s=at_s) >= HINT_DWELL_S:
            self._shown = wanted
            self._other.reset()
        return self._shown


def _track_of(reading: Reading, place: int) -> int:
    return reading.face.track_id if reading.face.track_id is not None else -1 - place


def _prominences(seen: Mapping[int, Reading], image: Image) -> dict[int, float]:
    height_px, width_px = image.shape[:2]
    return {
        track: prominence(reading.face.box, width_px=width_px, height_px=height_px) for track, reading in seen.items()
    }


def _expression(reading: Reading, *, neutral: NeutralBaseline | None) -> Expression:
    """What a face says, beyond what it says at rest, and not counting that it speaks."""
    expression, blendshapes = reading.expression, reading.features.blendshapes
    if neutral is not None and neutral.fits(expression):
        expression = relative_to(neutral, expression)
        blendshapes = beyond_rest(neutral, blendshapes)
    activity = reading.features.activity
    if activity is None or not activity.speaking:
        return expression
    jaw_open, brows_up = float(blendshapes[_JAW]), float(blendshapes[_RAISED].max())
    return discount_speech(expression, jaw_open=jaw_open, brows_up=brows_up)
