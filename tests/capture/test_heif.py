"""HEIC pictures as phones take them, made here by pillow-heif."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from mien.capture.heif import is_heif
from mien.capture.photo import read_photo
from mien.errors import ImageError
from mien.types import Image

pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif, which makes HEIC, is not installed")


def write_heic(path: Path, picture: PIL.Image.Image, *, orientation: int = 1) -> Path:
    made = pillow_heif.from_pillow(picture)
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    made.info["exif"] = exif.tobytes()
    made.save(path, quality=90)
    return path


def test_a_picture_is_read_as_it_was_taken(tmp_path: Path, smiling_person: Image) -> None:
    found = read_photo(write_heic(tmp_path / "IMG_0001.HEIC", PIL.Image.fromarray(smiling_person)))
    assert found.shape == smiling_person.shape
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - smiling_person).mean() < 5


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_a_picture_is_upright_whichever_way_the_phone_was_held(
    tmp_path: Path, smiling_person: Image, orientation: int, turns: int
) -> None:
    found = read_photo(write_heic(tmp_path / "x.heic", PIL.Image.fromarray(smiling_person), orientation=orientation))
    expected = np.rot90(smiling_person, turns)
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).mean() < 5


def test_transparency_and_gray_are_read(tmp_path: Path) -> None:
    clear = PIL.Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    assert read_photo(write_heic(tmp_path / "a.heic", clear)).min() > 240
    gray = PIL.Image.new("L", (64, 64), 100)
    assert np.abs(read_photo(write_heic(tmp_path / "b.heif", gray)).astype(int) - 100).max() < 10


def test_large_and_damaged_pictures_are_refused(tmp_path: Path, smiling_person: Image) -> None:
    path = write_heic(tmp_path / "x.heic", PIL.Image.fromarray(smiling_person))
    with pytest.raises(ImageError, match="is too big"):
        read_photo(path, max_pixels=1000)
    data = path.read_bytes()
    for share in (0.02, 0.3, 0.7):
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(ImageError, match=r"damaged or cut off|not a picture"):
            read_photo(path)


def test_only_heif_with_hevc_is_taken_for_heif() -> None:
    head = b"\0\0\0\x18ftyp"
    assert is_heif(head + b"heic\0\0\0\0mif1heic")
    assert is_heif(head + b"mif1\0\0\0\0heic")
    assert not is_heif(head + b"avif\0\0\0\0mif1miaf")
    assert not is_heif(head + b"isom\0\0\0\0mp41avc1")
    assert not is_heif(b"")


def test_without_its_package_each_picture_is_named_with_what_to_install(tmp_path: Path, smiling_person: Image) -> None:
    path = write_heic(tmp_path / "x.heic", PIL.Image.fromarray(smiling_person))
    program = (
        "import sys; sys.modules.update(pi_heif=None, pillow_heif=None); from mien.capture.photo import read_photo\n"
        f"try: read_photo({str(path)!r})\nexcept Exception as error: print(error)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "x.heic is a HEIC picture, which needs the package pi-heif; install pi-heif" in found
