"""Fakes with the interfaces of the real parts, for tests without networks, databases and waiting."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mien.errors import TrackNotFoundError
from mien.mood.circumplex import mood_of
from mien.music.library.catalogue import AwayFolder
from mien.music.location import LocalFile, Location, ServerFile
from mien.types import (
    Activity,
    AudioFeatures,
    Box,
    Emotion,
    Expression,
    Face,
    Features,
    Frame,
    Gaze,
    HeadPose,
    Image,
    Mood,
    Motion,
    Pick,
    Quality,
    Reading,
    Track,
)
from tests.waiting import HANG_S


class FakeClock:
    """A clock that a test sets.

    Attributes:
        at_s: The time, in seconds.
        step_s: Added to the time at each reading.
    """

    def __init__(self, *, at_s: float = 100.0, step_s: float = 0.0) -> None:
        self.at_s = at_s
        self.step_s = step_s

    def __call__(self) -> float:
        self.at_s += self.step_s
        return self.at_s


def expression(top: Emotion, *, p: float = 0.94, confident: bool = True) -> Expression:
    """An expression that is ``top`` with probability ``p``; the others share the rest evenly."""
    rest = (1 - p) / (len(Emotion) - 1)
    return Expression({emotion: p if emotion is top else rest for emotion in Emotion}, confident, "fake")


def reading(
    top: Emotion = Emotion.HAPPY,
    *,
    track_id: int | None = 1,
    x_px: float = 10.0,
    width_px: float = 100.0,
    motion: Motion | None = None,
    quality: Quality | None = None,
    activity: Activity | None = None,
    head_pose: HeadPose | None = None,
    gaze: Gaze | None = None,
    seen: Expression | None = None,
    blendshapes: NDArray[np.float32] | None = None,
) -> Reading:
    """A reading of a face at (``x_px``, 20), whose expression is ``seen`` or, by default, clearly ``top``."""
    landmarks = np.arange(478 * 3, dtype=np.float32).reshape(478, 3) / 8
    face = Face(Box(x_px, 20, width_px, width_px * 1.2), landmarks, 0.9, track_id)
    seen = seen or expression(top)
    still = np.zeros(52, np.float32)
    features = Features(still if blendshapes is None else blendshapes, motion, quality, activity, head_pose, gaze)
    return Reading(face, features, seen, mood_of(seen))


class FakeReader:
    """A reader whose readings a test chooses.

    Attributes:
        see: Returns the readings of a frame.
        frames: The frames read so far.
        followers: The followers that are still referred to.
        threads: The names of the threads that read.
        gate: Reading waits while it is cleared.
        entered: Set once a read has begun.
    """

    def __init__(self, see: Callable[[Frame], Iterable[Reading]] = lambda frame: [reading()]) -> None:
        self.see = see
        self.frames: list[Frame] = []
        self.followers: weakref.WeakSet[FakeFollower] = weakref.WeakSet()
        self.threads: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def read(self, image_rgb: Image, *, time_s: float = 0.0) -> list[Reading]:
        return self._read(Frame(image_rgb, 0, time_s))

    def follow(self) -> FakeFollower:
        follower = FakeFollower(self._read)
        self.followers.add(follower)
        return follower

    def _read(self, frame: Frame) -> list[Reading]:
        self.threads.add(threading.current_thread().name)
        self.entered.set()
        assert self.gate.wait(timeout=HANG_S), "a test left the fake reader's gate closed"
        self.frames.append(frame)
        return list(self.see(frame))


class FakeFollower:
    """One stream of a ``FakeReader``; ``skipped`` stays 0 unless a test changes it."""

    def __init__(self, read: Callable[[Frame], list[Reading]]) -> None:
        self._read = read
        self.skipped = 0
        self.focus: int | None = None

    def read(self, frame: Frame, *, focus: int | None = None) -> list[Reading]:
        self.focus = focus
        return self._read(frame)


def track(key: str, *, valence: float = 0.0, arousal: float = 0.0, has_cover: bool = False) -> Track:
    """A track of the source "folder" with this mood."""
    heard = AudioFeatures(96.0, -18.0, valence, arousal, 0.8, 1)
    return Track(f"folder:{key}", key.title(), f"{key} band", "Album", 60.0, heard, 1901, ("Rag",), "", has_cover)


class FakeLibrary:
    """A library in memory, which stores what is recorded."""

    def __init__(self, tracks: Iterable[Track] = ()) -> None:
        self._tracks = {track.id: track for track in tracks}
        self.files: dict[str, Path] = {}
        self.remote: dict[str, Callable[[], tuple[BinaryIO, str]]] = {}
        self.covers: dict[str, tuple[bytes, str]] = {}
        self.away_folders: list[AwayFolder] = []
        self.away_ids: set[str] = set()
        self.picks: list[tuple[Pick, Mood, datetime]] = []
        self.plays: list[tuple[str, str, float, datetime]] = []
        self.closed = False
        self.disconnected = False

    def tracks(self) -> list[Track]:
        return list(self._tracks.values())

    def placed_tracks(self) -> list[Track]:
        return self.tracks()

    def available(self) -> list[Track]:
        return [track for track in self.tracks() if track.id not in self.away_ids]

    def choosable(self, *, starter_until: int) -> list[Track]:
        return self.available()

    def away(self) -> list[AwayFolder]:
        return self.away_folders

    def track(self, track_id: str) -> Track:
        if track_id not in self._tracks:
            raise TrackNotFoundError(f"There is no track {track_id}.")
        return self._tracks[track_id]

    def audio_path(self, track_id: str) -> Path:
        self.track(track_id)
        if track_id not in self.files:
            raise TrackNotFoundError(f"The file of {track_id} is gone.")
        return self.files[track_id]

    def location(self, track_id: str) -> Location:
        self.track(track_id)
        return ServerFile("home") if track_id in self.remote else LocalFile(self.audio_path(track_id))

    def open_audio(self, track_id: str) -> tuple[BinaryIO, str]:
        self.track(track_id)
        return self.remote[track_id]()

    def cover(self, track_id: str) -> SimpleNamespace | None:
        self.track(track_id)
        found = self.covers.get(track_id)
        return SimpleNamespace(data=found[0], media_type=found[1]) if found else None

    def record_pick(self, pick: Pick, mood: Mood, *, at: datetime) -> None:
        self.picks.append((pick, mood, at))

    def record_play(self, track_id: str, event: str, *, position_s: float, at: datetime) -> None:
        self.plays.append((track_id, event, position_s, at))

    def disconnect(self) -> None:
        self.disconnected = True

    def close(self) -> None:
        self.closed = True
