"""``mien serve`` starts a real server, says where, and ends with Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from mien import __version__
from tests.waiting import HANG_S


@pytest.mark.skipif(os.name != "posix", reason="signals of this kind are POSIX's")
@pytest.mark.parametrize("program", [["-c", "from mien.cli import main; main()", "serve"], ["main.py"]])
def test_serves_until_ctrl_c(program: list[str], environment: dict[str, str], repository: Path) -> None:
    with subprocess.Popen(
        [sys.executable, *program, "--port", "0", "--no-open", "--follow", "at-once"],
        cwd=repository,
        env=environment | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        words = process.stdout.readline().split()
        (address,) = [word for word in words if word.startswith("http://127.0.0.1:")]
        with urllib.request.urlopen(f"{address}api/v1/status", timeout=HANG_S) as answer:
            status = json.load(answer)
        assert (status["version"], status["follow"]) == (__version__, "at once")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=HANG_S) in {0, 130}
        assert process.stderr.read() == ""


def test_a_port_that_is_taken_is_one_sentence_with_a_remedy(command) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = command("serve", "--no-open", "--port", str(port))
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert f"Port {port} is already in use" in result.stderr
    assert "--port" in result.stderr


def test_only_loopback_addresses_are_accepted(command) -> None:
    result = command("serve", "--no-open", "--host", "0.0.0.0")
    assert (result.returncode, result.stdout) == (1, "")
    assert "loopback" in result.stderr
