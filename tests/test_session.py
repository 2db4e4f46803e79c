"""The session wires the parts: frames to steady readings, moods to stations, plays to the library."""

import threading
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from benchmarks.stand_in import make_stand_in
from mien.cli.terminal.reason_words import reason_words
from mien.config import load_settings
from mien.errors import ImageError, LibraryError, TrackNotFoundError
from mien.live.neutral_store import NeutralStore
from mien.mood.smooth import Steadiness
from mien.music.library.database import Database
from mien.music.library.play_log import PlayEvent
from mien.music.library.taste_store import TasteStore
from mien.music.recommender.feedback import Rating
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.goals import Goal
from mien.music.recommender.recommend import recommend
from mien.session import MAX_FRAME_PIXELS, READERS, Session
from mien.types import Emotion, Expression, Mood
from tests.fakes import FakeClock, FakeLibrary, FakeReader, reading, track
from tests.waiting import HANG_S

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
QUADRANTS = [
    track(f"{v:+}{a:+}".replace("+", "p").replace("-", "m"), valence=v, arousal=a) for v in (-1, 1) for a in (-1, 1)
]


def jpeg_of(width_px: int = 64, height_px: int = 48) -> bytes:
    return cv2.imencode(".jpg", np.full((height_px, width_px, 3), 90, np.uint8))[1].tobytes()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary(QUADRANTS)


@pytest.fixture
def make(clock, library):
    made = []

    def make(reader=None, *, seed=0, **options):
        session = Session(
            reader=reader or FakeReader(),
            library=library,
            model="fake",
            rng=np.random.default_rng(seed),
            clock=clock,
            now=lambda: NOON,
            **options,
        )
        session.start()
        made.append(session)
        return session

    yield make
    for session in made:
        session.close()


