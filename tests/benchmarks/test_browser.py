"""The benchmark of the page in real Chromium: for one second."""

from __future__ import annotations

from benchmarks.browser import measure, report


def test_pictures_are_counted_and_timed_from_the_camera_to_the_overlay() -> None:
    seen = measure(1)
    assert 0 < seen.delay.median_ms <= seen.delay.p95_ms
    assert seen.pictures_per_s > 0
    assert f"| {seen.delay.median_ms:.1f} | {seen.delay.p95_ms:.1f} | {seen.pictures_per_s:.1f} |" in report(seen)
