"""Measures how soon a fresh process is ready: to import mien, and to have read its first face."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_IMPORT: Final = "import time; a = time.perf_counter(); import mien; print(time.perf_counter() - a)"

_FIRST_READING: Final = (
    "import sys, time; a = time.perf_counter(); import mien;"
    " readings = mien.FaceReader().read(mien.read_photo(sys.argv[1]));"
    " readings[0].mood; print(time.perf_counter() - a)"
)


@dataclass(frozen=True, slots=True)
class StartTimes:
    """Seconds, each the median of some fresh processes.

    ``import_s`` is ``import mien`` alone; ``first_reading_s`` goes from there to the first mood of a photo's face;
    ``process_s`` is that with the interpreter's own start and end.
    """

    import_s: float
    first_reading_s: float
    process_s: float


def measure_start(photo: Path, *, times: int = 3) -> StartTimes:
    """Start Python some times, with a photo of a face to read; raises ``RuntimeError`` when that fails.

    Files are in the system's cache from the second process on: what is measured is work, not a disk.
    """
    imports = [_run(_IMPORT)[0] for _ in range(times)]
    readings = [_run(_FIRST_READING, str(photo)) for _ in range(times)]
    return StartTimes(
        import_s=statistics.median(imports),
        first_reading_s=statistics.median(inside for inside, _ in readings),
        process_s=statistics.median(outside for _, outside in readings),
    )


def _run(program: str, *arguments: str) -> tuple[float, float]:
    """The seconds that a program says it took, and those that its process took."""
    started_s = time.perf_counter()
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own words
    took_s = time.perf_counter() - started_s
    if done.returncode != 0:
        raise RuntimeError(f"a fresh process could not read a face: {done.stderr.strip()}")
    return float(done.stdout), took_s
