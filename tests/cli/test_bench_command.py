"""``mien bench`` measures the real reader and says on what."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from pathlib import Path

from mien.bench import STAGES


def test_names_the_machine_and_the_stages_and_writes_where_it_is_told(mien, photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "results" / "here"
    result = mien("bench", "--photo", photo, "--json", "--out", out)
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
    assert "| **a frame**" in report
    printed = re.search(r"\*\*a frame\*\* *\| *([\d.]+) ", report)
    assert printed is not None
    assert abs(float(printed[1]) - figures["median_ms"]) < 0.0056  # both are rounded, to two places and to three
    assert figures["code"] in report


def test_a_photo_without_a_face_is_refused(mien, empty_photo: Path) -> None:
    result = mien("bench", "--photo", empty_photo)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No face was found" in result.stderr


def test_without_scikit_image_it_asks_for_a_photo(environment: dict[str, str]) -> None:
    program = "import sys; sys.modules['skimage'] = None\nfrom mien.cli import main; main(['bench'])"
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert "--photo" in result.stderr
