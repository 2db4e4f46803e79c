"""Actions on the page, and waits for what it shows."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from playwright.sync_api import Page

from mien.mood.circumplex import EXPRESSION_WORDS
from mien.types import Emotion
from tests.waiting import HANG_S

DESK = {"width": 1440, "height": 900}
SMALL_DESK = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}

AUDIO = "document.querySelector('audio[data-channel=current]')"
"""The audio element of the track that plays; the second one is for the track that comes next or fades out."""

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

PATIENCE_MS = 1000 * HANG_S
"""The limit of every wait in the browser, in milliseconds."""

NOTES_STAY = """
    // A note that hides by itself after some seconds would be gone before a busy machine has looked.
    const wait = window.setTimeout;
    window.setTimeout = (call, delayMs, ...rest) => wait(call, delayMs >= 8_000 ? 3_600_000 : delayMs, ...rest);
"""

FAKE_CAMERA = "--use-fake-device-for-media-stream"


def camera_flags(film: Path | None = None) -> tuple[str, ...]:
    """Flags for a camera that is allowed; it shows a film, or Chromium's test pattern, which has no face."""
    shows = [f"--use-file-for-fake-video-capture={film}"] if film else []
    return (FAKE_CAMERA, "--use-fake-ui-for-media-stream", *shows)


def turn_on_camera(page: Page) -> None:
    """Press the button that turns the camera on."""
    page.get_by_role("button", name="Turn on the camera").click()


def wait_for_expression(page: Page, expression: str) -> None:
    """Wait until the page names this expression, an ``Emotion``, and its bar is the longest."""
    page.wait_for_function(
        """(expression) => {
            const words = document.querySelector(".expression-words").textContent.toLowerCase();
            const bars = [...document.querySelectorAll("[role=meter]")];
            const longest = bars.reduce((a, b) => (+b.ariaValueNow > +a.ariaValueNow ? b : a));
            return words === expression && longest.ariaLabel === expression;
        }""",
        arg=EXPRESSION_WORDS[Emotion(expression)],
    )


def wait_for_music(page: Page, *, beyond_s: float = 0.0) -> float:
    """Wait until the player is beyond a position and goes on from there; returns its position in seconds."""
    page.wait_for_function(
        f"(beyond) => {{ const {{ currentTime, paused }} = {AUDIO}; return !paused && currentTime > beyond; }}",
        arg=beyond_s,
    )
    position_s = elapsed_s(page)
    page.wait_for_function(f"(then) => {AUDIO}.currentTime > then + 0.2", arg=position_s)
    return elapsed_s(page)


def press_twice(page: Page, key: str) -> None:
    """Press a key twice at once, however busy the machine is."""
    page.evaluate(
        """(key) => {
            for (let press = 0; press < 2; press += 1) {
                document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
            }
        }""",
        key,
    )


def let_it_act(page: Page) -> None:
    """Give the page time to act on what it has received, for tests in which nothing must happen."""
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))"
    )


def violations(page: Page) -> list[str]:
    """The violations that axe-core finds, one line each."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def elapsed_s(page: Page) -> float:
    """The position of the player, in seconds."""
    return page.evaluate(f"{AUDIO}.currentTime")


def playing_title(page: Page) -> str:
    """The title of the track in the player."""
    return page.locator(".player-title").inner_text()


def queue_titles(page: Page) -> list[str]:
    """The titles in the queue."""
    return page.locator(".queue-title").all_text_contents()


def shown_mood(page: Page) -> tuple[float, float]:
    """Valence and arousal of the point on the plane, -1..1 each."""
    valence, arousal = page.evaluate(
        "(() => { const { ariaValueNow, dataset } = document.querySelector('.plane-point');"
        " return [+ariaValueNow, +dataset.arousal]; })()"
    )
    return valence / 100, arousal / 100


def set_mood_by_keys(page: Page, *, right: int = 0, up: int = 0) -> None:
    """Move the point with the arrow keys.

    Args:
        page: The page to act on.
        right: The number of presses to the right; negative for the left.
        up: The number of presses upwards; negative for down.
    """
    point = page.get_by_role("slider", name="Mood")
    point.focus()
    for presses, forth, back in ((right, "ArrowRight", "ArrowLeft"), (up, "ArrowUp", "ArrowDown")):
        for _ in range(abs(presses)):
            page.keyboard.press(forth if presses > 0 else back)
