"""Mien as a program of its own, under limits, and a small session to throw things at."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.waiting import HANG_S

# The server, the session and the clients for it are those of the tests of the page.
from tests.web.conftest import (  # noqa: F401
    client,
    clock,
    library,
    live,
    origin,
    reader,
    server,
    session,
    tastes,
)


@dataclass
class Program:
    """A running ``mien serve``: its process, its port, and the file with what it says on stderr."""

    process: subprocess.Popen
    port: int
    errors: Path

    def said(self):
        return self.errors.read_text(encoding="utf-8")

    def stop(self):
        """Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(HANG_S)


@pytest.fixture
def serve(tmp_path):
    """A function that starts ``mien serve`` in a home of its own, perhaps with limits that ``limit`` sets."""
    running = []

    def serve(*options, limit=None, home=tmp_path / "home"):
        environ = {name: value for name, value in os.environ.items() if not name.startswith("MIEN_")}
        errors = tmp_path / f"errors-{len(running)}"
        with errors.open("wb") as file:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    "from mien.cli import main; main()",
                    "serve",
                    "--no-open",
                    "--port",
                    "0",
                    *options,
                ],
                env={**environ, "MIEN_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"},
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                preexec_fn=limit,
            )
        running.append(process)
        line = process.stdout.readline()
        assert "http://" in line, errors.read_text(encoding="utf-8")
        return Program(process, int(line.split("/ ")[0].rpartition(":")[2]), errors)

    yield serve
    for process in running:
        process.kill()
        process.communicate(timeout=HANG_S)
