"""A session recommends music by mood and taste, and logs plays and ratings."""

import threading

import numpy as np
import pytest

from benchmarks.stand_in import make_stand_in
from mien.cli.terminal.reason_words import reason_words
from mien.config import load_settings
from mien.errors import LibraryError, NoMatchError, PlaylistError, TrackNotFoundError
from mien.music.library.database import Database
from mien.music.library.library import Library
from mien.music.library.play_log import PlayEvent
from mien.music.library.playlist_store import PlaylistStore
from mien.music.library.taste_store import TasteStore
from mien.music.playlists.playlist import Playlist, entry_of
from mien.music.recommender.feedback import Rating
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.goals import Goal
from mien.music.recommender.recommend import recommend
from mien.session.radio_seeds import ArtistSeed, PlaylistSeed, SongSeed
from mien.session.session import Session
from mien.types import Mood
from tests.fakes import FakeReader
from tests.session.examples import NOON, QUADRANTS, jpeg_of
from tests.stored_tracks import store_tracks
from tests.waiting import HANG_S


def test_warming_up_reads_a_picture_in_the_background(make):
    reader = FakeReader()
    make(reader).warm().result(timeout=HANG_S)
    assert len(reader.frames) == 1
    assert next(iter(reader.threads)).startswith("mien-reading")


