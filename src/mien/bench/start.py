"""Measures how long a fresh process takes to import mien and to read its first face."""

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
    """Medians over fresh processes.

    Attributes:
        import_s: ``import mien``.
        first_reading_s: From before the import to the first mood of a photo.
        process_s: The same with the interpreter's start and exit.
    """

    import_s: float
    first_reading_s: float
    process_s: float


def measure_start(photo: Path, *, times: int = 3) -> StartTimes:
    """Start ``times`` fresh processes that read a photo of a face; raises ``RuntimeError`` if one fails.

    From the second process on, files are in the system's cache, so disk access is not measured.
    """
    imports = [_run(_IMPORT)[0] for _ in range(times)]
    readings = [_run(_FIRST_READING, str(photo)) for _ in range(times)]
    return StartTimes(
        import_s=statistics.median(imports),
        first_reading_s=statistics.median(inside for inside, _ in readings),
        process_s=statistics.median(outside for _, outside in readings),
    )


def _run(program: str, *arguments: str) -> tuple[float, float]:
    """The seconds that a program prints, and those that its process took."""
    started_s = time.perf_counter()
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  fixed arguments
    took_s = time.perf_counter() - started_s
    if done.returncode != 0:
        raise RuntimeError(f"a fresh process could not read a face: {done.stderr.strip()}")
    return float(done.stdout), took_s
