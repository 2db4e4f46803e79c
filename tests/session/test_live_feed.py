"""A live feed reads one connection's frames into steady moods."""

import cv2
import numpy as np
import pytest

from mien.errors import ImageError
from mien.live.correction_store import CorrectionStore
from mien.live.neutral_store import NeutralStore
from mien.mood.smooth import Steadiness
from mien.session.live_feed import MAX_FRAME_PIXELS
from mien.session.session import READERS
from mien.types import Emotion, Expression
from tests.fakes import FakeReader, reading
from tests.session.examples import jpeg_of
from tests.waiting import HANG_S


def test_a_reading_has_the_size_and_the_duration(make, clock):
    clock.step_s = 0.004
    live = make().live().read(jpeg_of(64, 48))
    assert (live.width_px, live.height_px) == (64, 48)
    assert live.read_ms == pytest.approx(4.0)


def test_frames_are_read_in_rgb_with_time_and_index(make, clock):
    reader = FakeReader()
    feed = make(reader).live()
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 2] = 255
    feed.read(cv2.imencode(".jpg", red)[1].tobytes())
    clock.at_s += 0.5
    feed.read(jpeg_of())
    first, second = reader.frames
    assert first.image[8, 8].tolist() == pytest.approx([254, 0, 0], abs=4)
    assert (first.index, second.index) == (0, 1)
    assert second.time_s - first.time_s == 0.5


def test_one_odd_frame_does_not_change_the_expression(make, clock):
    seen = iter([Emotion.HAPPY] * 10 + [Emotion.ANGRY] + [Emotion.HAPPY] * 2)
    feed = make(FakeReader(lambda frame: [reading(next(seen))])).live()
    tops = []
    for _ in range(13):
        tops.append(feed.read(jpeg_of()).faces[0].expression.top)
        clock.at_s += 1 / 30
    assert set(tops) == {Emotion.HAPPY}


def test_each_face_is_smoothed_by_itself(make, clock):
    both = [reading(Emotion.HAPPY, track_id=1), reading(Emotion.SAD, track_id=2, width_px=50)]
    feed = make(FakeReader(lambda frame: both)).live()
    for _ in range(5):
        live = feed.read(jpeg_of())
        clock.at_s += 0.1
    assert [face.expression.top for face in live.faces] == [Emotion.HAPPY, Emotion.SAD]
    assert live.mood == live.faces[0].mood


def test_a_feed_begins_with_the_steadiness_of_the_session(make, clock):
    moods = []
    for value in (0.0, 1.0):
        seen = iter([Emotion.HAPPY] * 30 + [Emotion.SAD] * 30)
        feed = make(FakeReader(lambda frame, seen=seen: [reading(next(seen))]), steadiness=Steadiness(value)).live()
        for _ in range(60):
            live = feed.read(jpeg_of())
            clock.at_s += 1 / 15
        moods.append(live.mood.valence)
    assert moods[0] < 0 < moods[1]


def test_feeds_are_independent(make):
    seen = iter([Emotion.HAPPY, Emotion.SAD])
    session = make(FakeReader(lambda frame: [reading(next(seen))]))
    session.live().read(jpeg_of())
    other = session.live().read(jpeg_of())
    assert other.faces[0].expression.top is Emotion.SAD


def test_a_neutral_baseline_is_learned_once_saved_and_used_by_every_feed(make, clock, tmp_path):
    path = tmp_path / "neutral.json"
    neutrals = NeutralStore(path)
    sad = Expression(dict(zip(Emotion, (0.05, 0.01, 0.05, 0.02, 0.6, 0.02, 0.25), strict=True)), True, "fake")
    session = make(FakeReader(lambda frame: [reading(seen=sad)]), neutrals=neutrals)
    other, feed = session.live(), session.live()
    assert feed.read(jpeg_of()).faces[0].expression.top is Emotion.SAD
    feed.learn_neutral()
    while (learning := feed.read(jpeg_of()).live.learning) is not None and learning.neutral is None:
        assert learning.error is None
        assert not path.exists()
        clock.at_s += 0.1
    assert NeutralStore(path).load().fits(sad)
    assert other.read(jpeg_of()).faces[0].expression.top is Emotion.NEUTRAL
    session.neutrals.delete()
    assert session.live().read(jpeg_of()).faces[0].expression.top is Emotion.SAD


def test_a_neutral_baseline_that_cannot_be_saved_is_a_refusal_and_reading_goes_on(make, clock, tmp_path):
    (tmp_path / "file").write_text("no folder")
    feed = make(neutrals=NeutralStore(tmp_path / "file" / "neutral.json")).live()
    feed.learn_neutral()
    for _ in range(200):
        learning = feed.read(jpeg_of()).live.learning
        if learning.error is not None:
            break
        clock.at_s += 0.1
    assert "cannot be saved" in learning.error.problem
    assert len(feed.read(jpeg_of()).faces) == 1


def read_for(feed, clock, seconds):
    for _ in range(round(10 * seconds)):
        live = feed.read(jpeg_of())
        clock.at_s += 0.1
    return live