class TestStations:
    def test_a_station_fits_the_mood(self, make):
        station = make().station(Mood(0.9, 0.9), count=1)
        assert station.picks[0].track.id == "folder:p1p1"

    def test_a_station_holds_back_played_tracks_and_draws_with_the_sessions_generator(self, make):
        mood, played = Mood(0.1, 0.1), ["folder:m1m1", "folder:p1p1"]
        station = make(seed=5).station(mood, count=3, played=played)
        assert station == recommend(mood, QUADRANTS, count=3, history=played, rng=np.random.default_rng(5))
        assert station != recommend(mood, QUADRANTS, count=3, rng=np.random.default_rng(5))

    def test_a_pick_is_logged_when_its_track_starts(self, make, library):
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

    def test_a_station_leads_to_its_goal_and_each_pick_is_logged_for_the_mood_of_its_place(self, make, library):
        session = make()
        station = session.station(Mood(-0.9, -0.9), count=4, goal=Goal.LIFT)
        assert station.target == station.route[-1] == Mood(0.7, 0.2)
        last = station.picks[-1]
        session.report_play(last.track.id, PlayEvent.STARTED, position_s=0.0)
        assert library.picks == [(last, station.target, NOON)]

    def test_liked_tracks_are_preferred_and_tracks_rated_never_left_out(self, make, tmp_path):
        with Database.open(tmp_path / "library.sqlite3") as database:
            tastes = TasteStore(database)
            session = make(tastes=tastes)
            tastes.rate("folder:m1m1", Rating.NEVER, at=NOON)
            tastes.rate("folder:p1p1", Rating.LIKE, at=NOON)
            station = session.station(Mood(0.0, 0.0), count=4)
        assert {pick.track.id for pick in station.picks} == {"folder:m1p1", "folder:p1m1", "folder:p1p1"}
        liked = next(pick for pick in station.picks if pick.track.id == "folder:p1p1")
        assert "you like" in reason_words(liked.reasons)

    def test_ratings_are_dated_stored_and_used_by_the_next_station(self, make, tmp_path):
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

    def test_without_tastes_nothing_can_be_rated(self, make):
        assert make().ratings() == {}
        with pytest.raises(LibraryError):
            make().rate("folder:m1m1", Rating.LIKE)

    def test_more_like_an_unknown_track_is_refused(self, make):
        with pytest.raises(TrackNotFoundError):
            make().station(Mood(0, 0), count=1, track_filter=TrackFilter(like=("folder:gone",)))

    def test_a_path_leads_from_one_song_to_another_and_its_picks_are_logged(self, make, library):
        session = make()
        station = session.path("folder:m1m1", "folder:p1p1", count=3)
        ids = [pick.track.id for pick in station.picks]
        assert (ids[0], ids[-1], len(set(ids))) == ("folder:m1m1", "folder:p1p1", 3)
        session.report_play("folder:p1p1", PlayEvent.STARTED, position_s=0.0)
        assert library.picks == [(station.picks[-1], station.route[-1], NOON)]
        with pytest.raises(TrackNotFoundError):
            session.path("folder:m1m1", "folder:gone", count=3)

    def test_a_radio_begins_with_its_song_and_leaves_out_tracks_rated_never(self, make, tmp_path):
        with Database.open(tmp_path / "library.sqlite3") as database:
            tastes = TasteStore(database)
            tastes.rate("folder:m1m1", Rating.NEVER, at=NOON)
            ids = [pick.track.id for pick in make(tastes=tastes).radio(SongSeed("folder:p1p1"), count=9).picks]
        assert ids[0] == "folder:p1p1"
        assert set(ids) == {"folder:p1p1", "folder:p1m1", "folder:m1p1"}

    def test_a_radio_from_an_artist_or_a_playlist_needs_one_that_is_known(self, make):
        ids = [pick.track.id for pick in make().radio(ArtistSeed("M1M1 Band"), count=4).picks]
        assert "folder:m1m1" in ids
        with pytest.raises(NoMatchError):
            make().radio(ArtistSeed("Nobody"), count=4)
        with pytest.raises(PlaylistError):
            make().radio(PlaylistSeed("party"), count=4)

    def test_a_radio_from_a_stored_playlist(self, make, tmp_path):
        path = tmp_path / "library.sqlite3"
        store_tracks(path, tmp_path / "music", QUADRANTS)
        with Database.open(path) as database:
            music = Library(database, starter=False)
            entries = tuple(entry_of(track, music.locations()[track.id]) for track in QUADRANTS[:2])
            playlists = PlaylistStore(database)
            playlists.put(Playlist("party", entries), at=NOON)
            session = make(library=music, playlists=playlists)
            picks = session.radio(PlaylistSeed("party"), count=4).picks
            with pytest.raises(PlaylistError):
                session.radio(PlaylistSeed("evening"), count=4)
        assert {track.id for track in QUADRANTS[:2]} <= {pick.track.id for pick in picks}

    def test_what_is_away_is_compared_with_and_never_picked(self, make, library):
        library.away_ids.add("folder:p1p1")
        session = make()
        assert [pick.track.id for pick in session.radio(SongSeed("folder:p1p1"), count=9).picks]
        stations = [
            session.radio(SongSeed("folder:p1p1"), count=9),
            session.radio(ArtistSeed("P1P1 Band"), count=9),
            session.station(Mood(0.9, 0.9), count=9, track_filter=TrackFilter(like=("folder:p1p1",))),
        ]
        assert all("folder:p1p1" not in [pick.track.id for pick in station.picks] for station in stations)
        with pytest.raises(NoMatchError, match="cannot be played now"):
            session.path("folder:m1m1", "folder:p1p1", count=3)

    def test_plays_are_dated_and_logged(self, make, library):
        make().report_play("folder:p1p1", PlayEvent.SKIPPED, position_s=12.5)
        assert library.plays == [("folder:p1p1", PlayEvent.SKIPPED, 12.5, NOON)]

    def test_an_unknown_track_cannot_play(self, make, library):
        with pytest.raises(TrackNotFoundError):
            make().report_play("folder:gone", PlayEvent.STARTED, position_s=0.0)
        assert library.plays == []


def test_a_session_reads_only_while_it_runs_and_leaves_open_what_it_was_given(library):
    session = Session(reader=FakeReader(), library=library, model="fake")
    feed = session.live()
    with pytest.raises(RuntimeError):
        feed.submit(jpeg_of())
    with session:
        feed.submit(jpeg_of()).result(timeout=HANG_S)
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
        session.warm().result(timeout=HANG_S)
    assert watch.stopped
    assert threading.active_count() == before


def test_the_settings_choose_the_classifier_deepface_with_a_stand_in_network(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    make_stand_in(tmp_path)
    settings = load_settings({"MIEN_HOME": str(tmp_path), "MIEN_STARTER": "no", "MIEN_CLASSIFIER": "deepface"})
    with Session.open(settings) as session:
        assert session.model == "deepface"
