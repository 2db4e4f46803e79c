"""Whole files or the earlier ones, which other accounts cannot read."""

import os
import stat
import subprocess
import sys

import pytest

from mien.live.correction_store import CORRECTIONS_FILE, CorrectionStore
from mien.live.neutral_store import FILE_NAME, NeutralStore
from mien.music.connections import Connections
from mien.music.library.database import Database
from mien.music.library.playlist_store import PlaylistStore
from mien.storage.private_file import make_private_folder, replace_file, write_privately

resource = pytest.importorskip("resource", reason="only POSIX limits the sizes of files")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no modes")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_whatever_a_person_leaves_is_theirs_alone(tmp_path):
    home = tmp_path / "new" / "home"
    with Database.open(home / "library.sqlite3") as database:
        PlaylistStore(database).all()
        write_privately(home / "corrections.json", "{}")
        assert {path.name: mode(path) for path in home.iterdir()} == dict.fromkeys(
            ("library.sqlite3", "library.sqlite3-wal", "library.sqlite3-shm", "corrections.json"), 0o600
        )
    assert mode(home) == 0o700
    assert mode(home.parent) == 0o755


def test_what_an_earlier_mien_left_open_is_mended_where_it_lies(tmp_path):
    home = tmp_path / "home"
    Database.open(home / "library.sqlite3").close()
    for name in (FILE_NAME, CORRECTIONS_FILE, "sources.json", "library.sqlite3-wal", "library.sqlite3-shm"):
        (home / name).touch()
    for path in home.iterdir():
        path.chmod(0o644)
    home.chmod(0o755)
    with Database.open(home / "library.sqlite3"):
        for load in (
            NeutralStore(home / FILE_NAME).load,
            CorrectionStore(home / CORRECTIONS_FILE, network="mien").load,
            Connections.open(home, portable=True).all,
        ):
            with pytest.raises(Exception, match="damaged"):  # they are empty, and mended nevertheless
                load()
    assert {mode(path) for path in home.iterdir()} == {0o600}
    assert mode(home) == 0o700


@pytest.mark.parametrize("other", ["song.mp3", "music/"])
def test_a_folder_that_others_may_need_keeps_its_mode(tmp_path, other):
    home = tmp_path / "shared"
    (home / other).mkdir(parents=True) if other.endswith("/") else (home.mkdir(), (home / other).touch())
    home.chmod(0o755)
    Database.open(home / "library.sqlite3").close()
    assert mode(home) == 0o755
    assert mode(home / "library.sqlite3") == 0o600


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "home").touch()
    with pytest.raises(FileExistsError):
        make_private_folder(tmp_path / "home")


def test_a_file_is_replaced_through_its_link_and_keeps_its_mode(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    replace_file(tmp_path / "link", b"new")
    replace_file(tmp_path / "fresh", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
    assert (mode(tmp_path / "real"), mode(tmp_path / "fresh")) == (0o640, 0o644)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_full_disk_leaves_the_earlier_file_and_nothing_else(tmp_path):
    (tmp_path / "list").write_bytes(b"old")
    code = "import pathlib, mien.storage.private_file as p; p.replace_file(pathlib.Path('list'), bytes(9999))"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert "File too large" in ended.stderr
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("list", b"old")]
