"""Output in a terminal: colours, and progress that does not mix with the data."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from PIL import Image

from tests.waiting import HANG_S

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")

MAIN = [sys.executable, "-c", "from mien.cli import main; main()"]
COLOUR = re.compile(r"\x1b\[[0-9;]*(3[0-7]|38;|4[0-7]|48;|9[0-7])[0-9;]*m")

InTerminal = Callable[..., tuple[str, str]]


@pytest.fixture
def in_terminal(environment: dict[str, str]) -> InTerminal:
    """Runs mien with ``streams`` ("stdout", "stderr") on a terminal; gives what came there, and on a piped stdout."""
    import pty

    def run(*arguments: str | Path, streams: set[str], status: int = 0, **environ: str) -> tuple[str, str]:
        ours, theirs = pty.openpty()
        seen: list[bytes] = []

        def listen() -> None:
            while True:
                try:
                    piece = os.read(ours, 4096)
                except OSError:  # the other end is closed
                    return
                if not piece:
                    return
                seen.append(piece)

        listener = Thread(target=listen)
        listener.start()
        places = {name: theirs if name in streams else subprocess.PIPE for name in ("stdout", "stderr")}
        unset = ("NO_COLOR", "FORCE_COLOR", "COLUMNS")
        kept = {name: value for name, value in environment.items() if name not in unset}
        result = subprocess.run(
            [*MAIN, *map(str, arguments)],
            env=kept | {"TERM": "xterm-256color", "COLUMNS": "100"} | environ,
            text=True,
            check=False,
            timeout=HANG_S,
            **places,
        )
        assert result.returncode == status
        os.close(theirs)
        listener.join(timeout=HANG_S)
        os.close(ours)
        return b"".join(seen).decode(), result.stdout or ""

    return run


@pytest.fixture
def crops(tmp_path: Path) -> Path:
    folder = tmp_path / "crops"
    rng = np.random.default_rng(0)
    for index in range(30):
        path = folder / ("happy", "sad")[index % 2] / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (48, 48), np.uint8)).save(path)
    return folder


def test_colours_appear_in_a_terminal_unless_no_color_is_set(in_terminal, crops: Path) -> None:
    shown, _ = in_terminal("evaluate", "--crops", crops, streams={"stdout"})
    assert COLOUR.search(shown)
    assert "accuracy" in shown
    plain, _ = in_terminal("evaluate", "--crops", crops, streams={"stdout"}, NO_COLOR="1")
    assert not COLOUR.search(plain)
    _, piped = in_terminal("evaluate", "--crops", crops, streams=set())
    assert "\x1b" not in piped
    assert "accuracy" in piped


def test_progress_shows_on_stderr_and_data_stays_on_stdout(in_terminal, crops: Path) -> None:
    seen, data = in_terminal("evaluate", "--crops", "--json", crops, streams={"stderr"})
    assert re.search(r"\d+/30", seen)
    assert "pictures/s" in seen or "a picture" in seen
    assert json.loads(data)["n"] == 30


def test_rows_stay_on_stdout_while_the_bar_is_up(in_terminal, crops: Path) -> None:
    seen, data = in_terminal("faces", "--json", crops, streams={"stderr"})
    assert "/30" in seen
    assert '"path"' not in seen
    assert len([json.loads(line) for line in data.splitlines()]) == 30


def test_there_is_no_bar_if_rows_appear_on_the_same_terminal(in_terminal, crops: Path) -> None:
    seen, _ = in_terminal("faces", "--csv", crops, streams={"stdout", "stderr"})
    assert "/30" not in seen
    assert seen.count("\n") == 31


def test_a_table_wraps_in_a_terminal_only(in_terminal, crops: Path) -> None:
    seen, _ = in_terminal("faces", crops, streams={"stdout"}, COLUMNS="60")
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in seen.splitlines()) <= 60
    _, piped = in_terminal("faces", crops, streams=set(), COLUMNS="60")
    assert str(crops / "happy" / "0.png") in piped


def test_a_message_has_a_line_of_its_own_above_the_bar(in_terminal, crops: Path) -> None:
    (crops / "happy" / "broken.png").write_text("Dear all")
    seen, _ = in_terminal("evaluate", "--crops", crops, streams={"stderr"}, status=1)
    before, _, _ = seen.partition(str(crops / "happy" / "broken.png"))
    assert before.endswith(("\x1b[2K", "\n"))


def test_a_file_name_is_not_parsed_as_markup(in_terminal, crops: Path) -> None:
    path = (crops / "happy" / "0.png").rename(crops / "[red]angry[bold].png")
    seen, _ = in_terminal("faces", path, streams={"stdout", "stderr"}, COLUMNS="300")
    assert "[red]angry[bold].png" in seen
