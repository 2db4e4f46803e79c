"""The worker process of ``pool``: ``python -m mien.music.analysis.worker``.

It reads paths from stdin, one JSON string per line, and answers each with a line of JSON: the result or the error.
It ends when stdin ends, and thus with its parent: at once, also in the middle of a file.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import TextIO

from mien.music.analysis.pool import analyse_file, to_json


def main() -> None:
    """Answer paths until stdin ends."""
    answers = _private_stdout()
    paths: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read_paths, args=(paths,), daemon=True).start()
    while True:
        print(to_json(analyse_file(Path(json.loads(paths.get())))), file=answers, flush=True)


def _read_paths(paths: queue.SimpleQueue[str]) -> None:
    """Pass on what comes in; end the process, which may be decoding a file for minutes, when nothing more can come."""
    for line in sys.stdin:
        paths.put(line)
    os._exit(0)


def _private_stdout() -> TextIO:
    """The real stdout for answers only; what decoders print on stdout goes to the null device."""
    stdout = os.dup(1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
    return os.fdopen(stdout, "w", encoding="utf-8")


if __name__ == "__main__":
    main()
