"""A change of a file by another program is noticed, and two programs do not change it at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mien.storage.file_changes import file_state, locked_folder
from mien.storage.private_file import write_privately
from tests.waiting import HANG_S


def test_every_replacement_changes_the_state(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    assert file_state(path) is None
    for _ in range(5):
        before = file_state(path)
        write_privately(path, "the same")
        assert file_state(path) != before
    assert file_state(path) == file_state(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot lock a folder")
def test_another_program_waits_for_the_lock_and_gets_it_when_its_holder_is_gone(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from mien.storage.file_changes import locked_folder\n"
            "with locked_folder(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()",
            str(tmp_path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    fcntl = pytest.importorskip("fcntl")
    folder = os.open(tmp_path, os.O_RDONLY)
    with pytest.raises(BlockingIOError):
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(folder)
    holder.kill()
    holder.communicate(timeout=HANG_S)
    with locked_folder(tmp_path):
        pass


def test_a_folder_that_is_not_there_is_no_obstacle(tmp_path: Path) -> None:
    with locked_folder(tmp_path / "not there"):
        pass