class TestLiveFeed:
    def test_says_how_large_the_frame_was_and_how_long_it_took(self, make, clock):
        clock.step_s = 0.004
        live = make().live().read(jpeg_of(64, 48))
        assert (live.width_px, live.height_px) == (64, 48)
        assert live.read_ms == pytest.approx(4.0)

    def test_hands_the_frame_on_in_rgb_with_its_time_and_number(self, make, clock):
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

    def test_one_odd_frame_does_not_change_the_expression(self, make, clock):
        seen = iter([Emotion.HAPPY] * 10 + [Emotion.ANGRY] + [Emotion.HAPPY] * 2)
        feed = make(FakeReader(lambda frame: [reading(next(seen))])).live()
        tops = []
        for _ in range(13):
            tops.append(feed.read(jpeg_of()).faces[0].expression.top)
            clock.at_s += 1 / 30
        assert set(tops) == {Emotion.HAPPY}

    def test_each_face_is_steadied_on_its_own(self, make, clock):
        both = [reading(Emotion.HAPPY, track_id=1), reading(Emotion.SAD, track_id=2, width_px=50)]
        feed = make(FakeReader(lambda frame: both)).live()
        for _ in range(5):
            live = feed.read(jpeg_of())
            clock.at_s += 0.1
        assert [face.expression.top for face in live.faces] == [Emotion.HAPPY, Emotion.SAD]
        assert live.mood == live.faces[0].mood

    def test_as_steady_as_the_session_was_told(self, make, clock):
        moods = []
        for value in (0.0, 1.0):
            seen = iter([Emotion.HAPPY] * 30 + [Emotion.SAD] * 30)
            feed = make(FakeReader(lambda frame, seen=seen: [reading(next(seen))]), steadiness=Steadiness(value)).live()
            for _ in range(60):
                live = feed.read(jpeg_of())
                clock.at_s += 1 / 15
            moods.append(live.mood.valence)
        assert moods[0] < 0 < moods[1]

    def test_feeds_know_nothing_of_each_other(self, make):
        seen = iter([Emotion.HAPPY, Emotion.SAD])
        session = make(FakeReader(lambda frame: [reading(next(seen))]))
        session.live().read(jpeg_of())
        other = session.live().read(jpeg_of())
        assert other.faces[0].expression.top is Emotion.SAD

    def test_a_face_at_rest_is_learnt_once_kept_and_used_by_every_feed(self, make, clock, tmp_path):
        path = tmp_path / "neutral.json"
        neutrals = NeutralStore(path)
        sad = Expression(dict(zip(Emotion, (0.05, 0.01, 0.05, 0.02, 0.6, 0.02, 0.25), strict=True)), True, "fake")
        session = make(FakeReader(lambda frame: [reading(seen=sad)]), neutrals=neutrals)
        other, feed = session.live(), session.live()
        assert feed.read(jpeg_of()).faces[0].expression.top is Emotion.SAD
        feed.learn_neutral()
        while (learning := feed.read(jpeg_of()).live.learning) is not None and learning.neutral is None:
            assert learning.refusal is None
            assert not path.exists()
            clock.at_s += 0.1
        assert NeutralStore(path).load().fits(sad)
        assert other.read(jpeg_of()).faces[0].expression.top is Emotion.NEUTRAL
        session.neutrals.delete()
        assert session.live().read(jpeg_of()).faces[0].expression.top is Emotion.SAD

    def test_a_face_at_rest_that_cannot_be_kept_is_a_refusal_and_frames_are_read_on(self, make, clock, tmp_path):
        (tmp_path / "file").write_text("no folder")
        feed = make(neutrals=NeutralStore(tmp_path / "file" / "neutral.json")).live()
        feed.learn_neutral()
        for _ in range(200):
            learning = feed.read(jpeg_of()).live.learning
            if learning.refusal is not None:
                break
            clock.at_s += 0.1
        assert "cannot be kept" in learning.refusal
        assert len(feed.read(jpeg_of()).faces) == 1

    @pytest.mark.parametrize("jump_s", [-86_400.0, -0.5, 0.0, 86_400.0])
    def test_a_clock_that_jumps_changes_no_mood_into_another(self, make, clock, jump_s):
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

    def test_a_clock_that_is_set_back_while_a_frame_is_read_makes_no_negative_time(self, make, clock):
        clock.step_s = -3600.0
        assert make().live().read(jpeg_of()).read_ms == 0

    def test_a_choice_made_while_a_frame_is_read_is_not_lost(self, make):
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

    def test_faces_without_tracks_are_numbered_as_me_is(self, make):
        live = make(FakeReader(lambda frame: [reading(track_id=None), reading(track_id=None)])).live().read(jpeg_of())
        assert live.tracks == (-1, -2)
        assert live.live.me in live.tracks
        assert not live.held

    def test_no_face_is_a_result(self, make):
        live = make(FakeReader(lambda frame: [])).live().read(jpeg_of())
        assert live.faces == ()
        assert live.mood is None

    @pytest.mark.parametrize("junk", [b"", b"GIF89a", jpeg_of()[:200]], ids=["nothing", "a gif", "half a jpeg"])
    def test_what_is_no_jpeg_is_refused_and_the_next_frame_read(self, make, junk):
        feed = make().live()
        with pytest.raises(ImageError):
            feed.read(junk)
        assert len(feed.read(jpeg_of()).faces) == 1

    def test_a_frame_may_be_as_large_as_the_limit_and_no_larger(self, make):
        feed = make().live()
        side = int(MAX_FRAME_PIXELS**0.5)
        assert feed.read(jpeg_of(side, side)).width_px == side
        with pytest.raises(ImageError):
            feed.read(jpeg_of(side + 1, side))

    def test_every_feed_is_read_by_one_of_the_reading_threads(self, make):
        reader = FakeReader()
        session = make(reader)
        for waiting in [feed.submit(jpeg_of()) for feed in (session.live() for _ in range(5))]:
            waiting.result(timeout=HANG_S)
        assert len(reader.threads) <= READERS
        assert all(name.startswith("mien-reading") for name in reader.threads)


def test_warming_reads_a_picture_in_the_background(make):
    reader = FakeReader()
    make(reader).warm().result(timeout=HANG_S)
    assert len(reader.frames) == 1
    assert next(iter(reader.threads)).startswith("mien-reading")


