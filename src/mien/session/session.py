"""Connects the reading of faces with the choice of music, and runs the threads of both."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from typing import Protocol, Self, TypeVar

import numpy as np

from mien.config import Settings
from mien.errors import CorrectionError, LibraryError, NeutralError, NoMatchError, PlaylistError, Remedy, SourceError
from mien.face.classifiers.classifier import find_classifier
from mien.face.reader import FaceReader
from mien.live.correction_store import CORRECTIONS_FILE, CorrectionStore
from mien.live.neutral_store import FILE_NAME, NeutralStore
from mien.live.reader import Follower, LiveReader
from mien.mood.prior import Prior
from mien.mood.smooth import Steadiness
from mien.music.analysis.decode import read_span
from mien.music.analysis.exit_point import ExitPoint, find_exit_point
from mien.music.library.database import Database
from mien.music.library.library import Library
from mien.music.library.play_log import PlayEvent
from mien.music.library.playlist_store import PlaylistStore
from mien.music.library.seeds import check_playable, tracks_of_artist, tracks_of_playlist, unlisted_tracks
from mien.music.library.taste_store import TasteStore
from mien.music.library.watch import FolderWatch
from mien.music.names import every_artist
from mien.music.recommender.feedback import Rating
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.goals import Goal
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.listening import ListeningHistory
from mien.music.recommender.preference import PreferenceScores
from mien.music.recommender.recommend import recommend, recommend_path, recommend_radio
from mien.music.requests.apply import apply_request
from mien.music.requests.understand import understand
from mien.music.sources.source import RemoteSource
from mien.session.connections import open_connections
from mien.session.live_feed import LiveFeed
from mien.session.radio_seeds import ArtistSeed, PlaylistSeed, RadioSeeds, SongSeed
from mien.session.requested_station import RequestedStation
from mien.types import Image, Mood, Pick, Reading, Station, Track

READERS = 2
"""How many frames, each of another connection, are read at once."""

_log = logging.getLogger(__name__)

_Result = TypeVar("_Result")


class FrameReader(Protocol):
    """Finds and reads faces: ``mien.face.reader.FaceReader``, or a fake in tests."""

    def read(self, image_rgb: Image, *, time_s: float = 0.0) -> list[Reading]:
        """Every face in one picture, biggest first; empty if there is none."""
        ...

    def follow(self) -> Follower:
        """A follower for one stream of frames."""
        ...


class Session:
    """One user's running mien: it reads faces, recommends music, and logs what was played and rated.

    A context manager, which starts the session and closes it. All methods may be called from any thread.

    Args:
        reader: Reads the faces.
        library: The user's music; the session does not close it.
        model: The name of the network behind ``reader``.
        rng: Draws among good recommendations.
        clock: A monotonic clock, in seconds.
        now: The clock that plays and ratings are dated with; its times are aware.
        steadiness: What every feed begins with.
        neutrals: Stores the user's neutral baseline, for every feed.
        corrections: Stores the user's corrections of the mood, for every feed.
        tastes: Stores ratings and learns taste; without it nothing can be rated.
        playlists: The user's stored playlists, for radios from them.
        watch: Keeps the library's folders up to date while the session runs.
        follow: How promptly the page's music follows the mood, one of ``FOLLOW_POLICIES``.
        starter_until: The starter library is no longer chosen once so many of the user's tracks were heard.
    """

    def __init__(
        self,
        *,
        reader: FrameReader,
        library: Library,
        model: str,
        rng: np.random.Generator | None = None,
        clock: Callable[[], float] = time.perf_counter,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        steadiness: Steadiness | None = None,
        neutrals: NeutralStore | None = None,
        corrections: CorrectionStore | None = None,
        tastes: TasteStore | None = None,
        playlists: PlaylistStore | None = None,
        watch: FolderWatch | None = None,
        follow: str = "promptly",
        starter_until: int = 50,
    ) -> None:
        self.library = library
        self.model = model
        self._reader = reader
        self._rng = rng if rng is not None else np.random.default_rng()
        self._clock = clock
        self._now = now
        self.steadiness = steadiness or Steadiness()
        self.neutrals = neutrals or NeutralStore(None)
        self.corrections = corrections or CorrectionStore(None, network=model)
        self._tastes = tastes
        self._playlists = playlists
        self._watch = watch
        self.follow = follow
        self._starter_until = starter_until
        self._opened = ExitStack()
        self._track_index = TrackIndex.of(())
        self._lock = Lock()
        self._recommended: dict[str, tuple[Pick, Mood]] = {}
        self._reading: ThreadPoolExecutor | None = None

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """A session for these settings, not yet started; ``close`` closes its database and its reader.

        Raises:
            ModelError: If a network is missing or damaged.
            LibraryError: If the library cannot be opened.
        """
        classifier = find_classifier(settings.classifier)(threads=settings.threads)
        neutrals = NeutralStore(settings.data_dir / FILE_NAME)
        try:
            neutrals.load()
        except NeutralError as error:
            _log.warning("%s", error)  # faces are read without it
        corrections = CorrectionStore(settings.data_dir / CORRECTIONS_FILE, network=classifier.name)
        try:
            corrections.load()
        except CorrectionError as error:
            _log.warning("%s", error)
        with ExitStack() as opened:
            database = opened.enter_context(Database.open(settings.library_path))
            library = Library(database, starter=settings.starter, servers=_servers(settings))
            reader = FaceReader(classifier=classifier, threads=settings.threads, prior=Prior(settings.prior))
            session = cls(
                reader=opened.enter_context(reader),
                library=library,
                model=classifier.name,
                steadiness=Steadiness(settings.steadiness),
                neutrals=neutrals,
                corrections=corrections,
                tastes=TasteStore(database),
                playlists=PlaylistStore(database),
                watch=FolderWatch(library),
                follow=settings.follow,
                starter_until=settings.starter_until,
            )
            session._opened = opened.pop_all()
        return session

    def start(self) -> None:
        """Start the threads that read frames and the one that watches the folders."""
        # The threads serve every connection in turn. A network uses several cores by itself, but while one frame is
        # between two networks the other frame can use them.
        self._reading = ThreadPoolExecutor(max_workers=READERS, thread_name_prefix="mien-reading")
        if self._watch is not None:
            self._watch.start()

    def submit(self, work: Callable[[], _Result]) -> Future[_Result]:
        """Run ``work`` in one of the reading threads; raises ``RuntimeError`` unless the session runs."""
        if self._reading is None:
            raise RuntimeError("start the session before submitting work to it")
        return self._reading.submit(work)

    def warm(self) -> Future[list[Reading]]:
        """Run the networks once in the background, so that the first frame is read as fast as the next."""
        return self.submit(partial(self._reader.read, np.zeros((480, 640, 3), np.uint8)))

    def live(self) -> LiveFeed:
        """A feed for one stream of frames; it need not be closed."""
        reader = LiveReader(self._reader.follow())
        return LiveFeed(
            reader,
            self.neutrals,
            self.corrections,
            self.submit,
            self._clock,
            self._now,
            steadiness=self.steadiness,
        )

    def station(
        self,
        mood: Mood,
        *,
        count: int,
        played: Sequence[str] = (),
        goal: Goal = Goal.MATCH,
        track_filter: TrackFilter | None = None,
    ) -> Station:
        """Recommend tracks that lead from a mood to a goal, by the user's taste; none rated "never".

        Args:
            mood: The user's mood.
            count: The number of picks at most.
            played: The ids of tracks played before, oldest first; they are held back for a while.
            goal: Where the music leads.
            track_filter: Which tracks may be picked.

        Raises:
            NoMatchError: If no track passes the filter.
            TrackNotFoundError: If the filter asks for tracks like one that does not exist.
        """
        track_filter = track_filter or TrackFilter()
        for liked in track_filter.like:
            self.library.track(liked)
        index, unlisted = self._index_with(track_filter.like)
        track_filter = replace(track_filter, never=track_filter.never | unlisted)
        return self._recommend(mood, index, count=count, played=played, goal=goal, track_filter=track_filter)

    def ask(
        self, words: str, mood: Mood, *, count: int, played: Sequence[str] = (), goal: Goal = Goal.MATCH
    ) -> RequestedStation:
        """Recommend tracks for a request in words, by the user's taste; none rated "never".

        Args:
            words: The request, in English or German.
            mood: The user's mood, where the words name none.
            count: The number of picks at most.
            played: The ids of tracks played before, oldest first; they are held back for a while.
            goal: Where the music leads.

        Raises:
            RequestError: If nothing in the words was understood.
            NoMatchError: If no track is all that was asked for.
        """
        now, index = self._now(), self._current_index()
        artists = every_artist(track.artist for track in index.tracks)
        request = understand(words, today=now.astimezone().date(), artists=artists, genres=index.genre_names)
        history = self._tastes.listening() if self._tastes is not None else ListeningHistory()
        applied = apply_request(request, index.tracks, history=history, now=now)
        preference = applied.preference.weigh(index)
        station = self._recommend(
            applied.mood or mood,
            index,
            count=min(count, request.count or count),
            played=played,
            goal=goal,
            track_filter=TrackFilter(like=applied.like, explicit=applied.explicit),
            preference=preference,
        )
        return RequestedStation(request, station, preference.unmet)

    def path(self, start: str, end: str, *, count: int, played: Sequence[str] = ()) -> Station:
        """Recommend tracks that lead from one song to another, by the user's taste; none rated "never" between them.

        Args:
            start: The id of the first track.
            end: The id of the last track.
            count: The number of picks at most, both songs included.
            played: The ids of tracks played before, oldest first; they are held back for a while.

        Raises:
            TrackNotFoundError: If one of them does not exist.
            NoMatchError: If both are the same song, or one was not analysed or cannot be played now.
        """
        for track_id in (start, end):
            check_playable(self.library.track(track_id), self.library)
        index, _ = self._index_with([start, end])
        return self._with_taste(partial(recommend_path, start, end, index, count=count, history=played))

    def radio(self, seeds: RadioSeeds, *, count: int, played: Sequence[str] = ()) -> Station:
        """Recommend tracks like a song, an artist's or a playlist's, with these among them, by the user's taste.

        Args:
            seeds: What the radio is about.
            count: The number of picks at most.
            played: The ids of tracks played before, oldest first; they are held back for a while.

        Raises:
            TrackNotFoundError: If the song does not exist.
            PlaylistError: If there is no such playlist.
            NoMatchError: If none of the music was analysed.
        """
        ids = [track.id for track in self._tracks_of(seeds)]
        index, unlisted = self._index_with(ids)
        choose = partial(recommend_radio, ids, index, count=count, history=played)
        return self._with_taste(choose, TrackFilter(never=unlisted))

    def _tracks_of(self, seeds: RadioSeeds) -> list[Track]:
        match seeds:
            case SongSeed(track_id):
                return [self.library.track(track_id)]
            case ArtistSeed(name):
                found = tracks_of_artist(name, self.library.tracks())
                if not found:
                    raise NoMatchError(f"There is no artist “{name}”", Remedy.LIST_FOLDERS)
                return found
            case PlaylistSeed(name):
                if self._playlists is None:
                    raise PlaylistError("is not stored", "open the session with a playlist store", subject=name)
                return tracks_of_playlist(self._playlists.load(name), self.library)

    def _index_with(self, needed: Sequence[str]) -> tuple[TrackIndex, frozenset[str]]:
        """The index of the tracks to choose from and of those that a list is about, and the ids of what these add."""
        index = self._current_index()
        unlisted = unlisted_tracks(needed, index.row_of, self.library)
        if unlisted:
            index = TrackIndex.of([*index.source_tracks, *unlisted])
        return index, frozenset(track.id for track in unlisted)

    def _current_index(self) -> TrackIndex:
        tracks = self.library.choosable(starter_until=self._starter_until)
        with self._lock:
            if not self._track_index.is_built_from(tracks):
                self._track_index = TrackIndex.of(tracks)
            return self._track_index

    def _recommend(
        self,
        mood: Mood,
        index: TrackIndex,
        *,
        count: int,
        played: Sequence[str],
        goal: Goal,
        track_filter: TrackFilter,
        preference: PreferenceScores | None = None,
    ) -> Station:
        choose = partial(recommend, mood, index, count=count, goal=goal, preference=preference, history=played)
        return self._with_taste(choose, track_filter)

    def _with_taste(self, choose: Callable[..., Station], track_filter: TrackFilter | None = None) -> Station:
        """Choose a station by the user's taste, without tracks rated "never", and remember its picks."""
        taste, track_filter = None, track_filter or TrackFilter()
        if self._tastes is not None:
            track_filter = replace(track_filter, never=track_filter.never | self._tastes.never())
            taste = self._tastes.taste(self.library.placed_tracks)
        with self._lock:
            station = choose(track_filter=track_filter, taste=taste, rng=self._rng)
            # A pick was chosen for the mood at its place on the route, which may differ from the user's mood.
            pairs = zip(station.picks, station.route, strict=True)
            self._recommended.update({pick.track.id: (pick, target) for pick, target in pairs})
        return station

    def exit_point(self, track_id: str, *, from_s: float, until_s: float) -> ExitPoint:
        """Where a track can be left without harm: see ``find_exit_point``.

        Args:
            track_id: The track.
            from_s: The earliest position, in seconds.
            until_s: The latest position, in seconds.

        Raises:
            TrackNotFoundError: If there is no such track, or its audio is no longer there.
            SourceError: If its server cannot be reached.
            AudioError: If it cannot be decoded.
        """
        sound, _ = self.library.open_audio(track_id)
        with sound:
            return find_exit_point(read_span(sound, from_s, until_s), from_s=from_s)

    def report_play(self, track_id: str, event: PlayEvent, *, position_s: float) -> None:
        """Log that a track started, finished or was skipped.

        A pick is logged when its track starts: one that was never played says nothing about taste.

        Args:
            track_id: The track's id.
            event: What happened.
            position_s: Where in the track it happened, in seconds from its beginning.

        Raises:
            TrackNotFoundError: If there is no such track.
        """
        track = self.library.track(track_id)
        at = self._now()
        with self._lock:
            recommended = self._recommended.pop(track.id, None) if event is PlayEvent.STARTED else None
        if recommended is not None:
            pick, mood = recommended
            self.library.record_pick(pick, mood, at=at)
        self.library.record_play(track.id, event, position_s=position_s, at=at)

    def ratings(self) -> dict[str, Rating]:
        """The user's ratings, by track id, oldest first."""
        return self._tastes.ratings() if self._tastes is not None else {}

    def rate(self, track_id: str, rating: Rating | None) -> None:
        """Rate a track, which counts from the next recommendation on.

        Args:
            track_id: The track's id.
            rating: The rating; None takes an earlier one back.

        Raises:
            TrackNotFoundError: If there is no such track.
            LibraryError: If the session has no ``tastes``.
        """
        track = self.library.track(track_id)
        if self._tastes is None:
            raise LibraryError("This session stores no ratings", "open it with a taste store")
        self._tastes.rate(track.id, rating, at=self._now())

    def disconnect(self) -> None:
        """End every request to a music server, so that nothing waits for a slow one when the session closes."""
        self.library.disconnect()

    def close(self) -> None:
        """Stop the threads and close what ``open`` opened; frames that still wait are dropped."""
        self.disconnect()
        if self._reading is not None:
            self._reading.shutdown(cancel_futures=True)
            if self._watch is not None:
                self._watch.stop()
        self._opened.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _servers(settings: Settings) -> list[RemoteSource]:
    """The servers that were added; none if their list cannot be read, which must not stop local music."""
    try:
        return open_connections(settings).sources()
    except SourceError as error:
        _log.warning("%s", error)
        return []
