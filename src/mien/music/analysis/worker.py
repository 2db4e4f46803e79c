"""The worker that hears files for another process: ``python -m mien.music.analysis.worker``.

It reads a path a line on stdin, as JSON, and answers each with a line on stdout: what was heard, or the reason why
nothing was. It ends with its stdin, and so with whoever started it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TextIO

from mien.music.analysis.pool import hear_file, to_json


def main() -> None:
    """Answer until stdin ends."""
    answers = _private_stdout()
    for line in sys.stdin:
        print(to_json(hear_file(Path(json.loads(line)))), file=answers, flush=True)


def _private_stdout() -> TextIO:
    """The way back, kept from decoders that print complaints: what they write leads nowhere."""
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return os.fdopen(kept, "w", encoding="utf-8")


if __name__ == "__main__":
    main()
