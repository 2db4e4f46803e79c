"""FER2013 as training sees it: cleaned of what stands in the test splits."""

from pathlib import Path

import numpy as np
import pytest

from training.data import CLASSES, FERPLUS_CSV, SPLITS, VOTE_CLASSES, read


@pytest.fixture
def small_csv(tmp_path: Path) -> Path:
    """Six rows in the public file's form; the second row's picture stands in PrivateTest as well."""
    rng = np.random.default_rng(7)
    pictures = rng.integers(0, 256, (6, 48 * 48))
    pictures[5] = pictures[1]
    usages = ["Training", "Training", "Training", "PublicTest", "PublicTest", "PrivateTest"]
    lines = [
        f"{label},{' '.join(map(str, picture))},{usage}"
        for label, picture, usage in zip(range(6), pictures, usages, strict=True)
    ]
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join(["emotion,pixels,Usage", *lines]))
    return path


def test_the_public_csv_is_read_in_its_order(small_csv: Path) -> None:
    data = read(small_csv)
    assert data.rows.images.shape == (6, 48, 48)
    assert data.rows.labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert [len(data.part(split)) for split in SPLITS] == [3, 2, 1]


def test_training_forgets_what_the_tests_will_ask(small_csv: Path) -> None:
    data = read(small_csv)
    assert data.training().labels.tolist() == [0, 2]
    assert data.training().places.tolist() == [0, 2], "a row knows its place in the file"
    assert data.unleaked("PrivateTest").tolist() == [False]
    assert data.unleaked("PublicTest").tolist() == [True, True]


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make train DATA"):
        read(tmp_path / "faces.parquet")
    (tmp_path / "faces.parquet").touch()
    with pytest.raises(ValueError, match=r"fer2013\.csv"):
        read(tmp_path / "faces.parquet")


def test_ferplus_votes_are_read_where_they_lie_beside_the_csv(small_csv: Path) -> None:
    assert not read(small_csv).rows.votes.any(), "without the file nobody voted"
    votes = np.random.default_rng(1).multinomial(10, [0.1] * 10, 6)
    lines = [f"Training,fer{row:07}.png,{','.join(map(str, counts))}" for row, counts in enumerate(votes)]
    small_csv.with_name(FERPLUS_CSV).write_text("\n".join([f"Usage,Image name,{','.join(VOTE_CLASSES)}", *lines]))
    assert read(small_csv).rows.votes.tolist() == votes.tolist()
    small_csv.with_name(FERPLUS_CSV).write_text("\n".join(["header", *lines[:5]]))
    with pytest.raises(ValueError, match=r"5 rows and fer2013\.csv 6"):
        read(small_csv)


def test_the_packed_sheets_hold_the_official_counts(shared_data: Path) -> None:
    data = read(shared_data / "fer2013" / "fer2013.zip")
    counts = {split: np.bincount(data.part(split).labels, minlength=len(CLASSES)).tolist() for split in SPLITS}
    assert counts == {
        "Training": [3995, 436, 4097, 7215, 4830, 3171, 4965],
        "PublicTest": [467, 56, 496, 895, 653, 415, 607],
        "PrivateTest": [491, 55, 528, 879, 594, 416, 626],
    }
    assert len(data.training()) < 28709 - 151
    assert (~data.unleaked("PrivateTest")).sum() > 200
