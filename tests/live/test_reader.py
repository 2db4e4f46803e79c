"""The live reader over minutes of simulated frames."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from mien.face.features import BLENDSHAPES
from mien.live.hint import HINT_DWELL_S
from mien.live.reader import LiveReader, LiveResult
from mien.mood.circumplex import depth_in, mood_of
from mien.mood.neutral import LEARN_S, NeutralBaseline
from mien.mood.personal_shift import PersonalShift
from mien.mood.region import MARGIN
from mien.mood.smooth import FORGET_S, HOLD_S, QUALITY_GATE, Steadiness
from mien.types import Activity, Emotion, Expression, Frame, Hint, Quality, Reading, Region
from tests.fakes import FakeReader, expression, reading

DARK = Quality(QUALITY_GATE / 2, Hint.TOO_DARK)
TALKING_MOUTH = Expression(
    dict(zip(Emotion, (0.03, 0.02, 0.05, 0.1, 0.05, 0.5, 0.25), strict=True)), confident=True, model="fake"
)
SAD_AT_REST = Expression(
    dict(zip(Emotion, (0.05, 0.01, 0.05, 0.02, 0.6, 0.02, 0.25), strict=True)), confident=True, model="fake"
)


class Camera:
    """A stream of frames at a constant rate; its faces may be changed between them."""

    def __init__(self, *, frames_per_s: float = 15.0, at_s: float = 1000.0, value: float = 0.5) -> None:
        self.faces: Callable[[float], Iterable[Reading]] = lambda at_s: []
        self.at_s = at_s
        self.frames_per_s = frames_per_s
        self.follower = FakeReader(lambda frame: self.faces(frame.time_s)).follow()
        self.reader = LiveReader(self.follower)
        self.steadiness = Steadiness(value)
        self.neutral: NeutralBaseline | None = None
        self.selected: int | None = None
        self.shift_of: Callable[[str, NeutralBaseline | None], PersonalShift] | None = None
        self.image = np.zeros((480, 640, 3), np.uint8)
        self._index = 0

    def shows(self, *faces: Reading, for_s: float) -> list[LiveResult]:
        """Show these faces for a time; at least one frame."""
        self.faces = lambda at_s: faces
        return self.runs(for_s=for_s)

    def runs(self, *, for_s: float) -> list[LiveResult]:
        frames = []
        for _ in range(max(1, round(for_s * self.frames_per_s))):
            self.at_s += 1 / self.frames_per_s
            live = self.reader.read(
                Frame(self.image, self._index, self.at_s),
                steadiness=self.steadiness,
                neutral=self.neutral,
                shift_of=self.shift_of,
                selected=self.selected,
            )
            if live.learning is not None and live.learning.neutral is not None:
                self.neutral = live.learning.neutral
            frames.append(live)
            self._index += 1
        return frames


def me(top: Emotion = Emotion.HAPPY, **options) -> Reading:
    return reading(top, track_id=1, x_px=250, width_px=140, **options)


def neighbour(top: Emotion = Emotion.SAD, **options) -> Reading:
    return reading(top, track_id=2, x_px=20, width_px=110, **options)


class TestOneFace:
    def test_a_face_has_a_mood_from_the_first_frame(self) -> None:
        (first,) = Camera().shows(me(), for_s=0)
        assert first.me == 1
        assert first.region is Region.EXCITED
        assert first.mood == first.faces[0].mood
        assert first.mood.valence == pytest.approx(mood_of(expression(Emotion.HAPPY)).valence)
        assert first.group.valence == pytest.approx(first.mood.valence)

    def test_a_change_reaches_the_region_in_little_over_a_second_and_once(self) -> None:
        camera = Camera()
        camera.shows(me(Emotion.NEUTRAL), for_s=4)
        frames = camera.shows(me(Emotion.HAPPY), for_s=6)
        regions = [frame.region for frame in frames]
        assert regions[-1] is Region.EXCITED
        assert regions == sorted(regions, key=[Region.NEUTRAL, Region.EXCITED].index)
        assert regions.index(Region.EXCITED) / camera.frames_per_s < 1.5

    def test_a_classifier_that_flickers_shows_a_calm_face(self) -> None:
        camera = Camera()
        rng = np.random.default_rng(4)
        weights = {Emotion.NEUTRAL: 0.6, Emotion.SAD: 0.2, Emotion.FEAR: 0.1, Emotion.HAPPY: 0.1}

        def flickering(at_s):
            top = Emotion(rng.choice(list(weights), p=list(weights.values())))
            return [me(seen=expression(top, p=0.6))]

        camera.faces = flickering
        frames = camera.runs(for_s=60)[30:]
        assert len({frame.region for frame in frames}) == 1
        moods = np.array([(frame.mood.valence, frame.mood.arousal) for frame in frames])
        assert np.abs(np.diff(moods, axis=0)).max() < 0.02
        assert moods.std(axis=0).max() < 0.05

    def test_speaking_is_not_read_as_surprise_but_surprise_is(self) -> None:
        blendshapes = np.zeros(52, np.float32)
        blendshapes[BLENDSHAPES.index("jawOpen")] = 0.4
        for speaking, brows, top in (
            (True, 0.0, Emotion.NEUTRAL),
            (False, 0.0, Emotion.SURPRISE),
            (True, 0.8, Emotion.SURPRISE),
        ):
            blendshapes[BLENDSHAPES.index("browInnerUp")] = brows
            face = me(seen=TALKING_MOUTH, activity=Activity(speaking=speaking), blendshapes=blendshapes.copy())
            assert Camera().shows(face, for_s=2)[-1].faces[0].expression.top is top

    def test_steadiness_may_be_moved_while_it_runs(self) -> None:
        camera = Camera(value=1.0)
        camera.shows(me(Emotion.SAD), for_s=4)
        assert camera.shows(me(Emotion.HAPPY), for_s=1)[-1].mood.valence < 0
        camera.steadiness = Steadiness(0.0)
        assert camera.shows(me(Emotion.HAPPY), for_s=2)[-1].region is Region.EXCITED

    def test_steadiness_moves_how_long_the_region_waits_as_well(self) -> None:
        """From the same mood of the same face, the region follows later with more steadiness."""
        waits_s = []
        for value in (0.0, 1.0):
            camera = Camera(frames_per_s=30)
            camera.shows(me(Emotion.SAD), for_s=4)
            camera.steadiness = Steadiness(value)
            frames = camera.shows(me(Emotion.HAPPY), for_s=12)
            left = next(i for i, frame in enumerate(frames) if depth_in(Region.SAD, frame.mood) < -MARGIN)
            waits_s.append((next(i for i, frame in enumerate(frames) if frame.region is not Region.SAD) - left) / 30)
        assert waits_s == [pytest.approx(Steadiness(value).dwell_s, abs=0.1) for value in (0.0, 1.0)]

    def test_frames_that_were_skipped_are_marked(self) -> None:
        camera = Camera()
        assert not camera.shows(me(), for_s=0)[0].skipped

        def unmoved(at_s):
            camera.follower.skipped += 1
            return [me()]

        camera.faces = unmoved
        assert camera.runs(for_s=0)[0].skipped


class TestSilence:
    @pytest.mark.parametrize("gone", [[], [me(Emotion.FEAR, quality=DARK)]], ids=["looks away", "a dark room"])
    def test_the_last_mood_holds_fades_and_ends(self, gone) -> None:
        camera = Camera()
        last = camera.shows(me(), for_s=3)[-1]
        for frame in camera.shows(*gone, for_s=FORGET_S - 0.2):
            assert frame.region is Region.EXCITED
            assert (frame.mood.valence, frame.mood.arousal) == pytest.approx(
                (last.mood.valence, last.mood.arousal), abs=0.05
            )
        assert frame.mood.confidence < 0.1
        unknown = camera.shows(*gone, for_s=1)[-1]
        assert unknown.mood is unknown.region is unknown.group is None

    def test_a_face_that_was_never_read_well_is_shown_without_a_mood(self) -> None:
        frame = Camera().shows(me(quality=DARK), for_s=2)[-1]
        assert frame.mood is None
        assert not frame.faces[0].expression.confident
        assert frame.faces[0].mood.confidence == 0

    def test_face_back_after_two_seconds_continues_from_its_last_mood(self) -> None:
        camera = Camera()
        camera.shows(me(), for_s=3)
        camera.shows(for_s=HOLD_S)
        back = camera.shows(me(Emotion.SAD), for_s=0)[0]
        assert back.me == 1
        assert back.region is Region.EXCITED
        assert back.mood.valence > 0.6

    def test_face_back_after_long_starts_anew(self) -> None:
        camera = Camera()
        camera.shows(me(), for_s=3)
        camera.shows(for_s=FORGET_S + 1)
        assert camera.shows(me(Emotion.SAD), for_s=0)[0].mood.valence < 0

    @pytest.mark.parametrize("jump_s", [-3600.0, 3600.0])
    def test_a_clock_that_jumps_breaks_nothing(self, jump_s) -> None:
        camera = Camera()
        camera.shows(me(), for_s=3)
        camera.at_s += jump_s
        assert camera.shows(me(), for_s=0)[0].region is Region.EXCITED
        assert camera.shows(me(Emotion.SAD), for_s=8)[-1].region is Region.SAD
        camera.at_s += jump_s
        assert camera.shows(for_s=FORGET_S + 1)[-1].mood is None

    def test_faces_that_left_are_forgotten(self) -> None:
        camera = Camera()
        for track_id in range(200):
            camera.shows(reading(track_id=track_id), for_s=0.2)
        camera.shows(for_s=FORGET_S + 1)
        assert camera.reader.remembered == ()


class TestHints:
    def test_a_hint_appears_after_a_second_and_disappears_after_one(self) -> None:
        camera = Camera()
        dim = me(quality=Quality(0.5, Hint.TOO_DARK))
        hints = [frame.hint for frame in camera.shows(dim, for_s=HINT_DWELL_S + 0.5)]
        assert hints[0] is None
        assert hints[-1] is Hint.TOO_DARK
        assert camera.shows(me(quality=Quality(0.9)), for_s=0)[0].hint is Hint.TOO_DARK
        assert camera.shows(me(quality=Quality(0.9)), for_s=HINT_DWELL_S + 0.2)[-1].hint is None

    def test_a_hint_that_flickers_is_not_shown(self) -> None:
        camera = Camera()
        camera.faces = lambda at_s: [me(quality=Quality(0.8, Hint.BLURRED if at_s % 0.6 < 0.3 else None))]
        assert {frame.hint for frame in camera.runs(for_s=10)} == {None}

    def test_without_a_face_it_says_whether_the_camera_is_covered(self, smiling_person) -> None:
        camera = Camera()
        assert camera.shows(for_s=HINT_DWELL_S + 0.5)[-1].hint is Hint.COVERED
        camera.image = smiling_person
        assert camera.shows(for_s=HINT_DWELL_S + 0.5)[-1].hint is Hint.NO_FACE
        assert camera.shows(me(), for_s=HINT_DWELL_S + 0.5)[-1].hint is None


class TestSeveralFaces:
    def test_mood_is_of_the_primary_face_and_the_group_has_its_own(self) -> None:
        frame = Camera().shows(me(), neighbour(), for_s=2)[-1]
        assert (frame.me, frame.region) == (1, Region.EXCITED)
        assert [face.expression.top for face in frame.faces] == [Emotion.HAPPY, Emotion.SAD]
        assert frame.faces[1].mood.valence < frame.group.valence < frame.mood.valence

    def test_two_equal_faces_do_not_take_turns(self) -> None:
        camera = Camera()
        rng = np.random.default_rng(1)

        def both(at_s):
            one, other = rng.uniform(95, 105, 2)
            faces = [
                reading(Emotion.HAPPY, track_id=1, x_px=120, width_px=one),
                reading(Emotion.SAD, track_id=2, x_px=420, width_px=other),
            ]
            return sorted(faces, key=lambda face: -face.face.box.area_px)

        camera.faces = both
        assert len({(frame.me, frame.region) for frame in camera.runs(for_s=60)}) == 1

    def test_a_click_decides_until_that_face_is_forgotten(self) -> None:
        camera = Camera()
        camera.shows(me(), neighbour(), for_s=2)
        camera.selected = 2
        chosen = camera.shows(me(), neighbour(), for_s=2)[-1]
        assert (chosen.me, chosen.region) == (2, Region.SAD)
        assert camera.follower.focus == 2
        held = camera.shows(me(), for_s=FORGET_S - 0.5)
        assert {(frame.me, frame.region) for frame in held} == {(2, Region.SAD)}
        after = camera.shows(me(), for_s=2)[-1]
        assert (after.me, after.region) == (1, Region.EXCITED)

    def test_another_face_takes_over_only_after_the_primary_face_is_gone(self) -> None:
        camera = Camera()
        camera.shows(me(), neighbour(), for_s=2)
        frames = camera.shows(neighbour(), for_s=4)
        switched = [frame.me for frame in frames].index(2) / camera.frames_per_s
        assert switched == pytest.approx(HOLD_S, abs=0.2)
        assert frames[-1].region is Region.SAD

    def test_faces_without_a_track_are_told_apart_by_their_order(self) -> None:
        faces = [reading(Emotion.HAPPY, track_id=None), reading(Emotion.SAD, track_id=None, width_px=50)]
        frame = Camera().shows(*faces, for_s=2)[-1]
        assert [face.expression.top for face in frame.faces] == [Emotion.HAPPY, Emotion.SAD]
        assert frame.mood.valence > 0


class TestMyNeutral:
    def test_ten_seconds_at_rest_and_a_sad_face_is_neutral_while_a_smile_stays(self) -> None:
        camera = Camera()
        assert camera.shows(me(seen=SAD_AT_REST), for_s=3)[-1].region is Region.SAD
        camera.reader.learn_neutral()
        frames = camera.shows(me(seen=SAD_AT_REST), for_s=LEARN_S + 0.2)
        shares = [frame.learning.share for frame in frames if frame.learning is not None]
        assert shares == sorted(shares)
        last = [frame.learning for frame in frames if frame.learning is not None][-1]
        assert last.neutral is camera.neutral is not None
        assert camera.shows(me(seen=SAD_AT_REST), for_s=4)[-1].faces[0].expression.top is Emotion.NEUTRAL
        assert camera.shows(me(), for_s=4)[-1].region is Region.EXCITED

    def test_neutral_is_learned_from_the_primary_face_only(self) -> None:
        camera = Camera()
        camera.reader.learn_neutral()
        camera.shows(me(seen=SAD_AT_REST), for_s=LEARN_S + 0.2)
        both = camera.shows(me(seen=SAD_AT_REST), neighbour(seen=SAD_AT_REST), for_s=4)[-1]
        assert [face.expression.top for face in both.faces] == [Emotion.NEUTRAL, Emotion.SAD]

    @pytest.mark.parametrize("face", [[], [me(quality=DARK)]], ids=["nobody", "too dark"])
    def test_failed_learning_is_refused_with_a_sentence_and_the_old_neutral_stays(self, face) -> None:
        camera = Camera()
        camera.reader.learn_neutral()
        camera.shows(me(), for_s=LEARN_S + 0.2)
        before = camera.neutral
        camera.reader.learn_neutral()
        frames = camera.shows(*face, for_s=LEARN_S + 0.2)
        (error,) = {frame.learning.error for frame in frames if frame.learning} - {None}
        assert error.remedy
        assert frames[-1].learning is None
        assert camera.neutral is before

    def test_it_can_be_stopped(self) -> None:
        camera = Camera()
        camera.reader.learn_neutral()
        assert camera.shows(me(), for_s=2)[-1].learning.share == pytest.approx(0.2, abs=0.02)
        camera.reader.stop_learning()
        assert camera.shows(me(), for_s=LEARN_S)[-1].learning is None
        assert camera.neutral is None
