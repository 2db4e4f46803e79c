"""``mien faces --out rows --resume``: nothing is lost or written twice, and foreign files are not changed."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.cli.faces.pictures import Picture, picture_layout
from mien.cli.faces.row_file import RowFile
from tests.fakes import reading

Film = Callable[..., Path]
SUFFIXES = pytest.mark.parametrize("suffix", ["csv", "jsonl"])


def looks(rows: Path) -> list[tuple[str, float | None]]:
    """Name and time of each picture, in the file's order."""
    if rows.suffix == ".csv":
        with rows.open(newline="") as file:
            return [
                (Path(row["path"]).name, float(row["time_s"]) if row["time_s"] else None)
                for row in csv.DictReader(file)
            ]
    return [(Path(line["path"]).name, line["time_s"]) for line in map(json.loads, rows.read_text().splitlines())]


def times(rows: Path, name: str) -> list[float | None]:
    return [time_s for other, time_s in looks(rows) if other == name]


@pytest.fixture
def films(film: Film, tmp_path: Path) -> tuple[Path, Path]:
    """Two of two seconds, looked at every half second: a face, and a wall."""
    shutil.copy(film("face.mp4", frames=10), tmp_path / "face.mp4")
    shutil.copy(film("wall.mp4", frames=10, empty=range(10)), tmp_path / "wall.mp4")
    return tmp_path / "face.mp4", tmp_path / "wall.mp4"


@SUFFIXES
def test_rows_of_other_videos_are_kept(mien, films: tuple[Path, Path], tmp_path: Path, suffix: str) -> None:
    face, wall = films
    rows = tmp_path / f"rows.{suffix}"
    assert mien("faces", "--out", rows, wall).exit_code == 0
    before = rows.read_bytes()
    assert mien("faces", "--out", rows, "--resume", face).exit_code == 0
    assert rows.read_bytes().startswith(before)
    assert times(rows, "face.mp4") == times(rows, "wall.mp4")
    cut = rows.read_bytes()[:-9]
    rows.write_bytes(cut)
    assert mien("faces", "--out", rows, "--resume", wall).exit_code == 0
    assert rows.read_bytes() == cut, "nothing of the film was missing"


@SUFFIXES
def test_a_repaired_video_is_resumed_after_the_rows_of_others(
    mien, film: Film, films: tuple[Path, Path], tmp_path: Path, suffix: str
) -> None:
    whole = film("long.mkv", frames=40)
    path, rows = tmp_path / "long.mkv", tmp_path / f"rows.{suffix}"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert mien("faces", "--out", rows, path, films[1]).exit_code == 1
    before = rows.read_bytes()
    assert 2 < len(times(rows, "long.mkv")) < 10
    again = mien("faces", "--out", rows, "--resume", path, films[1])
    assert (again.exit_code, "should last 8.0 s" in again.stderr) == (1, True)
    shutil.copy(whole, path)
    assert mien("faces", "--out", rows, "--resume", path, films[1]).exit_code == 0
    assert rows.read_bytes().startswith(before.rpartition(b"\n")[0].rpartition(b"\n")[0])
    assert len(times(rows, "wall.mp4")) == 4
    mended = times(rows, "long.mkv")
    assert mien("faces", "--out", tmp_path / f"fresh.{suffix}", path).exit_code == 0
    assert mended == times(tmp_path / f"fresh.{suffix}", "long.mkv")
    tracks = {line.split(",")[2] for line in rows.read_text().splitlines() if "long.mkv" in line}
    assert suffix == "jsonl" or tracks == {"1"}


