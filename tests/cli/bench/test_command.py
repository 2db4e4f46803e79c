"""``mien bench`` measures the real reader and describes the machine."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from mien.bench.live import LiveMeasurement
from mien.bench.server import MemoryUse
from mien.bench.stages import STAGES
from mien.cli.bench.live_report import BenchResults, as_json, as_markdown, further_face_ms
from mien.cli.bench.machine import describe_machine


def test_the_report_names_machine_and_stages_and_is_written_to_a_file(mien, photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "results" / "here"
    result = mien("bench", "frame", "--photo", photo, "--json", "--out", out)
    assert result.exit_code == 0
    figures = json.loads(result.stdout)
    assert figures["read"] == figures["frames"] == 300
    assert 0 < figures["median_ms"] <= figures["p95_ms"]
    assert list(figures["stages"]) == list(STAGES)
    assert abs(sum(stage["share"] for stage in figures["stages"].values()) - 1) < 0.01
    assert figures["python"] == platform.python_version()
    assert figures["processor"]
    assert figures["cores"] >= 1
    assert all(figures["packages"].values())

    assert {path.name for path in tmp_path.iterdir()} == {"photo.jpg", "results"}
    (path,) = out.iterdir()
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}-(v[\d.]+|[0-9a-f]{7,}(-dirty)?)-reading\.md", path.name)
    assert str(path) in result.stderr
    report = path.read_text(encoding="utf-8")
    assert "| **total**" in report
    printed = re.search(r"\*\*total\*\* *\| *([\d.]+) ", report)
    assert printed is not None
    assert abs(float(printed[1]) - figures["median_ms"]) < 0.0056  # both are rounded, to two places and to three
    assert figures["code"] in report


def test_a_photo_without_a_face_is_refused(mien, empty_photo: Path) -> None:
    result = mien("bench", "frame", "--photo", empty_photo)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No face was found" in result.stderr


def test_without_scikit_image_it_asks_for_a_photo(environment: dict[str, str]) -> None:
    program = "import sys; sys.modules['skimage'] = None\nfrom mien.cli import main; main(['bench', 'frame'])"
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert "--photo" in result.stderr


def test_live_prints_every_row(mien, photo: Path, tmp_path: Path) -> None:
    parts = [word for part in ("frames", "still", "start", "clients") for word in ("--part", part)]
    out = tmp_path / "results"
    result = mien("bench", "live", "--photo", photo, *parts, "--frames", "3", "--seconds", "1", "--json", "--out", out)
    assert result.exit_code == 0
    figures = json.loads(result.stdout)
    assert [(row["width"], row["height"], row["faces"], row["read"]) for row in figures["frame_to_mood"]] == [
        (width, height, faces, 3) for width, height in ((640, 480), (1280, 720)) for faces in (1, 2, 4)
    ]
    assert all(row["skipped"] == 0 for row in figures["frame_to_mood"])
    assert figures["still"]["skipped_share"] > 0
    assert 0 < figures["start"]["import_s"] < figures["start"]["first_reading_s"] < figures["start"]["process_s"]
    assert figures["server_start_s"] > 0
    assert [row["clients"] for row in figures["clients"]] == [10, 20, 40, 80]
    assert figures["memory"] is None
    (path,) = out.iterdir()
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}-(v[\d.]+|[0-9a-f]{7,}(-dirty)?)-live\.md", path.name)
    report = path.read_text(encoding="utf-8")
    assert len(re.findall(r"^\| (?:640x480|1280x720) ", report, re.MULTILINE)) == 6
    assert len(re.findall(r"^\| +(?:10|20|40|80) \|", report, re.MULTILINE)) == 4
    assert figures["processor"] in report


def test_live_reports_the_cost_of_a_further_face_and_the_memory() -> None:
    rows = {faces: LiveMeasurement(np.array([mean_ms]), 1, 0) for faces, mean_ms in ((1, 7.0), (2, 11.0), (4, 22.0))}
    frames = {(640, 480, faces): row for faces, row in rows.items()}
    assert [further_face_ms(frames, key) for key in frames] == [None, 4.0, 5.0]
    memory = MemoryUse(600, (200.0, 205.5, 203.0))
    found = BenchResults(frames=frames, memory=memory)
    about = {"date": "2026-11-22", "code": "abc", "classifier": "mien", "threads": 2, **describe_machine()}
    report = as_markdown(found, about)
    assert "200.0 MB after the first minute's 600 frames, 203.0 MB after 3 minutes' (+3.0 MB), 205.5 MB" in report
    assert as_json(found, about)["memory"] == {
        "minutes": 3,
        "frames": 1800,
        "first_mb": 200.0,
        "most_mb": 205.5,
        "last_mb": 203.0,
        "drift_mb": 3.0,
    }