class TestStations:
    def test_a_station_fits_the_mood(self, make):
        station = make().station(Mood(0.9, 0.9), count=1)
        assert station.picks[0].track.id == "folder:p1p1"

    def test_a_station_knows_what_was_played_and_draws_with_the_sessions_luck(self, make):
        mood, played = Mood(0.1, 0.1), ["folder:m1m1", "folder:p1p1"]
        station = make(seed=5).station(mood, count=3, played=played)
        assert station == recommend(mood, QUADRANTS, count=3, history=played, rng=np.random.default_rng(5))
        assert station != recommend(mood, QUADRANTS, count=3, rng=np.random.default_rng(5))

    def test_a_pick_counts_once_its_track_starts(self, make, library):
        session = make()
        mood = Mood(0.9, 0.9)
        first, second = session.station(mood, count=2).picks
        assert library.picks == []
        session.report_play(first.track.id, PlayEvent.STARTED, position_s=0.0)
        session.report_play(first.track.id, PlayEvent.FINISHED, position_s=60.0)
        session.report_play(first.track.id, PlayEvent.STARTED, position_s=0.0)
        assert library.picks == [(first, mood, NOON)]
        session.report_play(second.track.id, PlayEvent.SKIPPED, position_s=1.0)
        assert len(library.picks) == 1

    def test_a_goal_is_led_to_and_each_pick_counts_for_the_mood_of_its_place(self, make, library):
        session = make()
        station = session.station(Mood(-0.9, -0.9), count=4, goal=Goal.LIFT)
        assert station.goal == station.path[-1] == Mood(0.7, 0.2)
        last = station.picks[-1]
        session.report_play(last.track.id, PlayEvent.STARTED, position_s=0.0)
        assert library.picks == [(last, station.goal, NOON)]

    def test_what_is_liked_comes_first_and_what_is_not_never(self, make, tmp_path):
        with Database.open(tmp_path / "library.sqlite3") as database:
            tastes = TasteStore(database)
            session = make(tastes=tastes)
            tastes.rate("folder:m1m1", Rating.NEVER, at=NOON)
            tastes.rate("folder:p1p1", Rating.LIKE, at=NOON)
            station = session.station(Mood(0.0, 0.0), count=4)
        assert {pick.track.id for pick in station.picks} == {"folder:m1p1", "folder:p1m1", "folder:p1p1"}
        liked = next(pick for pick in station.picks if pick.track.id == "folder:p1p1")
        assert "you like" in reason_words(liked.reasons)

    def test_what_is_said_is_dated_kept_and_known_to_the_next_station(self, make, tmp_path):
        with Database.open(tmp_path / "library.sqlite3") as database:
            tastes = TasteStore(database)
            session = make(tastes=tastes)
            session.rate("folder:m1m1", Rating.NEVER)
            assert session.ratings() == {"folder:m1m1": Rating.NEVER}
            assert next(tastes.export())["at"] == NOON.isoformat()
            assert "folder:m1m1" not in {pick.track.id for pick in session.station(Mood(-1, -1), count=4).picks}
            session.rate("folder:m1m1", None)
            assert session.station(Mood(-1, -1), count=1).picks[0].track.id == "folder:m1m1"
            with pytest.raises(TrackNotFoundError):
                session.rate("folder:gone", Rating.LIKE)
            assert session.ratings() == {}

    def test_where_nothing_is_learnt_nothing_can_be_said(self, make):
        assert make().ratings() == {}
        with pytest.raises(LibraryError):
            make().rate("folder:m1m1", Rating.LIKE)

    def test_more_like_a_track_that_is_not_there_is_refused(self, make):
        with pytest.raises(TrackNotFoundError):
            make().station(Mood(0, 0), count=1, track_filter=TrackFilter(like=("folder:gone",)))

    def test_plays_are_dated_and_kept(self, make, library):
        make().report_play("folder:p1p1", PlayEvent.SKIPPED, position_s=12.5)
        assert library.plays == [("folder:p1p1", PlayEvent.SKIPPED, 12.5, NOON)]

    def test_a_track_that_is_not_there_cannot_play(self, make, library):
        with pytest.raises(TrackNotFoundError):
            make().report_play("folder:gone", PlayEvent.STARTED, position_s=0.0)
        assert library.plays == []


def test_a_session_reads_only_while_it_runs_and_leaves_open_what_it_was_given(library):
    session = Session(reader=FakeReader(), library=library, model="fake")
    feed = session.live()
    with pytest.raises(RuntimeError):
        feed.submit(jpeg_of())
    with session:
        feed.submit(jpeg_of()).result(timeout=30)
    assert not library.closed
    with pytest.raises(RuntimeError):
        feed.submit(jpeg_of())


def test_constructing_a_session_starts_no_thread(library):
    class Watch:
        started = stopped = False

        def start(self):
            self.started = True

        def stop(self):
            self.stopped = True

    before, watch = threading.active_count(), Watch()
    with Session(reader=FakeReader(), library=library, model="fake", watch=watch) as session:
        assert watch.started
        session.warm().result(timeout=30)
    assert watch.stopped
    assert threading.active_count() == before


def test_the_settings_choose_the_classifier_deepface_with_a_stand_in_network(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    make_stand_in(tmp_path)
    settings = load_settings({"MIEN_HOME": str(tmp_path), "MIEN_STARTER": "no", "MIEN_CLASSIFIER": "deepface"})
    with Session.open(settings) as session:
        assert session.model == "deepface"
