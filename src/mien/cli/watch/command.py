"""``mien watch``: shows the live mood in the terminal, with the music that plays and suggestions."""

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
from mien.cli.terminal.classifier import chosen_prior, classifier_option, load_classifier, prior_option
from mien.cli.terminal.error_words import error_words
from mien.cli.terminal.examples import examples
from mien.cli.terminal.interrupt import TERMINATION_SIGNALS, remember_interrupt
from mien.cli.terminal.output import console, say
from mien.cli.terminal.param_types import AnyPath
from mien.cli.terminal.settings import settings
from mien.errors import CameraError, CorrectionError, MienError, NeutralError

if TYPE_CHECKING:
    from mien.cli.watch.keys import QuitKey
    from mien.cli.watch.now_playing import NowPlayingPoller
    from mien.cli.watch.view import WatchState
    from mien.live.correction_store import CorrectionStore
    from mien.live.reader import LiveResult
    from mien.mood.neutral import NeutralBaseline
    from mien.music.recommender.taste import Taste
    from mien.types import Frame, Mood, Pick, Track

    _Read = Callable[[Frame], LiveResult]

_DRAW_EVERY_S = 0.08
_LINE_EVERY_S = 1.0
_RATE_FRAMES = 30  # how many frames the frame rate is measured over
_PICKS = 4


@click.command(epilog=examples("mien watch", "mien watch --camera 1", "mien watch --video film.mp4"))
@click.option("--camera", metavar="NUMBER", type=click.IntRange(0, 99), help="Which camera; 0 by default.")
@click.option("--video", metavar="FILE", type=AnyPath(), help="Read a video instead of a camera.")
@classifier_option
@prior_option
def watch(camera: int | None, video: Path | None, classifier: str | None, prior: str | None) -> None:
    """Show the live mood in the terminal.

    Shows the seven expressions as bars, the mood on its plane, a hint if the face cannot be read well, what is playing
    on the page or on an MPD of yours, and what mien would play for the mood. Nothing is played or stored. If the camera
    is unplugged, the view freezes until it is back. q or Ctrl-C ends it.
    """
    if not sys.stdout.isatty():
        raise MienError("mien watch needs a terminal", "for rows in a file use mien faces")
    if camera is not None and video is not None:
        raise click.UsageError("Give either a camera or a video.")
    from mien.cli.watch.keys import quit_key
    from mien.cli.watch.now_playing import poll_now_playing
    from mien.storage.core_dumps import prevent_core_dumps

    prevent_core_dumps()
    number = settings().camera if camera is None else camera
    source = video.name if video is not None else f"camera {number}"
    opened = False
    try:
        with (
            _reader(classifier, prior) as read,
            remember_interrupt(*TERMINATION_SIGNALS) as check,
            open_stores() as stores,
            poll_now_playing(stores.library) as poller,
            quit_key() as keys,
            closing(_frames(number, video, keys)) as frames,
        ):
            first = next(frames, None)  # a missing camera is an error and opens no view
            if first is None:
                return
            chooser = _new_chooser(stores)
            with _state_drawer() as draw:
                opened = True
                for state in _states(_with_first(first, frames), source, read, chooser, poller):
                    check()
                    keys.wait(0)
                    if keys.wanted:
                        return
                    draw(state)
    except KeyboardInterrupt:
        if not opened:
            raise


@contextmanager
def _state_drawer() -> Iterator[Callable[[WatchState], None]]:
    """Yield a function that draws a state, in place or as lines on a dumb terminal, at a limited rate per second."""
    out = console()
    if out.is_dumb_terminal:
        out.print("q ends")
        yield _throttled(lambda state: out.print(state.line(), soft_wrap=True), every_s=_LINE_EVERY_S)
        return
    from rich.live import Live

    with Live(console=out, screen=True, auto_refresh=False) as screen:
        yield _throttled(partial(screen.update, refresh=True), every_s=_DRAW_EVERY_S)


