"""Detected crops of framed images."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mien.face.reader import FaceReader
from training.views import UniformClassifier, concatenate, detect_crops, main


@pytest.fixture(scope="module")
def pictures(smiling_person: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two crops like FER2013's, without forehead and chin, and a blank image between them."""
    gray = cv2.cvtColor(smiling_person, cv2.COLOR_RGB2GRAY)
    crops = [gray[top : top + side, left : left + side] for top, left, side in ((57, 169, 114), (54, 166, 120))]
    small = [cv2.resize(crop, (48, 48), interpolation=cv2.INTER_AREA) for crop in crops]
    return np.stack([small[0], np.full((48, 48), 90, np.uint8), small[1]]).astype(np.uint8)


def test_faces_are_aligned_and_blank_images_give_zeros(pictures: NDArray[np.uint8]) -> None:
    detected = detect_crops(pictures, FaceReader(classifier=UniformClassifier(), threads=1))
    assert detected.found.tolist() == [True, False, True]
    assert [part.dtype for part in (detected.crops, detected.blendshapes, detected.presence)] == [
        np.uint8,
        np.float32,
        np.float32,
    ]
    for row in (0, 2):
        assert np.corrcoef(detected.crops[row].ravel(), pictures[row].ravel())[0, 1] > 0.7
        assert detected.blendshapes[row].max() > 0.5
        assert detected.presence[row] >= 0.5
    assert not detected.crops[1].any()
    assert not detected.blendshapes[1].any()
    assert detected.presence[1] == 0


def test_results_are_concatenated_in_order(pictures: NDArray[np.uint8]) -> None:
    reader = FaceReader(classifier=UniformClassifier(), threads=1)
    whole, parts = (
        detect_crops(pictures, reader),
        concatenate([detect_crops(pictures[:1], reader), detect_crops(pictures[1:], reader)]),
    )
    np.testing.assert_array_equal(whole.crops, parts.crops)
    np.testing.assert_array_equal(whole.found, parts.found)


def test_command_writes_one_result_per_row(
    pictures: NDArray[np.uint8], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [f"3,{' '.join(map(str, crop.ravel()))},Training" for crop in pictures]
    (tmp_path / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *lines]))
    out = tmp_path / "runs" / "views.npz"
    command = ["views", "--data", str(tmp_path / "fer2013.csv"), "--out", str(out), "--jobs", "1"]
    monkeypatch.setattr("sys.argv", command)
    main()
    with np.load(out) as file:
        shapes = {name: file[name].shape for name in file.files}
        assert file["found"].tolist() == [True, False, True]
    expected = {"found": (3,), "crops": (3, 48, 48), "blendshapes": (3, 52), "presence": (3,), "pictures": ()}
    assert shapes == expected
    assert "Training: found 66.7 % of 3 (happy 66.7)" in capsys.readouterr().out
