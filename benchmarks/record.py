"""Writes the results of a benchmark to ``benchmarks/results/``, with the machine and the commit they are from."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from mien.cli.bench.machine import describe_code, describe_machine, is_dirty

RESULTS = Path(__file__).resolve().parent / "results"


def circumstances() -> list[str]:
    """The commit, the date and the machine in lines of Markdown."""
    machine = describe_machine()
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return [
        f"- commit {describe_code()}, {date.today().isoformat()}",
        f"- machine: {machine['processor']}, {machine['cores']} cores, load {machine['load']}; {machine['system']}",
        f"- Python {machine['python']}, {packages}",
    ]


def save(name: str, text: str) -> Path:
    """Write results to a file named after the day, the commit and the benchmark, and return its path.

    Results of code with uncommitted changes go to a folder that git ignores, because no commit reproduces them.
    """
    code = describe_code()
    folder = RESULTS / "uncommitted" if is_dirty(code) else RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{date.today().isoformat()}-{code}-{name}.md"
    path.write_text(text + "\n", encoding="utf-8")
    return path
