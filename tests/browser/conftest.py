"""Fixtures for the browser tests: a real server and Chromium with a fake camera that shows a film."""

from __future__ import annotations

import math
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from benchmarks.browser import OFFLINE_FLAGS
from benchmarks.films import empty_room, enlarged, framed, least_happy, side_by_side, write_film
from mien.config import load_settings
from mien.errors import MienError
from mien.face.reader import FaceReader
from mien.live.posed import is_posed
from mien.music.library.database import Database
from mien.music.library.library import Library
from mien.music.library.taste_store import TasteStore
from mien.session.live_feed import LiveFeed
from mien.session.session import Session
from mien.types import Emotion, Frame, Image, Reading
from mien.web.serve import WebServer
from tests.browser.acts import (
    DESK,
    NOTES_STAY,
    PATIENCE_MS,
    camera_flags,
    turn_on_camera,
    wait_for_expression,
    wait_for_music,
)


class CountingReader:
    """The real reader, which counts the frames that it reads and can be made to fail.

    Attributes:
        followers: One for each stream of frames, in the order of their beginnings.
        failure: Raised for every frame, unless it is None.
    """

    def __init__(self, reader: FaceReader) -> None:
        self._reader = reader
        self.followers: list[CountingFollower] = []
        self.failure: MienError | None = None

    @property
    def frames(self) -> int:
        """The number of frames read from all streams."""
        return sum(follower.frames for follower in self.followers)

    def read(self, image_rgb: Image, *, time_s: float = 0.0) -> list[Reading]:
        return self._reader.read(image_rgb, time_s=time_s)

    def follow(self) -> CountingFollower:
        self.followers.append(CountingFollower(self, self._reader.follow()))
        return self.followers[-1]


class CountingFollower:
    """One stream of a ``CountingReader``."""

    def __init__(self, counter: CountingReader, follower: Any) -> None:
        self._counter = counter
        self._follower = follower
        self.frames = 0

    @property
    def skipped(self) -> int:
        return self._follower.skipped

    def read(self, frame: Frame, *, focus: int | None = None) -> list[Reading]:
        if self._counter.failure is not None:
            raise self._counter.failure
        self.frames += 1
        return self._follower.read(frame, focus=focus)


class PatientClock:
    """The session's clock, which can be made to wait for a busy machine.

    Attributes:
        longest_s: The most by which the clock advances between two looks. At 0.1 s, ten seconds before the camera take
            a hundred frames, however slowly they come.
    """

    def __init__(self) -> None:
        self.longest_s = math.inf
        self._lock = threading.Lock()
        self._last_s = time.perf_counter()
        self._at_s = 0.0

    def __call__(self) -> float:
        with self._lock:
            now_s = time.perf_counter()
            self._at_s += min(self.longest_s, now_s - self._last_s)
            self._last_s = now_s
            return self._at_s


@pytest.fixture(scope="session")
def reader() -> CountingReader:
    return CountingReader(FaceReader())


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return load_settings({"MIEN_HOME": str(tmp_path_factory.mktemp("home"))}).library_path


@pytest.fixture(scope="session")
def clock() -> PatientClock:
    return PatientClock()


@pytest.fixture(scope="session")
def session(reader: CountingReader, database: Path, clock: PatientClock) -> Iterator[Session]:
    rng = np.random.default_rng(1)
    with Database.open(database) as opened:
        library, tastes = Library(opened), TasteStore(opened)
        with Session(reader=reader, library=library, model="mien", rng=rng, clock=clock, tastes=tastes) as session:
            session.warm().result()
            yield session


@pytest.fixture(autouse=True)
def no_corrections(session: Session) -> Iterator[None]:
    """A test that moves the point while a face is seen leaves no correction to the next one."""
    yield
    session.corrections.delete()


@pytest.fixture
def tastes(session: Session, database: Path) -> Iterator[TasteStore]:
    """The store of ratings, picks and plays, empty before and after the test."""
    with Database.open(database) as opened:
        tastes = TasteStore(opened)
        tastes.reset()
        yield tastes
        tastes.reset()


@pytest.fixture
def feeds(session: Session, clock: PatientClock, monkeypatch: pytest.MonkeyPatch) -> list[LiveFeed]:
    """The streams of frames that pages open in this test, by a clock that waits for a busy machine."""
    feeds: list[LiveFeed] = []
    live = session.live

    def open_feed() -> LiveFeed:
        feeds.append(live())
        return feeds[-1]

    monkeypatch.setattr(session, "live", open_feed)
    monkeypatch.setattr(clock, "longest_s", 0.1)
    return feeds


@pytest.fixture(scope="session")
def server(session: Session) -> Iterator[WebServer]:
    with WebServer(session) as server:
        yield server


# -- what the camera sees --------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="session")
def smile(smiling_person: Image) -> Image:
    """A smiling person at the distance of a webcam."""
    return framed(smiling_person[:300, 25:425])


@pytest.fixture(scope="session")
def sober_person() -> tuple[Image, Emotion]:
    """A person who is not happy, and the expression: one of the small faces that scikit-image ships."""
    from skimage import data

    return least_happy(FaceReader(), (enlarged(face) for face in data.lfw_subset()[:100]))


