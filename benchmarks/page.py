"""Measures what the page costs to load in real Chromium: requests, bytes, time until it responds, and layout shift.

    python -m benchmarks.page [--loads 15] [--trial]

Needs Chromium, and Playwright from ``mien[dev]``. Each load has an empty cache; the server is ``mien serve`` in a
process of its own on the same machine, and the first load, for which it links the page, is not counted. The page
responds when its script has run and its controls are connected (the end of the event DOMContentLoaded), and is complete
when the first tracks are listed. Bytes are those on the wire; "own" are the page, its scripts, styles and icon.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

from benchmarks import record
from benchmarks.browser import THREADS, launch_browser
from mien.bench.server import BenchServer
from mien.bench.timing import timing

LAYOUT_SHIFT: Final = """
    globalThis.benchShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) globalThis.benchShift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
"""

TIMES: Final = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const files = [page, ...performance.getEntriesByType("resource")];
    const own = files.filter(({ name }) => !name.includes("/api/"));
    const wire = (entries) => entries.reduce((sum, { transferSize }) => sum + transferSize, 0);
    return {
        responds_ms: page.domContentLoadedEventEnd,
        complete_ms: performance.now(),
        requests: files.length,
        own_requests: own.length,
        own_bytes: wire(own),
        shift: globalThis.benchShift,
    };
}"""


@dataclass(frozen=True, slots=True)
class Load:
    """One load of the page: times from the navigation's start, requests, bytes on the wire, cumulative layout shift."""

    responds_ms: float
    complete_ms: float
    requests: int
    own_requests: int
    own_bytes: int
    shift: float


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loads", type=int, default=15, help="how often to load the page (15)")
    parser.add_argument("--trial", action="store_true", help="keep nothing")
    options = parser.parse_args()
    text = report(measure(options.loads))
    print(text)
    if not options.trial:
        record.save("page", text)


def measure(loads: int) -> list[Load]:
    """Load the page so many times; exits if there is no Chromium."""
    with BenchServer(classifier="mien", threads=THREADS) as server, sync_playwright() as playwright:
        browser = launch_browser(playwright)
        measured = [_load(browser, server.url) for _ in range(loads + 1)]
        browser.close()
    return measured[1:]


def _load(browser: Browser, url: str) -> Load:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(LAYOUT_SHIFT)
    page.goto(url)
    page.wait_for_function("() => document.querySelector('.queue li') !== null", polling="raf", timeout=60_000)
    times: Any = page.evaluate(TIMES)
    context.close()
    return Load(**times)


def report(loads: Sequence[Load]) -> str:
    """The results as Markdown."""
    responds = timing([load.responds_ms for load in loads])
    complete = timing([load.complete_ms for load in loads])
    most = max(loads, key=lambda load: load.requests)
    return "\n".join(
        [
            "# Loading the page",
            "",
            *record.circumstances(),
            f"- headless Chromium, 1440x900, an empty cache, {len(loads)} loads",
            "",
            "| measure | median | p95 |",
            "|---|--:|--:|",
            f"| until the page responds, ms | {responds.median_ms:.0f} | {responds.p95_ms:.0f} |",
            f"| until the first tracks are listed, ms | {complete.median_ms:.0f} | {complete.p95_ms:.0f} |",
            f"| requests, at most (own files: {most.own_requests}) | {most.requests} | |",
            f"| own files on the wire, kB, at most | {max(load.own_bytes for load in loads) / 1000:.1f} | |",
            f"| cumulative layout shift, at most | {max(load.shift for load in loads):.4f} | |",
        ]
    )


if __name__ == "__main__":
    main()
