"""Keeps what a benchmark found: where it ran, at which commit, in ``benchmarks/results/``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from mien.cli.bench.machine import describe_code, describe_machine

RESULTS = Path(__file__).resolve().parent / "results"


def circumstances() -> list[str]:
    """Markdown lines that say when, where and of what."""
    machine = describe_machine()
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return [
        f"- commit {describe_code()}, {date.today().isoformat()}",
        f"- machine: {machine['processor']}, {machine['cores']} cores, load {machine['load']}; {machine['system']}",
        f"- Python {machine['python']}, {packages}",
    ]


def keep(name: str, text: str) -> Path:
    """Write results to a file named for the day, the commit and the benchmark, and say where."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{date.today().isoformat()}-{describe_code()}-{name}.md"
    path.write_text(text + "\n", encoding="utf-8")
    return path