def _throttled(draw: Callable[[WatchState], None], *, every_s: float) -> Callable[[WatchState], None]:
    drawn_s = float("-inf")

    def draw_if_due(state: WatchState) -> None:
        nonlocal drawn_s
        now_s = time.monotonic()
        if state.trouble is not None or now_s - drawn_s >= every_s:
            draw(state)
            drawn_s = now_s

    return draw_if_due


class MusicChooser:
    """Chooses music for the mood that music follows, anew when that has moved.

    Args:
        tracks: The tracks to choose from.
        never: The ids of tracks that are excluded.
        taste: The learnt taste, if any.
    """

    def __init__(self, tracks: list[Track], *, never: frozenset[str] = frozenset(), taste: Taste | None = None) -> None:
        import numpy as np

        from mien.music.recommender.filters import TrackFilter
        from mien.music.recommender.index import TrackIndex

        self._index = TrackIndex.of(tracks)
        self._track_filter = TrackFilter(never=never)
        self._taste = taste
        self._rng = np.random.default_rng()
        self._chosen_for: Mood | None = None
        self._picks: tuple[Pick, ...] = ()

    def picks(self, live: LiveResult) -> tuple[Pick, ...]:
        """The tracks to suggest now; the same as before while there is no mood."""
        from mien.mood.music_mood import AWAY_DISTANCE, mood_distance
        from mien.music.recommender.recommend import recommend

        music = live.music
        if music is None or not music.settled:
            return self._picks
        if self._chosen_for is None or mood_distance(music.mood, self._chosen_for) > AWAY_DISTANCE:
            self._chosen_for = music.mood
            self._picks = recommend(
                music.mood, self._index, count=_PICKS, track_filter=self._track_filter, taste=self._taste, rng=self._rng
            ).picks
        return self._picks


def _states(
    frames: Iterable[Frame | CameraError],
    source: str,
    read: _Read,
    chooser: MusicChooser,
    poller: NowPlayingPoller,
) -> Iterator[WatchState]:
    from mien.cli.watch.view import WatchState

    state = WatchState(source)
    read_s: deque[float] = deque(maxlen=_RATE_FRAMES)
    for frame in frames:
        if isinstance(frame, CameraError):
            state = replace(state, trouble=error_words(frame), playing=poller.playing())
            read_s.clear()
        else:
            live = read(frame)
            read_s.append(time.monotonic())
            rate = (len(read_s) - 1) / max(read_s[-1] - read_s[0], 1e-3)
            state = WatchState(source, live, chooser.picks(live), rate, playing=poller.playing())
        yield state


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


def _new_chooser(stores: Stores) -> MusicChooser:
    library, tastes = stores.library, stores.tastes
    return MusicChooser(stores.choosable(), never=tastes.never(), taste=tastes.taste(library.placed_tracks))


@contextmanager
def _reader(classifier: str | None, prior: str | None) -> Iterator[_Read]:
    from mien.face.reader import FaceReader
    from mien.live.reader import LiveReader
    from mien.mood.smooth import Steadiness

    chosen = settings()
    loaded = load_classifier(classifier)
    with FaceReader(classifier=loaded, threads=chosen.threads, prior=chosen_prior(prior)) as reader:
        live = LiveReader(reader.follow())
        yield partial(
            live.read,
            steadiness=Steadiness(chosen.steadiness),
            neutral=_neutral(chosen.data_dir),
            shift_of=_corrections(chosen.data_dir, loaded.name).shift_of,
        )


def _corrections(folder: Path, network: str) -> CorrectionStore:
    """My corrections, as given on the page; faces are read without them too."""
    from mien.live.correction_store import CORRECTIONS_FILE, CorrectionStore

    store = CorrectionStore(folder / CORRECTIONS_FILE, network=network, read_only=True)
    try:
        store.load()
    except CorrectionError as error:
        say(error_words(error))
    return store


def _neutral(folder: Path) -> NeutralBaseline | None:
    """My neutral baseline, as the page learnt it; faces are read without it too."""
    from mien.live.neutral_store import FILE_NAME, NeutralStore

    try:
        return NeutralStore(folder / FILE_NAME).load()
    except NeutralError as error:
        say(error_words(error))
        return None
