"""Runs the tests again and again while other processes keep every core busy.

``python tests/under_load.py --runs 3 [-- PYTEST ARGUMENTS]`` prints, for each run, how long it took and what failed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUSY = [sys.executable, "-c", "while True: pass"]


@contextlib.contextmanager
def busy_cores(count: int) -> Iterator[None]:
    """Keep so many cores busy with a process each."""
    processes = [subprocess.Popen(BUSY) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def run_tests(arguments: list[str]) -> tuple[list[str], float, str]:
    """Run pytest once.

    Returns:
        The names of the tests that failed, the wall time in seconds, and the last line that pytest printed.
    """
    began_s = time.monotonic()
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    lines = []
    for line in run.stdout:
        print(line, end="", flush=True)
        lines.append(line.rstrip("\n"))
    status = run.wait()
    failed = [found[1] for line in lines if (found := re.match(r"(?:FAILED|ERROR) (\S+)", line))]
    if status not in {0, 1}:
        failed.append(f"pytest ended with status {status}")
    return failed, time.monotonic() - began_s, lines[-1] if lines else ""


def main() -> int:
    """Run what the command line asks for; returns 1 if any test failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--busy", type=int, default=os.cpu_count() or 1, help="processes beside the tests")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest, after --")
    options = parser.parse_args()
    failures: Counter[str] = Counter()
    summary = []
    with busy_cores(options.busy):
        for number in range(1, options.runs + 1):
            failed, took_s, last = run_tests(options.pytest)
            failures.update(failed)
            summary.append(f"run {number}: {took_s / 60:.1f} min, {last.strip('= ')}")
    print("", f"beside {options.busy} busy processes:", *summary, sep="\n")
    for name, count in failures.most_common():
        print(f"failed {count} of {options.runs} times: {name}")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
