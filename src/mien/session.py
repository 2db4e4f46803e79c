"""Wires camera frames, faces, mood and music together, and holds what a running mien knows; threads live here."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from typing import Protocol, Self, TypeVar

import numpy as np

from mien.capture.photo import decode_jpeg
from mien.config import Settings
from mien.errors import LibraryError, NeutralError, SourceError
from mien.face.classifiers.classifier import find_classifier
from mien.face.reader import FaceReader
from mien.live.neutral_store import FILE_NAME, NeutralStore
from mien.live.reader import Follower, LiveFrame, LiveReader, NeutralLearning
from mien.mood.neutral import NeutralBaseline
from mien.mood.smooth import QUALITY_GATE, Steadiness
from mien.music.connections import Connections
from mien.music.library.database import Database
from mien.music.library.library import Library
from mien.music.library.play_log import PlayEvent
from mien.music.library.taste_store import TasteStore
from mien.music.library.watch import FolderWatch
from mien.music.recommender.feedback import Rating
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.goals import Goal
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.recommend import recommend
from mien.music.sources.source import RemoteSource
from mien.types import Frame, Image, Mood, Pick, Reading, Station

MAX_FRAME_PIXELS = 1920 * 1920
"""The largest live frame, in pixels; a larger one is refused before it is decoded."""

READERS = 2
"""How many frames are read at once, each of another connection."""

_log = logging.getLogger(__name__)

_Result = TypeVar("_Result")


class FrameReader(Protocol):
    """Finds and reads faces: ``mien.face.reader.FaceReader``, or a fake in tests."""

    def read(self, image_rgb: Image, *, time_s: float = 0.0) -> list[Reading]:
        """Every face in one picture, the biggest first; none is an empty list."""
        ...

    def follow(self) -> Follower:
        """A follower for one stream of frames."""
        ...


@dataclass(frozen=True, slots=True)
class LiveReading:
    """What one frame of a page said.

    ``width_px`` and ``height_px`` of the frame that was sent, whose pixels ``live`` speaks of; ``read_ms`` from JPEG to
    answer; ``chosen`` says that a person made this face "me", and it was not forgotten since.
    """

    width_px: int
    height_px: int
    live: LiveFrame
    read_ms: float
    chosen: bool = False

    @property
    def faces(self) -> tuple[Reading, ...]:
        """The faces in sight, the biggest first, steadied."""
        return self.live.faces

    @property
    def tracks(self) -> tuple[int, ...]:
        """The faces' numbers, as ``live.me`` counts: below zero for those of a reader that keeps no tracks."""
        tracks = (face.face.track_id for face in self.faces)
        return tuple(-1 - place if track is None else track for place, track in enumerate(tracks))

    @property
    def mood(self) -> Mood | None:
        """My mood, None when nothing is known."""
        return self.live.mood

    @property
    def held(self) -> bool:
        """Whether my mood is remembered only: this frame shows nothing of me that could be believed."""
        if self.mood is None:
            return False
        if self.live.me not in self.tracks:
            return True
        quality = self.faces[self.tracks.index(self.live.me)].features.quality
        return quality is not None and quality.score < QUALITY_GATE


