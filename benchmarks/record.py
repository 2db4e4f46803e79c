"""Keeps what a benchmark found: where it ran, at which commit, in ``benchmarks/results/``."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import date
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


def circumstances() -> list[str]:
    """Markdown lines that say when, where and of what."""
    return [
        f"- commit {commit()}, {date.today().isoformat()}",
        f"- machine: {machine()}; Python {platform.python_version()}",
    ]


def keep(name: str, text: str) -> Path:
    """Write results to a file named for the day, the commit and the benchmark, and say where."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{date.today().isoformat()}-{commit()}-{name}.md"
    path.write_text(text + "\n", encoding="utf-8")
    return path


def machine() -> str:
    """The processor, in words, and how many of its cores there are."""
    name = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.is_file():
        lines = information.read_text(encoding="utf-8").splitlines()
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
    return f"{name}, {os.cpu_count()} cores"


def commit() -> str:
    """The commit that was measured."""
    command = ["git", "-C", str(RESULTS.parent), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