@pytest.fixture(scope="session")
def smiling_film(films: Path, smile: Image) -> Path:
    return write_film(films / "smiling.mjpeg", [(smile, 4)])


@pytest.fixture(scope="session")
def stern_film(films: Path) -> Path:
    """A face that reads as angry although nothing in it has moved: it may be at rest."""
    from skimage import data

    with FaceReader() as reader:
        for picture in map(enlarged, data.lfw_subset()[95:100]):
            found = reader.read(picture)
            if found and found[0].expression.top is Emotion.ANGRY and not is_posed(found[0]):
                return write_film(films / "stern.mjpeg", [(picture, 4)])
    pytest.fail("no face of scikit-image reads as angry at rest")


@pytest.fixture(scope="session")
def changing_film(films: Path, smile: Image, sober_person: tuple[Image, Emotion]) -> Path:
    """A happy face and another expression, three seconds each, in a loop."""
    return write_film(films / "changing.mjpeg", [(smile, 3), (sober_person[0], 3)])


@pytest.fixture(scope="session")
def leaving_film(films: Path, smile: Image) -> Path:
    """A face for three seconds and an empty room for longer than a mood is held, in a loop."""
    return write_film(films / "leaving.mjpeg", [(smile, 3), (empty_room(), 8)])


@pytest.fixture(scope="session")
def dimming_film(films: Path, smile: Image) -> Path:
    """A face in too little light and a covered camera, in a loop."""
    dark = (smile * 0.12).astype(np.uint8)
    return write_film(films / "dimming.mjpeg", [(dark, 4), (np.zeros_like(smile), 4)])


@pytest.fixture(scope="session")
def pair_film(films: Path, smile: Image, sober_person: tuple[Image, Emotion]) -> Path:
    """Two people side by side: the left one smiles and the right one does not."""
    return write_film(films / "pair.mjpeg", [(side_by_side(smile, sober_person[0]), 4)])


# -- the browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.fail("The browser tests need Chromium; install it, for example: sudo apt-get install chromium")


Launch = Callable[..., Browser]


class Chromiums:
    """Starts Chromium, once for each set of flags."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._playwright: Playwright | None = None
        self._browsers: dict[tuple[str, ...], Browser] = {}

    def __call__(self, *flags: str) -> Browser:
        if self._playwright is None:
            self._playwright = sync_playwright().start()
            expect.set_options(timeout=PATIENCE_MS)
        if flags not in self._browsers:
            args = [*OFFLINE_FLAGS, *flags, *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]
            self._browsers[flags] = self._playwright.chromium.launch(executable_path=self._program, args=args)
        return self._browsers[flags]

    def close(self) -> None:
        """Close every Chromium and Playwright; the next call starts them again."""
        for browser in self._browsers.values():
            browser.close()
        self._browsers.clear()
        if self._playwright is not None:
            self._playwright.stop()
        self._playwright = None


_CHROMIUMS = pytest.StashKey[Chromiums]()


@pytest.fixture(scope="session")
def launch(request: pytest.FixtureRequest, chromium: str) -> Iterator[Launch]:
    """Starts Chromium with flags, once for each set of flags."""
    request.session.stash[_CHROMIUMS] = Chromiums(chromium)
    yield request.session.stash[_CHROMIUMS]
    request.session.stash[_CHROMIUMS].close()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop Playwright after the last browser test: while it runs, no other test in its thread can run an event loop."""
    if (nextitem is None or Path(__file__).parent not in nextitem.path.parents) and _CHROMIUMS in item.session.stash:
        item.session.stash[_CHROMIUMS].close()


@dataclass
class Witness:
    """The requests of a page, and its errors and warnings."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext, *, complaints: bool) -> None:
        """Record every request, its workers' included, and errors if ``complaints``."""
        context.on("request", lambda request: self.requests.append(request.url))
        if complaints:
            context.on("console", self._hear)
            context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({message.location.get('url')})")


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(launch: Launch, server: WebServer) -> Iterator[OpenPage]:
    """Opens the page; the test fails if the page made a request to another machine or logged an error."""
    witness = Witness()
    with ExitStack() as stack:

        def open_page(
            *flags: str,
            url: str = server.url,
            complains: bool = False,
            untouched: bool = False,
            size: dict[str, int] = DESK,
            **options: Any,
        ) -> Page:
            context = launch(*flags).new_context(viewport=size, **options)
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            context.add_init_script(NOTES_STAY)
            witness.watch(context, complaints=not complains)
            page = context.new_page()
            page.goto(url)
            # Waiting for an element counts as a user gesture.
            if not untouched:
                page.locator(".queue li").first.wait_for(state="attached")
            return page

        yield open_page
    assert witness.complaints == []
    assert [url for url in witness.requests if urlsplit(url).hostname not in {"127.0.0.1", None}] == []


@pytest.fixture
def happy_page(open_page: OpenPage, smiling_film: Path) -> Page:
    """The page with the camera on and a smiling face read."""
    page = open_page(*camera_flags(smiling_film))
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    return page


@pytest.fixture
def playing_page(open_page: OpenPage) -> Page:
    """The page without a camera, playing music."""
    page = open_page()
    page.get_by_role("button", name="Play", exact=True).click()
    wait_for_music(page)
    return page