class Session:
    """One person's mien: a reader of faces, a library of music, and what was recommended so far.

    ``model`` names the network behind the reader; ``clock`` is monotonic, in seconds; ``now`` is the wall clock that
    plays are dated with; ``rng`` draws among good recommendations; ``steadiness`` is what every feed begins with;
    ``neutrals`` keeps the person's face at rest, for every feed; ``tastes`` what they like, if anything is learnt;
    ``watch`` keeps their folders up to date while the session runs. A context manager, which starts the session and
    closes it. All methods may be called from any thread.
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
        tastes: TasteStore | None = None,
        watch: FolderWatch | None = None,
    ) -> None:
        self.library = library
        self.model = model
        self._reader = reader
        self._rng = rng if rng is not None else np.random.default_rng()
        self._clock = clock
        self._now = now
        self.steadiness = steadiness or Steadiness()
        self.neutrals = neutrals or NeutralStore(None)
        self._tastes = tastes
        self._watch = watch
        self._opened = ExitStack()
        self._shelf = TrackIndex.of(())
        self._lock = Lock()
        self._offered: dict[str, tuple[Pick, Mood]] = {}
        self._reading: ThreadPoolExecutor | None = None

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """A session for these settings, not yet started; ``close`` closes its database.

        Raises:
            ModelError: If a network is missing or damaged.
            LibraryError: If the library cannot be opened.
        """
        classifier = find_classifier(settings.classifier)(threads=settings.threads)
        neutrals = NeutralStore(settings.data_dir / FILE_NAME)
        try:
            neutrals.load()
        except NeutralError as error:
            _log.warning("%s", error)  # faces are read without it, and the music plays
        with ExitStack() as opened:
            database = opened.enter_context(Database.open(settings.library_path))
            library = Library(database, starter=settings.starter, servers=_servers(settings))
            session = cls(
                reader=FaceReader(classifier=classifier, threads=settings.threads),
                library=library,
                model=classifier.name,
                steadiness=Steadiness(settings.steadiness),
                neutrals=neutrals,
                tastes=TasteStore(database),
                watch=FolderWatch(library),
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
        """A feed for one stream of frames; it needs no closing."""
        reader = LiveReader(self._reader.follow())
        return LiveFeed(reader, self.neutrals, self.submit, self._clock, steadiness=self.steadiness)

    def station(
        self,
        mood: Mood,
        *,
        count: int,
        played: Sequence[str] = (),
        goal: Goal = Goal.MATCH,
        track_filter: TrackFilter | None = None,
    ) -> Station:
        """Up to ``count`` picks that lead from a mood to a goal, as this person likes it.

        Track ids in ``played``, the latest last, are held back for a while. Raises ``NoMatchError`` when no
        track meets ``track_filter``, and ``TrackNotFoundError`` when it asks for more like a track that is not there.
        Tracks rated "never" are left out.
        """
        tracks = self.library.tracks()
        track_filter = track_filter or TrackFilter()
        for liked in track_filter.like:
            self.library.track(liked)
        taste = None
        if self._tastes is not None:
            track_filter = replace(track_filter, never=track_filter.never | self._tastes.never())
            taste = self._tastes.taste(self.library.tracks)
        with self._lock:
            if not self._shelf.holds(tracks):
                self._shelf = TrackIndex.of(tracks)
            station = recommend(
                mood,
                self._shelf,
                count=count,
                goal=goal,
                track_filter=track_filter,
                history=played,
                taste=taste,
                rng=self._rng,
            )
            # A pick was chosen for the mood of its place, which is not that of the person where the music leads on.
            chosen = zip(station.picks, station.path, strict=True)
            self._offered.update({pick.track.id: (pick, place) for pick, place in chosen})
        return station

    def report_play(self, track_id: str, event: PlayEvent, *, position_s: float) -> None:
        """Note that a track started, finished or was skipped; raises ``TrackNotFoundError``.

        A recommendation counts once its track starts: what was listed and never heard says nothing about a taste.
        """
        track = self.library.track(track_id)
        at = self._now()
        with self._lock:
            offered = self._offered.pop(track.id, None) if event is PlayEvent.STARTED else None
        if offered is not None:
            pick, mood = offered
            self.library.record_pick(pick, mood, at=at)
        self.library.record_play(track.id, event, position_s=position_s, at=at)

    def ratings(self) -> dict[str, Rating]:
        """What the person said of tracks, by their ids; the earliest first."""
        return self._tastes.ratings() if self._tastes is not None else {}

    def rate(self, track_id: str, rating: Rating | None) -> None:
        """Keep a person's word on a track, or with None take it back; stations to come know it.

        Raises ``TrackNotFoundError``, and ``LibraryError`` where nothing is learnt.
        """
        track = self.library.track(track_id)
        if self._tastes is None:
            raise LibraryError("Nothing is learnt in this session; open it with tastes.")
        self._tastes.rate(track.id, rating, at=self._now())

    def close(self) -> None:
        """Stop the threads and close what ``open`` opened; frames that wait are dropped."""
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


class LiveFeed:
    """One stream of frames, read in order; made by ``Session.live``.

    One thread at a time may read; any thread may give commands, which apply from the next frame on.

    Attributes:
        steadiness: How slowly the mood follows; may be set at any time.
    """

    def __init__(
        self,
        reader: LiveReader,
        neutrals: NeutralStore,
        submit: Callable[[Callable[[], LiveReading]], Future[LiveReading]],
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

    def submit(self, jpeg: bytes) -> Future[LiveReading]:
        """``read`` in one of the session's reading threads; wait for the answer before the next frame."""
        return self._submit(partial(self.read, jpeg))

    def read(self, jpeg: bytes) -> LiveReading:
        """Read one frame, which stays in memory; raises ``ImageError`` for what is no JPEG or too large.

        A face at rest that was learnt with it is kept; where that fails, the learning says so.
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
        # A clock that was set back meanwhile took no time.
        return LiveReading(width_px, height_px, live, max(0.0, self._clock() - started_s) * 1000, chosen)

    def _clear_selection(self, track_id: int | None) -> None:
        with self._selecting:
            if self._selected == track_id:  # unless another face was selected meanwhile
                self._selected = None

    def _saved(self, learning: NeutralLearning, neutral: NeutralBaseline) -> NeutralLearning:
        try:
            self._neutrals.save(neutral)
        except NeutralError as error:
            return NeutralLearning(learning.share, refusal=str(error))
        return learning


def _servers(settings: Settings) -> list[RemoteSource]:
    """The servers that were added; the music on this computer plays without them."""
    try:
        return Connections.open(settings.data_dir).sources()
    except SourceError as error:
        _log.warning("%s", error)
        return []
