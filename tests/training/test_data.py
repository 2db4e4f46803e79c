"""Reading and cleaning FER2013."""

from pathlib import Path

import numpy as np
import pytest

from training import data as fer2013
from training.data import CLASSES, FERPLUS_CSV, SPLITS, VOTE_CLASSES, read
from training.left_out import LEFT_OUT


@pytest.fixture
def small_csv(tmp_path: Path) -> Path:
    """Six rows in the public format; the image of the second row is also in PrivateTest."""
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


def test_public_csv_is_read_in_file_order(small_csv: Path) -> None:
    data = read(small_csv)
    assert data.rows.images.shape == (6, 48, 48)
    assert data.rows.labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert [len(data.part(split)) for split in SPLITS] == [3, 2, 1]


def test_training_rows_exclude_images_of_the_test_splits(small_csv: Path) -> None:
    data = read(small_csv)
    assert data.training().labels.tolist() == [0, 2]
    assert data.training().places.tolist() == [0, 2], "each row keeps its position in the file"
    assert data.unleaked("PrivateTest").tolist() == [False]
    assert data.unleaked("PublicTest").tolist() == [True, True]


def test_unknown_file_types_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make train DATA"):
        read(tmp_path / "faces.parquet")
    (tmp_path / "faces.parquet").touch()
    with pytest.raises(ValueError, match=r"fer2013\.csv"):
        read(tmp_path / "faces.parquet")


def test_ferplus_votes_are_read_from_the_same_folder(small_csv: Path) -> None:
    assert not read(small_csv).rows.votes.any(), "without the file there are no votes"
    votes = np.random.default_rng(1).multinomial(10, [0.1] * 10, 6)
    lines = [f"Training,fer{row:07}.png,{','.join(map(str, counts))}" for row, counts in enumerate(votes)]
    small_csv.with_name(FERPLUS_CSV).write_text("\n".join([f"Usage,Image name,{','.join(VOTE_CLASSES)}", *lines]))
    assert read(small_csv).rows.votes.tolist() == votes.tolist()
    small_csv.with_name(FERPLUS_CSV).write_text("\n".join(["header", *lines[:5]]))
    with pytest.raises(ValueError, match=r"5 rows but fer2013\.csv has 6"):
        read(small_csv)
    small_csv.with_name(FERPLUS_CSV).write_text("\n".join(["header", *lines[:5], "Training,fer5.png,many"]))
    with pytest.raises(ValueError, match=r"fer2013new\.csv, row 6 below its header: expected ten vote counts"):
        read(small_csv)


def test_remarks_name_excluded_rows_and_missing_votes(small_csv: Path) -> None:
    left_out, votes = read(small_csv).remarks()
    assert left_out.startswith("2 of 3 Training rows are used; 1 are excluded because their image")
    assert FERPLUS_CSV in votes
    assert "https://github.com/microsoft/FERPlus" in votes


def test_full_csv_excludes_the_packed_files_rows(small_csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fer2013, "SPLIT_SIZES", (3, 2, 1))
    monkeypatch.setattr(fer2013, "LEFT_OUT", (2, 4))
    assert read(small_csv).training().places.tolist() == [0]
    monkeypatch.setattr(fer2013, "SPLIT_SIZES", (4, 1, 1))
    assert read(small_csv).training().places.tolist() == [0, 2], "the positions are not valid for another edition"


def test_other_editions_of_the_csv_are_supported(small_csv: Path) -> None:
    """``icml_face_data.csv`` has spaces in its header; others an uppercase suffix, a byte order mark, blank lines."""
    _, *lines = small_csv.read_text().splitlines()
    cells = [line.split(",") for line in lines]
    other = small_csv.with_name("ICML.CSV")
    text = "\n\n".join(["emotion, Usage, pixels", *(f"{label},{usage},{pixels}" for label, pixels, usage in cells)])
    other.write_text(text, encoding="utf-8-sig")
    assert np.array_equal(read(other).rows.images, read(small_csv).rows.images)
    assert read(other).split.tolist() == read(small_csv).split.tolist()


GRAY = " ".join(["7"] * 48 * 48)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no rows"),
        ("emotion,pixels,Usage\n", "has no rows"),
        (f"emotion,pixels\n0,{GRAY}\n", "has no column usage"),
        (f"emotion,pixels,Usage\n0,{GRAY},Training\n9,{GRAY},Training\n", "row 2 below its header: emotion '9'"),
        (f"emotion,pixels,Usage\n0,{GRAY},Test\n", "row 1 below its header: Usage 'Test'"),
        (f"emotion,pixels,Usage\n0,{GRAY} 7,Training\n", "row 1 below its header: expected 2304 pixels"),
        (f"emotion,pixels,Usage\n0,25{GRAY},Training\n", "row 1 below its header: expected 2304 pixels"),
        (f"emotion,pixels,Usage\n0,{GRAY[:-1]}?,Training\n", "row 1 below its header: could not convert"),
        (f"emotion,pixels,Usage\n0,{GRAY}\n", "row 1 below its header: the row is truncated"),
        ("\ufffd\udc80", "is not a CSV file"),
    ],
)
def test_error_message_names_the_invalid_row(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "fer2013.csv"
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(ValueError, match=words):
        read(path)


def test_invalid_zip_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "junk.ZIP").write_bytes(b"junk")
    with pytest.raises(ValueError, match=r"junk\.ZIP is not the packed fer2013\.zip"):
        read(tmp_path / "junk.ZIP")


def test_packed_file_has_the_official_class_counts(shared_data: Path) -> None:
    data = read(shared_data / "fer2013" / "fer2013.zip")
    counts = {split: np.bincount(data.part(split).labels, minlength=len(CLASSES)).tolist() for split in SPLITS}
    assert counts == {
        "Training": [3995, 436, 4097, 7215, 4830, 3171, 4965],
        "PublicTest": [467, 56, 496, 895, 653, 415, 607],
        "PrivateTest": [491, 55, 528, 879, 594, 416, 626],
    }
    assert len(data.training()) == 27866
    assert np.flatnonzero(~data.clean).tolist() == list(LEFT_OUT)
    assert not np.isin(data.training().places, LEFT_OUT).any()
    assert (~data.unleaked("PrivateTest")).sum() > 200
