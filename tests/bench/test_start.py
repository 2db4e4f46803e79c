"""The benchmark of the start: fresh processes that read a face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.bench.start import measure_start


def test_a_process_takes_longer_than_what_it_does(tmp_path: Path, smiling_person: NDArray[np.uint8]) -> None:
    photo = tmp_path / "face.jpg"
    Image.fromarray(smiling_person).save(photo)
    start = measure_start(photo, times=1)
    assert 0 < start.import_s < start.first_reading_s < start.process_s


def test_a_photo_without_a_face_fails_with_what_python_said(tmp_path: Path) -> None:
    photo = tmp_path / "wall.png"
    Image.new("RGB", (100, 100)).save(photo)
    with pytest.raises(RuntimeError, match="IndexError"):
        measure_start(photo, times=1)