def test_a_correction_shifts_the_mood_of_this_face_in_every_feed(make, clock):
    seen = reading(Emotion.NEUTRAL)
    session = make(FakeReader(lambda frame: [seen]))
    feed = session.live()
    before = read_for(feed, clock, 5)
    for count in (1, 2, 3):
        feed.correct((before.mood.valence + 0.4, before.mood.arousal), ago_s=0.5)
        first = feed.read(jpeg_of())
        assert (first.correction.learnt, first.correction.error, first.corrections) == (True, None, count)
        assert feed.read(jpeg_of()).correction is None
    after = read_for(session.live(), clock, 5)
    assert after.mood.valence == pytest.approx(before.mood.valence + 0.4, abs=0.06)
    face = after.live.shown(after.faces[0])
    assert after.live.words == after.live.words_of(face)
    assert (face.mood.valence, face.mood.arousal) == (after.mood.valence, after.mood.arousal)
    session.corrections.delete()
    assert read_for(session.live(), clock, 5).mood.valence == before.mood.valence


def test_a_correction_is_about_the_face_that_was_seen_when_it_began(make, clock):
    seen = iter([Emotion.SAD] * 50 + [Emotion.HAPPY] * 30)
    session = make(FakeReader(lambda frame: [reading(next(seen))]))
    feed = session.live()
    read_for(feed, clock, 7)
    feed.correct((0.0, 0.0), ago_s=2.5)
    assert feed.read(jpeg_of()).correction.learnt
    (kept,) = session.corrections.corrections
    assert kept.features.expressions.argmax() == list(Emotion).index(Emotion.SAD)
    assert kept.shown[0] < -0.3


def test_two_corrections_between_two_frames_both_count(make, clock):
    session = make(FakeReader(lambda frame: [reading(Emotion.NEUTRAL)]))
    feed = session.live()
    read_for(feed, clock, 2)
    feed.correct((0.3, 0.0), ago_s=0.2)
    feed.correct((0.4, 0.0), ago_s=0.2)
    assert feed.read(jpeg_of()).corrections == 2
    assert [kept.target[0] for kept in session.corrections.corrections] == [0.3, 0.4]


def test_without_a_face_nothing_is_learnt(make, clock):
    session = make(FakeReader(lambda frame: [reading()] if frame.index < 20 else []))
    feed = session.live()
    read_for(feed, clock, 4)
    feed.correct((0.0, 0.0), ago_s=0.2)
    assert not feed.read(jpeg_of()).correction.learnt
    assert session.corrections.corrections == ()


def test_a_correction_that_cannot_be_stored_is_learnt_from_and_named(make, clock, tmp_path):
    (tmp_path / "file").write_text("no folder")
    store = CorrectionStore(tmp_path / "file" / "corrections.json", network="fake")
    feed = make(corrections=store).live()
    read_for(feed, clock, 2)
    feed.correct((-0.5, 0.0), ago_s=0.0)
    outcome = feed.read(jpeg_of()).correction
    assert outcome.learnt
    assert "cannot be saved" in outcome.error.problem
    assert len(store.corrections) == 1


@pytest.mark.parametrize("jump_s", [-86_400.0, -0.5, 0.0, 86_400.0])
def test_a_clock_that_jumps_does_not_change_the_mood(make, clock, jump_s):
    feed = make(FakeReader(lambda frame: [reading(Emotion.HAPPY)])).live()
    for _ in range(20):
        before = feed.read(jpeg_of()).mood
        clock.at_s += 0.1
    clock.at_s += jump_s
    for _ in range(20):
        live = feed.read(jpeg_of())
        assert live.mood.valence == pytest.approx(before.valence, abs=0.05)
        assert live.read_ms >= 0
        clock.at_s += 0.1


def test_a_clock_that_is_set_back_gives_no_negative_duration(make, clock):
    clock.step_s = -3600.0
    assert make().live().read(jpeg_of()).read_ms == 0


def test_a_selection_made_while_a_frame_is_read_is_not_lost(make):
    def see(frame):
        if frame.index == 0:
            feed.select(2)
        return both

    both = [reading(Emotion.HAPPY, track_id=1), reading(Emotion.SAD, track_id=2, width_px=50)]
    feed = make(FakeReader(see)).live()
    feed.select(9)
    assert [(live.live.me, live.chosen) for live in (feed.read(jpeg_of()), feed.read(jpeg_of()))] == [
        (1, False),
        (2, True),
    ]


def test_faces_without_tracks_are_numbered_as_me_is(make):
    live = make(FakeReader(lambda frame: [reading(track_id=None), reading(track_id=None)])).live().read(jpeg_of())
    assert live.face_ids == (-1, -2)
    assert live.live.me in live.face_ids
    assert not live.held


def test_no_face_is_a_result(make):
    live = make(FakeReader(lambda frame: [])).live().read(jpeg_of())
    assert live.faces == ()
    assert live.mood is None


@pytest.mark.parametrize("junk", [b"", b"GIF89a", jpeg_of()[:200]], ids=["nothing", "a gif", "half a jpeg"])
def test_an_invalid_jpeg_is_refused_and_the_next_frame_is_read(make, junk):
    feed = make().live()
    with pytest.raises(ImageError):
        feed.read(junk)
    assert len(feed.read(jpeg_of()).faces) == 1


def test_a_frame_larger_than_the_limit_is_refused(make):
    feed = make().live()
    side = int(MAX_FRAME_PIXELS**0.5)
    assert feed.read(jpeg_of(side, side)).width_px == side
    with pytest.raises(ImageError):
        feed.read(jpeg_of(side + 1, side))


def test_every_feed_is_read_by_the_sessions_threads(make):
    reader = FakeReader()
    session = make(reader)
    for waiting in [feed.submit(jpeg_of()) for feed in (session.live() for _ in range(5))]:
        waiting.result(timeout=HANG_S)
    assert len(reader.threads) <= READERS
    assert all(name.startswith("mien-reading") for name in reader.threads)