@SUFFIXES
def test_another_path_to_the_same_video_is_recognised(
    mien, films: tuple[Path, Path], tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.fromarray(np.full((40, 40, 3), 90, np.uint8)).save(tmp_path / "wall.png")
    monkeypatch.chdir(tmp_path)
    rows = tmp_path / f"rows.{suffix}"
    assert mien("faces", "--out", rows, "wall.png", "face.mp4", "wall.mp4", "./face.mp4").exit_code == 0
    once = looks(rows)
    assert len(once) == 9
    named = [tmp_path / "wall.png", films[0], films[1]]
    assert mien("faces", "--out", rows, "--resume", *named).exit_code == 0
    assert looks(rows) == once
    assert str(tmp_path) not in rows.read_text()


@pytest.mark.parametrize(
    ("options", "films_frames", "sentence"),
    [
        (
            ("--every", "1"),
            40,
            "has rows that begin at 0 and 0.6 s, but its pictures now begin at 0 and 1 s",
        ),
        (
            ("--every", "0"),
            40,
            "but its pictures now begin at 0 and 0.2 s; give the same --every as then, or, if the video was",
        ),
        ((), 10, "has no picture at 7.8 s, where its rows stop; if the video was replaced, name another file"),
    ],
)
def test_a_video_that_does_not_match_its_rows_is_refused(
    mien, film: Film, tmp_path: Path, options: tuple[str, ...], films_frames: int, sentence: str
) -> None:
    path, rows = tmp_path / "film.mp4", tmp_path / "rows.jsonl"
    shutil.copy(film("film.mp4", frames=40), path)
    assert mien("faces", "--out", rows, path).exit_code == 0
    before = rows.read_bytes()
    shutil.copy(film("film.mp4", frames=films_frames), path)
    refused = mien("faces", "--out", rows, "--resume", *options, path)
    assert refused.exit_code == 1
    assert sentence in refused.stderr
    assert rows.read_bytes() == before


FACE = {"track": 1, "box": [1, 2, 3, 4], "valence": 0, "arousal": 0} | {
    "probabilities": dict.fromkeys(("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"), 0.1)
}


def line(**changes: object) -> str:
    return json.dumps({"path": "a.mp4", "time_s": 1.0, "faces": [FACE]} | changes) + "\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notes.jsonl", "my precious notes without newline"),
        ("notes.jsonl", line() + "my precious notes behind rows"),
        ("notes.csv", "name,age"),
        ("notes.csv", "path,time_s,track,x,y,width,height,and_more"),
        ("list.jsonl", "[1, 2]\n"),
        ("text.jsonl", '"path"\n'),
        ("face.jsonl", line(faces=[{"box": [1, 2, 3, 4]}])),
        ("track.jsonl", line(faces=[FACE | {"track": "1"}])),
        ("box.jsonl", line(faces=[FACE | {"box": [1, 2, 3]}])),
        ("emotion.jsonl", line(faces=[FACE | {"probabilities": {"happy": 1}}])),
        ("faces.jsonl", line(faces=7)),
        ("time.jsonl", line(time_s="1.0")),
        ("nan.jsonl", line(time_s=float("nan"))),
        ("huge.jsonl", line().replace("1.0", "1" * 400)),
        ("path.jsonl", line(path=["x"])),
        ("nul.jsonl", line(path="a\0b")),
        ("half.jsonl", line(path="\ud800")),
        ("deep.jsonl", "[" * 100_000 + "\n"),
        ("bytes.jsonl", "\x00\x01\x02"),
    ],
)
def test_a_foreign_file_is_refused_and_not_changed(
    mien, films: tuple[Path, Path], tmp_path: Path, name: str, text: str
) -> None:
    rows = tmp_path / name
    rows.write_text(text)
    refused = mien("faces", "--out", rows, "--resume", films[1])
    assert refused.exit_code == 1
    assert refused.stderr == f"Error: {rows} holds something else than rows of this command; name another file.\n"
    assert rows.read_text() == text


@pytest.mark.parametrize(
    "broken", ["wrong length\n", "face.mp4,soon" + "," * 20 + "\n", '"face.mp4"!,' + "," * 20 + "\n"]
)
def test_foreign_rows_under_our_header_are_refused(mien, films: tuple[Path, Path], tmp_path: Path, broken: str) -> None:
    rows = tmp_path / "rows.csv"
    assert mien("faces", "--out", rows, films[0]).exit_code == 0
    text = rows.read_text() + broken + rows.read_text().splitlines()[1] + "\n"
    rows.write_text(text)
    assert mien("faces", "--out", rows, "--resume", films[1]).exit_code == 1
    assert rows.read_text() == text


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "folder.csv", "loop.jsonl"])
@pytest.mark.parametrize("options", [(), ("--resume",)], ids=["anew", "resumed"])
def test_a_file_that_cannot_be_opened_is_an_error(
    mien, films: tuple[Path, Path], tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "loop.jsonl").symlink_to("loop.jsonl")
    result = mien("faces", "--out", tmp_path / name, *options, films[1])
    assert result.exit_code in (1, 2)
    assert re.search(r"cannot be written \(|is a directory", result.stderr)


@SUFFIXES
def test_an_incomplete_last_picture_is_replaced_and_none_is_written_twice(tmp_path: Path, suffix: str) -> None:
    rows = tmp_path / f"rows.{suffix}"
    both = [reading(track_id=1), reading(track_id=2, x_px=300)]

    def look(name: str, time_s: float) -> Picture:
        return Picture(tmp_path / name, time_s, both, share=0.5)

    with RowFile(rows, picture_layout()) as file:
        for picture in (look("a.mp4", 0), look("a.mp4", 0.5), look("b.mp4", 0)):
            file.write(picture)
    whole = rows.read_bytes()
    rows.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 1])  # a face less in CSV, a picture less in JSON
    with RowFile(rows, picture_layout()) as file:
        stop = file.resume_point(tmp_path / "a.mp4")
        assert stop is not None
        assert (stop.time_s, set(stop.faces), stop.tracks, stop.first_s) == (0.5, {1, 2}, 2, (0, 0.5))
        assert [time_s for time_s, _ in file.readings(tmp_path / "a.mp4")] == [0]
        file.write(look("b.mp4", 0))
        for picture in (look("a.mp4", 0.5), look("b.mp4", 0)):
            file.write(picture)
        assert rows.read_bytes() == whole
        file.write(look("a.mp4", 1))
    assert times(rows, "a.mp4") == [time_s for time_s in (0, 0.5, 1) for _ in range(2 if suffix == "csv" else 1)]


@pytest.mark.skipif(os.name != "posix", reason="names of two lines are POSIX's")
def test_a_file_may_be_cut_within_a_name_of_two_lines(mien, films: tuple[Path, Path], tmp_path: Path) -> None:
    path, rows = tmp_path / "wall\nblue.mp4", tmp_path / "rows.csv"
    films[1].rename(path)
    assert mien("faces", "--out", rows, path).exit_code == 0
    whole = rows.read_bytes()
    rows.write_bytes(whole[: whole.rindex(b"\n", 0, -1) - len(b"blue.mp4") + 3])
    assert mien("faces", "--out", rows, "--resume", path).exit_code == 0
    assert rows.read_bytes() == whole
