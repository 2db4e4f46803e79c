"""``mien watch``: the live camera in the terminal, with the mood, the music that plays, and what would fit."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mien.cli.stores import Stores, open_stores
from mien.cli.terminal.classifier import classifier_option, load_classifier
from mien.cli.terminal.examples import examples
from mien.cli.terminal.interrupt import TERMINATION_SIGNALS, remember_interrupt
from mien.cli.terminal.output import console, say
from mien.cli.terminal.param_types import AnyPath
from mien.cli.terminal.settings import settings
from mien.errors import CameraError, MienError, NeutralError

if TYPE_CHECKING:
    from mien.cli.watch.keys import QuitKey
    from mien.cli.watch.now_playing import NowPlayingPoller
    from mien.cli.watch.view import WatchState
    from mien.live.reader import LiveFrame
    from mien.mood.neutral import NeutralBaseline
    from mien.music.recommender.taste import Taste
    from mien.types import Frame, Pick, Region, Track

    _Read = Callable[[Frame], LiveFrame]

_DRAW_EVERY_S = 0.08
_LINE_EVERY_S = 1.0
_RATE_FRAMES = 30  # over which the frames a second are counted
_PICKS = 4


@click.command(epilog=examples("mien watch", "mien watch --camera 1", "mien watch --video film.mp4"))
@click.option("--camera", metavar="NUMBER", type=click.IntRange(0, 99), help="Which camera; 0 unless set.")
@click.option("--video", metavar="FILE", type=AnyPath(), help="Watch a video instead of a camera.")
@classifier_option
def watch(camera: int | None, video: Path | None, classifier: str | None) -> None:
    """Watch the camera in the terminal.

    Shows the seven expressions as bars, the mood on its plane, and a hint where something keeps the face from being
    read; what is playing on the page or on an MPD of yours, and what mien would play for the mood. Nothing is played or
    kept. When the camera is pulled out the view freezes until it is back. q or Ctrl-C ends it.
    """
    if not sys.stdout.isatty():
        raise MienError("mien watch draws in a terminal; for rows in a file use mien faces")
    if camera is not None and video is not None:
        raise click.UsageError("Watch either a camera or a video.")
    from mien.cli.watch.keys import quit_key
    from mien.cli.watch.now_playing import lookout

    number = settings().camera if camera is None else camera
    source = video.name if video is not None else f"camera {number}"
    read = _reader(classifier)
    opened = False
    try:
        with (
            remember_interrupt(*TERMINATION_SIGNALS) as check,
            open_stores() as stores,
            lookout(stores.library) as heard,
            quit_key() as keys,
            closing(_frames(number, video, keys)) as frames,
        ):
            first = next(frames, None)  # a camera that is not there is an error, not a view of nothing
            if first is None:
                return
            dj = _dj(stores)
            with _drawn() as draw:
                opened = True
                for scene in _scenes(_with_first(first, frames), source, read, dj, heard):
                    check()
                    keys.wait(0)
                    if keys.wanted:
                        return
                    draw(scene)
    except KeyboardInterrupt:
        if not opened:
            raise


@contextmanager
def _drawn() -> Iterator[Callable[[WatchState], None]]:
    """Draws scenes, in place or, where a terminal cannot do that, as lines; those that follow too soon are left out."""
    out = console()
    if out.is_dumb_terminal:
        out.print("q ends")
        yield _now_and_then(lambda scene: out.print(scene.line(), soft_wrap=True), every_s=_LINE_EVERY_S)
        return
    from rich.live import Live

    with Live(console=out, screen=True, auto_refresh=False) as screen:
        yield _now_and_then(partial(screen.update, refresh=True), every_s=_DRAW_EVERY_S)


def _now_and_then(draw: Callable[[WatchState], None], *, every_s: float) -> Callable[[WatchState], None]:
    drawn_s = float("-inf")

    def maybe(scene: WatchState) -> None:
        nonlocal drawn_s
        now_s = time.monotonic()
        if scene.trouble is not None or now_s - drawn_s >= every_s:
            draw(scene)
            drawn_s = now_s

    return maybe


class MusicChooser:
    """Chooses the music that would play: anew when the mood moves into another region.

    ``never`` holds the ids of tracks that must not come, ``taste`` what the person likes.
    """

    def __init__(self, tracks: list[Track], *, never: frozenset[str] = frozenset(), taste: Taste | None = None) -> None:
        import numpy as np

        from mien.music.recommender.filters import TrackFilter
        from mien.music.recommender.index import TrackIndex

        self._shelf = TrackIndex.of(tracks)
        self._wish = TrackFilter(never=never)
        self._taste = taste
        self._rng = np.random.default_rng()
        self._region: Region | None = None
        self._picks: tuple[Pick, ...] = ()

    def picks(self, live: LiveFrame) -> tuple[Pick, ...]:
        """What would play now; the same as before while nothing is known."""
        from mien.music.recommender.recommend import recommend

        if live.mood is not None and live.region is not None and live.region is not self._region:
            self._region = live.region
            self._picks = recommend(
                live.mood, self._shelf, count=_PICKS, track_filter=self._wish, taste=self._taste, rng=self._rng
            ).picks
        return self._picks


def _scenes(
    frames: Iterable[Frame | CameraError], source: str, read: _Read, dj: MusicChooser, heard: NowPlayingPoller
) -> Iterator[WatchState]:
    from mien.cli.watch.view import WatchState

    scene = WatchState(source)
    read_s: deque[float] = deque(maxlen=_RATE_FRAMES)
    for frame in frames:
        if isinstance(frame, CameraError):
            scene = replace(scene, trouble=str(frame), playing=heard.playing())
            read_s.clear()
        else:
            live = read(frame)
            read_s.append(time.monotonic())
            rate = (len(read_s) - 1) / max(read_s[-1] - read_s[0], 1e-3)
            scene = WatchState(source, live, dj.picks(live), rate, playing=heard.playing())
        yield scene


def _frames(camera: int, video: Path | None, keys: QuitKey) -> Generator[Frame | CameraError, None, None]:
    from mien.capture.camera import Webcam, read_video
    from mien.cli.watch.frames import camera_frames, paced

    if video is not None:
        yield from paced(read_video(video), clock=time.monotonic, wait=keys.wait)
    else:
        yield from camera_frames(lambda: Webcam(camera), wait=keys.wait)


def _with_first(first: Frame | CameraError, rest: Iterator[Frame | CameraError]) -> Iterator[Frame | CameraError]:
    yield first
    yield from rest


def _dj(stores: Stores) -> MusicChooser:
    library, tastes = stores.library, stores.tastes
    return MusicChooser(library.tracks(), never=tastes.never(), taste=tastes.taste(library.tracks))


def _reader(classifier: str | None) -> _Read:
    from mien.face.reader import FaceReader
    from mien.live.reader import LiveReader
    from mien.mood.smooth import Steadiness

    chosen = settings()
    follower = FaceReader(classifier=load_classifier(classifier), threads=chosen.threads).follow()
    return partial(
        LiveReader(follower).read, steadiness=Steadiness(chosen.steadiness), neutral=_neutral(chosen.data_dir)
    )


def _neutral(folder: Path) -> NeutralBaseline | None:
    """My face at rest, as the page learnt it; without it faces are read all the same."""
    from mien.live.neutral_store import FILE_NAME, NeutralStore

    try:
        return NeutralStore(folder / FILE_NAME).load()
    except NeutralError as error:
        say(str(error))
        return None
