"""Measures the page in real Chromium: the delay from a camera frame to its display with the overlay, and frames/s.

    python -m benchmarks.browser [--seconds 8] [--trial]

Needs Chromium, and Playwright from ``mien[dev]``. The camera is Chromium's fake one, with 30 frames a second of a
moving face; the server is ``mien serve`` in a process of its own, on the same machine. The page is not changed: timing
is injected. A frame's time begins when the page's worker gets it from the camera, and ends when the page has drawn it
with its overlay; the next refresh of the screen is not included.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from benchmarks import record
from mien.bench.scenes import moving_faces
from mien.bench.server import BenchServer
from mien.bench.timing import Timing, timing
from mien.cli.bench.report import read_faces

THREADS = 2
WARM_UP_MS = 2000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

OFFLINE_FLAGS: Final = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but this machine has a name.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
"""Flags that let Chromium connect to this computer only; also used by the browser tests."""

FAKE_CAMERA_FLAGS: Final = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")

#: For the page: records when each reading was drawn. The page's ``onmessage`` draws synchronously.
PAGE_CLOCK: Final = """
    globalThis.benchDrawn = [];
    const { set } = Object.getOwnPropertyDescriptor(Worker.prototype, "onmessage");
    Object.defineProperty(Worker.prototype, "onmessage", {
      set(handler) {
        set.call(this, (event) => {
          handler.call(this, event);
          const { type, takenMs, picture } = event.data;
          const drawnMs = performance.timeOrigin + performance.now();
          if (type === "reading" && picture && takenMs) globalThis.benchDrawn.push([drawnMs, drawnMs - takenMs]);
        });
      },
    });
"""

#: For the frame worker: adds to each reading when its frame came from the camera. One frame is in flight at a time.
WORKER_CLOCK: Final = """
    () => {
      const now = () => performance.timeOrigin + performance.now();
      let cameMs = 0;
      let takenMs = 0;
      const { read } = ReadableStreamDefaultReader.prototype;
      ReadableStreamDefaultReader.prototype.read = async function () {
        const result = await read.call(this);
        cameMs = now();
        return result;
      };
      const { convertToBlob } = OffscreenCanvas.prototype;
      OffscreenCanvas.prototype.convertToBlob = function (...options) {
        takenMs = cameMs;
        return convertToBlob.apply(this, options);
      };
      const post = self.postMessage.bind(self);
      self.postMessage = (message, options) =>
        post(message.type === "reading" ? { ...message, takenMs } : message, options);
    }
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """The ``delay`` from frame to display, and the frames displayed a second, over ``seconds``."""

    delay: Timing
    pictures_per_s: float
    seconds: float


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=8, help="how long to look (8)")
    parser.add_argument("--trial", action="store_true", help="keep nothing")
    options = parser.parse_args()
    text = report(measure(options.seconds))
    print(text)
    if not options.trial:
        record.save("browser", text)


def measure(seconds: float) -> Seen:
    """Measure the page with a moving face for so many seconds; exits if there is no Chromium."""
    with (
        tempfile.TemporaryDirectory() as folder,
        BenchServer(classifier="mien", threads=THREADS) as server,
        sync_playwright() as playwright,
    ):
        film = Path(folder) / "face.mjpeg"
        film.write_bytes(b"".join(moving_faces(read_faces([]))))
        browser = launch_browser(playwright, *FAKE_CAMERA_FLAGS, f"--use-file-for-fake-video-capture={film}")
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        drawn = _watched(page, server.url, seconds)
        browser.close()
    first_ms, last_ms = drawn[0][0], drawn[-1][0]
    watched_s = (last_ms - first_ms) / 1000
    return Seen(timing([delay_ms for _, delay_ms in drawn]), (len(drawn) - 1) / watched_s, watched_s)


def launch_browser(playwright: Playwright, *flags: str) -> Browser:
    """Start Chromium, which connects to this computer only; exits if there is none."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        sys.exit("There is no Chromium; install it, for example: sudo apt-get install chromium")
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=path, args=[*OFFLINE_FLAGS, *flags, *sandbox])


def _watched(page: Page, url: str, seconds: float) -> list[list[float]]:
    """When each frame was drawn, and its age at that time, in milliseconds."""
    page.add_init_script(PAGE_CLOCK)
    page.goto(url)
    with page.expect_worker() as started:
        page.get_by_role("button", name="Turn on the camera").click()
    started.value.evaluate(WORKER_CLOCK)
    page.wait_for_function("() => benchDrawn.length > 10", timeout=60_000)
    page.wait_for_timeout(WARM_UP_MS)
    print("watching …", file=sys.stderr)
    page.evaluate("benchDrawn.length = 0")
    page.wait_for_timeout(1000 * seconds)
    page.wait_for_function("() => benchDrawn.length > 1", timeout=60_000)
    drawn: Any = page.evaluate("benchDrawn")
    return list(drawn)


def report(seen: Seen) -> str:
    """The results as Markdown."""
    return "\n".join(
        [
            "# From the camera to the picture with its overlay, in the browser",
            "",
            *record.circumstances(),
            "- headless Chromium with its fake camera, 640x480 at 30 frames a second, one face that sways; the server "
            "on the same machine",
            "",
            "| frame to picture with overlay: median ms | p95 ms | pictures a second | seconds |",
            "|---|---|---|---|",
            f"| {seen.delay.median_ms:.1f} | {seen.delay.p95_ms:.1f} | {seen.pictures_per_s:.1f} "
            f"| {seen.seconds:.1f} |",
        ]
    )


if __name__ == "__main__":
    main()
