"""``mien faces film.mp4``: rows at once, in files that survive being stopped, in constant memory."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.capture.camera import read_video
from mien.cli.faces.video import FaceNumbering, ResumePoint, read_video_faces
from mien.types import Box, Reading
from tests.fakes import FakeFollower, reading
from tests.waiting import HANG_S

MAIN = [sys.executable, "-c", "from mien.cli import main; main()"]
RATE = 5  # of the films that ``film`` makes


def seen(path: Path) -> list[tuple[float, list[int]]]:
    """Time and tracks of each picture in a file of JSON lines."""
    pictures = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(picture["time_s"], [face["track"] for face in picture["faces"]]) for picture in pictures]


def test_a_face_keeps_its_track_id(mien, film: Callable[..., Path], tmp_path: Path) -> None:
    path = film("film.mp4", frames=10, empty=range(4, 6))
    assert mien("faces", "--every", "0", "--out", tmp_path / "rows.jsonl", path).exit_code == 0
    rows = seen(tmp_path / "rows.jsonl")
    assert [time_s for time_s, _ in rows] == pytest.approx([index / RATE for index in range(10)])
    assert [tracks for _, tracks in rows] == [[1]] * 4 + [[]] * 2 + [[1]] * 4
    second = json.loads((tmp_path / "rows.jsonl").read_text().splitlines()[1])
    assert set(second["faces"][0]["motion"]) == {"brows_per_s", "lids_per_s", "jaw_per_s", "mouth_corners_per_s"}


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_file_cut_anywhere_is_resumed_to_the_same_result(
    mien, film: Callable[..., Path], tmp_path: Path, suffix: str
) -> None:
    path, rows = film("film.mp4", frames=10, empty=range(7, 8)), tmp_path / f"rows.{suffix}"
    photo = tmp_path / "wall, “blue”.png"
    Image.new("RGB", (64, 64), (90, 90, 90)).save(photo)
    arguments = ("faces", "--every", "0", "--out", rows, photo, path, "--resume")
    assert mien(*arguments).exit_code == 0
    whole = rows.read_bytes()
    for keep in (0, 7, len(whole) // 3, len(whole) - 2, len(whole)):
        rows.write_bytes(whole[:keep])
        assert mien(*arguments).exit_code == 0
        complete = whole[:keep].splitlines(keepends=True)[:-2]  # without the cut line and the picture before it
        assert rows.read_bytes().startswith(b"".join(complete))
        assert times_and_tracks(rows) == times_and_tracks_of(whole, tmp_path, suffix)


def times_and_tracks(path: Path) -> list[tuple[str, ...]]:
    """What must be the same after a stop: a face that was found anew may be read a little differently."""
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            return [(row["path"], row["time_s"], row["track"]) for row in csv.DictReader(file)]
    pictures = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(p["path"], str(p["time_s"]), str([face["track"] for face in p["faces"]])) for p in pictures]


def times_and_tracks_of(data: bytes, folder: Path, suffix: str) -> list[tuple[str, ...]]:
    copy = folder / f"copy.{suffix}"
    copy.write_bytes(data)
    return times_and_tracks(copy)


def test_an_existing_file_is_not_overwritten(mien, film: Callable[..., Path], tmp_path: Path) -> None:
    path, rows = film("film.mp4", frames=2), tmp_path / "rows.csv"
    rows.write_text("name,age\nAda,36\n")
    refused = mien("faces", "--out", rows, path)
    assert refused.exit_code == 2
    assert "exists already; add --resume to continue it" in refused.stderr
    refused = mien("faces", "--out", rows, "--resume", path)
    assert refused.exit_code == 1
    assert f"{rows} holds something else than rows of this command" in refused.stderr
    assert rows.read_text() == "name,age\nAda,36\n"


@pytest.mark.parametrize(
    "options",
    [
        ("--resume",),
        ("--out", "rows.txt"),
        ("--out", "nowhere/rows.csv"),
        ("--out", "rows.csv", "--json"),
        ("--plot", "film.jpg"),
        ("--plot", "film.png", "photo.jpg"),
    ],
    ids=" ".join,
)
def test_contradictory_options_are_refused(mien, options: tuple[str, ...]) -> None:
    result = mien("faces", "film.mp4", *options)
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.skipif(os.name != "posix", reason="signals of this kind are POSIX's")
def test_ctrl_c_says_how_to_resume_and_rows_are_written_at_once(
    environment: dict[str, str], film: Callable[..., Path], tmp_path: Path
) -> None:
    path, rows = film("film.mp4", frames=150), tmp_path / "rows.jsonl"
    arguments = [*MAIN, "faces", "--every", "0", "--json", path]
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["time_s"] == 0
        assert process.poll() is None, "the first row came with the last"
        process.kill()
    arguments = [*MAIN, "faces", "--every", "0", "--out", str(rows), str(path)]
    with subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while not rows.exists() or rows.stat().st_size < 500:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=HANG_S)
    assert process.returncode == 130
    assert said.startswith(f"Stopped; {rows} holds the results so far. To continue: mien faces")
    done = len(seen(rows))
    assert 0 < done < 150
    command = shlex.split(said.partition("To continue: ")[2])
    subprocess.run([*MAIN, *command[1:]], env=environment, check=True)
    assert [tracks for _, tracks in seen(rows)] == [[1]] * 150


def test_memory_does_not_grow_with_the_length(environment: dict[str, str], tmp_path: Path) -> None:
    """A look of an hour-long film costs no more than one of a minute: not even one frame in thirty is held on to."""
    side_px, short, long = 2048, 20, 100

    def film(frames: int) -> Path:
        path = tmp_path / f"{frames}.mp4"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mpeg4", rate=Fraction(10))
            stream.width, stream.height, stream.pix_fmt = side_px, side_px, "yuv420p"
            wall = av.VideoFrame.from_ndarray(np.full((side_px, side_px, 3), 120, np.uint8), format="rgb24")
            for _ in range(frames):
                container.mux(stream.encode(wall))
            container.mux(stream.encode())
        return path

    program = (
        "import resource, sys\nfrom mien.cli.app import app\n"
        "for path in sys.argv[1:]:\n"
        "  app(['faces', '--every', '0', '--csv', path], standalone_mode=False)\n"
        "  print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    arguments = [sys.executable, "-c", program, film(short), film(short), film(long)]
    result = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)
    peaks_mb = [int(line) / 1024 for line in result.stderr.splitlines()]
    frame_mb = side_px * side_px * 3 / 2**20
    assert peaks_mb[2] - peaks_mb[1] < (long - short) / 30 * frame_mb


def test_progress_shows_the_share_of_a_video(mien, film: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    class Blind:
        def follow(self, *, max_faces: int) -> FakeFollower:
            return FakeFollower(lambda frame: [])

    path = film("wall.mp4", frames=10, empty=range(10))
    shares = [picture.share for picture in read_video_faces(path, Blind(), every_s=0)]
    assert shares == pytest.approx([index / 10 for index in range(10)], abs=0.01)
    late = read_video_faces(path, Blind(), every_s=0, resume_point=ResumePoint(1.2, {}, tracks=0))
    assert [picture.share for picture in late] == pytest.approx([0.6, 0.7, 0.8, 0.9], abs=0.01)

    advances: list[float] = []

    @contextmanager
    def progress(total: float, **_: object) -> Iterator[Callable[..., None]]:
        yield lambda done, _: advances.append(done / total)

    monkeypatch.setattr("mien.cli.faces.command.progress", progress)
    assert mien("faces", "--json", path, path).exit_code == 0
    assert advances == pytest.approx([0, 0, 0.15, 0.25, 0.4, 0.5, 0.5, 0.65, 0.75, 0.9], abs=0.06)


class TestBadVideos:
    """One clear sentence each; the rows before it stay."""

    def read(self, mien, path: Path, tmp_path: Path) -> tuple[str, int]:
        rows = tmp_path / "rows.jsonl"
        result = mien("faces", "--every", "0", "--out", rows, path)
        assert result.exit_code == 1
        (sentence,) = result.stderr.splitlines()
        assert sentence.startswith(str(path))
        return sentence, len(seen(rows)) if rows.exists() else 0

    def test_cut_off_in_the_middle(self, mien, film: Callable[..., Path], tmp_path: Path) -> None:
        whole = film("whole.mkv", frames=40)
        path = tmp_path / "half.mkv"
        path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        sentence, count = self.read(mien, path, tmp_path)
        assert re.search(r"should last 8\.\d s, but ends after \d\.\d s; if it was cut off, copy", sentence)
        assert 5 < count < 35

    def test_sound_alone_even_with_a_cover(self, mien, tmp_path: Path) -> None:
        path = tmp_path / "song.mkv"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
            sound.rate = 8000
            container.mux(stream.encode(sound))
            container.mux(stream.encode())
        assert "has no picture in it, only sound; choose a video" in self.read(mien, path, tmp_path)[0]

    def test_video_without_duration_is_rejected(self, mien, tmp_path: Path) -> None:
        path = tmp_path / "nothing.mkv"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mpeg4", rate=5)
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
            container.start_encoding()
        sentence, count = self.read(mien, path, tmp_path)
        assert "is damaged or is not a video; copy it again from the original" in sentence
        assert count == 0


def test_a_frame_size_that_changes_is_followed(mien, tmp_path: Path, smiling_person: NDArray[np.uint8]) -> None:
    path = tmp_path / "phone.mjpeg"
    with path.open("wb") as file:
        for side_px in (256, 256, 384, 384):
            Image.fromarray(smiling_person).resize((side_px, side_px)).save(file, "JPEG", quality=92)
    result = mien("faces", "--every", "0", "--json", path)
    assert (result.exit_code, result.stderr) == (0, "")
    boxes = [json.loads(line)["faces"][0]["box"] for line in result.stdout.splitlines()]
    assert boxes[2][0] == pytest.approx(1.5 * boxes[1][0], rel=0.05)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.avi"])
def test_reading_from_a_time_gives_the_frames_from_then_on(film: Callable[..., Path], name: str) -> None:
    path = film(name, frames=40)
    every = list(read_video(path))
    for start_s in (0.0, 2.5999, 6.2, 7.8, 99.0):
        late = list(read_video(path, start_s=start_s))
        expected = [frame for frame in every if frame.time_s >= start_s]
        assert [frame.time_s for frame in late] == [frame.time_s for frame in expected]
        for one, other in zip(late, expected, strict=True):
            np.testing.assert_array_equal(one.image, other.image)


def test_after_a_stop_faces_keep_their_track_ids() -> None:
    def at(track_id: int, x: float) -> Reading:
        from dataclasses import replace

        seen = reading(track_id=track_id)
        return replace(seen, face=replace(seen.face, box=Box(x, 20, 100, 120)))

    numbering = FaceNumbering(ResumePoint(3.0, {4: Box(300, 22, 100, 118), 2: Box(12, 20, 100, 120)}, tracks=6))

    def numbers(*readings: Reading) -> Iterator[int | None]:
        return (found.face.track_id for found in numbering.numbered(readings))

    assert list(numbers(at(1, 10), at(2, 305), at(3, 600))) == [2, 4, 7]
    assert list(numbers(at(3, 10), at(5, 300))) == [7, 8]
