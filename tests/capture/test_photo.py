"""Photographs and live frames: upright, RGB, and one sentence for each kind of unusable file."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.capture.photo import MAX_PIXELS, decode_jpeg, read_photo
from mien.errors import ImageError
from mien.types import Image, check_image

LIVE_PIXELS = 1920 * 1080
ORIENTATION_TAG = 0x0112


def quarters() -> PIL.Image.Image:
    """Red, green, blue and white quarters, from the top left to the bottom right, 64 by 32 pixels."""
    pixels = np.zeros((32, 64, 3), dtype=np.uint8)
    pixels[:16, :32], pixels[:16, 32:], pixels[16:, :32], pixels[16:, 32:] = (
        (220, 0, 0),
        (0, 200, 0),
        (0, 0, 240),
        (255, 255, 255),
    )
    return PIL.Image.fromarray(pixels)


def encoded(picture: PIL.Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def saved(folder: Path, data: bytes, name: str = "picture.jpg") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def close(image: Image, expected: PIL.Image.Image, *, tolerance: float = 12) -> bool:
    """Whether the middles of all quarters have nearly the expected colours."""
    other = np.asarray(expected.convert("RGB"), dtype=int)
    if image.shape != other.shape:
        return False
    height, width = image.shape[:2]
    places = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return all(np.abs(image[place] - other[place]).max() <= tolerance for place in places)


def png_header(width: int, height: int) -> bytes:
    """The start of a PNG with a given size in its header and almost no data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def claiming(jpeg: bytes, width: int, height: int) -> bytes:
    """``jpeg`` with another size in its frame header."""
    start = jpeg.index(b"\xff\xc0")
    return jpeg[: start + 5] + struct.pack(">HH", height, width) + jpeg[start + 9 :]


@pytest.mark.parametrize(
    ("kind", "name"), [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp"), ("BMP", "a.bmp"), ("TIFF", "a.tif")]
)
def test_common_formats_are_read(tmp_path: Path, kind: str, name: str) -> None:
    image = read_photo(saved(tmp_path, encoded(quarters(), kind), name))
    check_image(image)
    assert close(image, quarters())
    assert image.flags.c_contiguous
    assert image.flags.writeable


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    assert close(read_photo(saved(tmp_path, encoded(quarters(), "PNG"), "not really.jpg")), quarters())


def test_a_real_photograph_is_decoded(tmp_path: Path, smiling_person: Image) -> None:
    path = saved(tmp_path, encoded(PIL.Image.fromarray(smiling_person), quality=95))
    assert np.abs(read_photo(path).astype(int) - smiling_person).mean() < 3


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, None),
        (2, PIL.Image.Transpose.FLIP_LEFT_RIGHT),
        (3, PIL.Image.Transpose.ROTATE_180),
        (4, PIL.Image.Transpose.FLIP_TOP_BOTTOM),
        (5, PIL.Image.Transpose.TRANSPOSE),
        (6, PIL.Image.Transpose.ROTATE_90),
        (7, PIL.Image.Transpose.TRANSVERSE),
        (8, PIL.Image.Transpose.ROTATE_270),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "live"])
def test_every_orientation_is_made_upright(
    tmp_path: Path, orientation: int, turn: PIL.Image.Transpose | None, kind: str
) -> None:
    """The camera was rotated by ``turn``, as in the EXIF tag; the picture is made upright."""
    lying = quarters() if turn is None else quarters().transpose(turn)
    exif = PIL.Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    data = encoded(lying, "JPEG" if kind == "live" else kind, exif=exif)
    image = decode_jpeg(data, max_pixels=LIVE_PIXELS) if kind == "live" else read_photo(saved(tmp_path, data))
    assert close(image, quarters())


@pytest.mark.parametrize("orientation", [0, 9, 4000])
def test_an_unknown_orientation_is_ignored(tmp_path: Path, orientation: int) -> None:
    exif = PIL.Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    assert close(read_photo(saved(tmp_path, encoded(quarters(), exif=exif))), quarters())


def test_damaged_exif_data_is_ignored(tmp_path: Path) -> None:
    data = encoded(quarters(), exif=b"Exif\x00\x00" + b"MM\x00*\xff\xff\xff\xff nonsense")
    assert close(read_photo(saved(tmp_path, data)), quarters())


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "YCbCr", "LA", "RGBA"])
def test_every_kind_of_pixel_becomes_rgb(tmp_path: Path, mode: str) -> None:
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG"}.get(mode, "PNG")
    picture = quarters().convert(mode)
    image = read_photo(saved(tmp_path, encoded(picture, kind)))
    check_image(image)
    assert close(image, picture)


def test_sixteen_bits_of_gray_keep_their_shades(tmp_path: Path) -> None:
    shades = np.linspace(0, 65535, 256).astype(np.uint16).reshape(1, 256).repeat(8, axis=0)
    image = read_photo(saved(tmp_path, encoded(PIL.Image.fromarray(shades), "PNG")))
    assert np.abs(image[0, :, 0] - np.arange(256)).max() <= 1
    assert np.array_equal(image[..., 0], image[..., 2])


def test_transparent_pixels_become_white(tmp_path: Path) -> None:
    picture = quarters().convert("RGBA")
    picture.putalpha(0)
    assert np.all(read_photo(saved(tmp_path, encoded(picture, "PNG"))) == 255)
    palette = quarters().quantize(8)
    data = encoded(palette, "PNG", transparency=palette.getpixel((2, 2)))
    image = read_photo(saved(tmp_path, data))
    assert np.all(image[4, 4] == 255)
    assert image[4, 60].max() < 255


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_picture_is_read(tmp_path: Path, kind: str) -> None:
    black = PIL.Image.new("RGB", quarters().size)
    data = encoded(quarters(), kind, save_all=True, append_images=[black, black])
    assert close(read_photo(saved(tmp_path, data)), quarters(), tolerance=30)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("share", [0.5, 0.8, 0.999])
def test_a_jpeg_that_is_cut_off_is_read_as_far_as_it_goes(
    tmp_path: Path, progressive: bool, share: float, smiling_person: Image
) -> None:
    data = encoded(PIL.Image.fromarray(smiling_person), quality=90, progressive=progressive)
    path, whole = tmp_path / "cut.jpg", read_photo(saved(tmp_path, data))
    path.write_bytes(data[: int(len(data) * share)])
    notes: list[str] = []
    found = read_photo(path, on_note=notes.append)
    assert notes == [f"{path} is cut off; it was read as far as it goes. Copy it again from the original."]
    assert found.shape == whole.shape
    rows = whole.shape[0] if progressive else int(whole.shape[0] * share * 0.7)
    apart = np.abs(found[:rows].astype(int) - whole[:rows]).mean()
    assert apart < (20 if progressive else 1)


def test_without_a_listener_the_note_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = saved(tmp_path, encoded(quarters())[:-2])
    assert close(read_photo(path), quarters(), tolerance=30)
    assert f"{path} is cut off" in caplog.text


def test_a_jpeg_of_which_no_picture_is_left_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"picture\.jpg is damaged or cut off; copy it again"):
        read_photo(saved(tmp_path, encoded(quarters())[:100]))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_a_picture_that_is_cut_off_is_refused(tmp_path: Path, kind: str, share: float, smiling_person: Image) -> None:
    data = encoded(PIL.Image.fromarray(smiling_person), kind)
    path = saved(tmp_path, data[: int(len(data) * share)])
    with pytest.raises(ImageError, match=r"picture\.jpg is damaged or cut off; copy it again"):
        read_photo(path)


def test_a_text_file_with_the_suffix_of_a_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"picture\.jpg is not a picture that mien can read; save it as JPEG or PNG"):
        read_photo(saved(tmp_path, b"Dear diary, today I smiled.\n"))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"picture\.jpg is empty"):
        read_photo(saved(tmp_path, b""))


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such file or directory; check its name"):
        read_photo(tmp_path / "nothing.jpg")
    with pytest.raises(ImageError, match="is a directory; name a file in it"):
        read_photo(tmp_path)
    with pytest.raises(ImageError, match="cannot be opened: file name too long"):
        read_photo(tmp_path / ("a" * 300 + ".jpg"))
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    with pytest.raises(ImageError, match="cannot be opened: too many levels of symbolic links"):
        read_photo(tmp_path / "loop.jpg")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(ImageError, match=r"pipe\.jpg is not a file; name a picture"):
        read_photo(tmp_path / "pipe.jpg")


def test_a_format_that_starts_other_programs_is_refused(tmp_path: Path) -> None:
    postscript = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 32\n%%EndComments\nshowpage\n"
    with pytest.raises(ImageError, match="not a picture that mien can read"):
        read_photo(saved(tmp_path, postscript, "picture.eps"))


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\x00"]))
def test_noise_is_refused_whatever_it_claims_to_be(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, start: bytes
) -> None:
    path = saved(tmp_path_factory.mktemp("noise"), start + noise)
    with pytest.raises(ImageError):
        read_photo(path)


def read_elsewhere(path: Path) -> tuple[str, float]:
    """The output of another process that reads a picture (its shape and center, or the error), and its peak memory."""
    pytest.importorskip("resource", reason="memory is measured with getrusage")
    program = f"""
import resource
from pathlib import Path
from mien.errors import ImageError
from mien.capture.photo import read_photo
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    image = read_photo(Path({str(path)!r}))
    print(*image.shape, *image[image.shape[0] // 2, image.shape[1] // 2])
except ImageError as error:
    print(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    said, peak = result.stdout.splitlines()
    return said, int(peak) * (1 if sys.platform == "darwin" else 1024)


def test_a_hundred_megapixels_of_jpeg_are_reduced_while_they_are_decoded(tmp_path: Path) -> None:
    """At full size, its pixels alone would take 300 MB."""
    path = tmp_path / "huge.jpg"
    PIL.Image.new("L", (12_500, 8_000), 90).convert("RGB").save(path)
    said, peak = read_elsewhere(path)
    assert said == "4000 6250 3 90 90 90"
    assert peak < 230e6


def test_a_hundred_megapixels_of_png_are_refused_undecoded(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    PIL.Image.new("RGB", (10_000, 10_000), (9, 90, 200)).save(path, compress_level=1)
    said, peak = read_elsewhere(path)
    remedy = "make it smaller, or save it as a baseline JPEG, which can be reduced"
    assert said == f"{path} is too big (100 megapixels); {remedy}."
    assert peak < 40e6


def test_sixteen_bits_of_gray_are_not_blown_up(tmp_path: Path) -> None:
    """As float64, each copy of the largest picture would take 288 MB."""
    path = tmp_path / "gray.png"
    PIL.Image.fromarray(np.full((6000, MAX_PIXELS // 6000), 90 * 257, np.uint16)).save(path, compress_level=1)
    said, peak = read_elsewhere(path)
    assert said == "6000 6000 3 90 90 90"
    assert peak < 500e6


@pytest.mark.parametrize(("max_pixels", "expected"), [(64 * 32, (32, 64)), (64 * 32 - 1, (16, 32)), (129, (8, 16))])
def test_a_jpeg_is_reduced_no_more_than_needed(tmp_path: Path, max_pixels: int, expected: tuple[int, int]) -> None:
    image = read_photo(saved(tmp_path, encoded(quarters(), quality=95)), max_pixels=max_pixels)
    assert image.shape[:2] == expected
    assert close(image, quarters().resize((expected[1], expected[0])), tolerance=25)


def test_a_reduced_picture_is_still_turned(tmp_path: Path) -> None:
    exif = PIL.Image.Exif()
    exif[ORIENTATION_TAG] = 6
    image = read_photo(saved(tmp_path, encoded(quarters(), exif=exif)), max_pixels=600)
    assert image.shape == (32, 16, 3)


@pytest.mark.parametrize("side", [10_000, 12_000, 60_000])
def test_a_huge_png_is_refused_by_its_header(tmp_path: Path, side: int) -> None:
    path = saved(tmp_path, png_header(side, side), "huge.png")
    with pytest.raises(ImageError, match=r"huge\.png is too big \(.*megapixels\); make it smaller"):
        read_photo(path)


def test_a_progressive_jpeg_cannot_be_reduced_cheaply_and_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, encoded(quarters(), progressive=True))
    assert close(read_photo(path), quarters())
    with pytest.raises(ImageError, match="too big"):
        read_photo(path, max_pixels=1000)


def test_a_jpeg_too_big_even_for_an_eighth_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, claiming(encoded(quarters()), 60_000, 60_000))
    with pytest.raises(ImageError, match="3600 megapixels"):
        read_photo(path)


def test_the_limit_itself_is_allowed(tmp_path: Path) -> None:
    path = saved(tmp_path, encoded(PIL.Image.new("L", (6000, MAX_PIXELS // 6000)), "PNG"))
    assert read_photo(path).shape == (6000, 6000, 3)


def test_photographs_may_be_read_by_several_threads(tmp_path: Path) -> None:
    path = saved(tmp_path, encoded(quarters()))
    good: list[bool] = []
    threads = [threading.Thread(target=lambda: good.append(close(read_photo(path), quarters()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert good == [True] * 8


def test_a_live_frame_is_read(smiling_person: Image) -> None:
    image = decode_jpeg(encoded(PIL.Image.fromarray(smiling_person), quality=95), max_pixels=LIVE_PIXELS)
    check_image(image)
    assert np.abs(image.astype(int) - smiling_person).mean() < 3


def test_a_gray_live_frame_is_read() -> None:
    assert close(decode_jpeg(encoded(quarters().convert("L")), max_pixels=LIVE_PIXELS), quarters().convert("L"))


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_blocks": 1}, {"comment": b"\xff\xc0 hi"}])
def test_live_frames_of_other_encoders_are_read(options: dict[str, object]) -> None:
    assert close(decode_jpeg(encoded(quarters(), **options), max_pixels=LIVE_PIXELS), quarters())


def test_a_live_bomb_is_refused_before_it_is_decoded() -> None:
    bomb = claiming(encoded(quarters()), 60_000, 60_000)
    with pytest.raises(ImageError, match="60000 by 60000 pixels; send at most 2073600"):
        decode_jpeg(bomb, max_pixels=LIVE_PIXELS)


@pytest.mark.parametrize("marker", [b"\xff\x01", b"\xff\xd0\xff\xd7", b"\xff\xff\xff\x01"])
def test_markers_without_a_length_do_not_hide_the_size_of_a_live_frame(marker: bytes) -> None:
    bomb = claiming(encoded(quarters()), 60_000, 60_000)
    with pytest.raises(ImageError, match="60000 by 60000 pixels"):
        decode_jpeg(bomb[:2] + marker + bomb[2:], max_pixels=LIVE_PIXELS)


def test_a_small_size_does_not_hide_a_large_one_in_a_live_frame() -> None:
    small, bomb = encoded(quarters()), claiming(encoded(quarters()), 60_000, 60_000)
    at = small.index(b"\xff\xc0")
    header = small[at : at + 2 + int.from_bytes(small[at + 2 : at + 4])]
    for data in (bomb[:at] + header + bomb[at:], small[:at] + bomb[at : at + len(header)] + small[at:]):
        with pytest.raises(ImageError, match="60000 by 60000 pixels"):
            decode_jpeg(data, max_pixels=LIVE_PIXELS)


def test_a_live_frame_of_many_scans_is_refused_before_it_is_decoded() -> None:
    data = encoded(quarters(), progressive=True)
    last_scan = data.rindex(b"\xff\xda")
    many = data[:-2] + data[last_scan:-2] * 20 + data[-2:]
    assert close(decode_jpeg(data, max_pixels=LIVE_PIXELS), quarters())
    with pytest.raises(ImageError, match="more than 16 scans; send a baseline JPEG"):
        decode_jpeg(many, max_pixels=LIVE_PIXELS)


def test_the_size_of_a_live_frame_is_bounded_exactly() -> None:
    data = encoded(quarters())
    assert decode_jpeg(data, max_pixels=64 * 32).shape == (32, 64, 3)
    with pytest.raises(ImageError, match="64 by 32"):
        decode_jpeg(data, max_pixels=64 * 32 - 1)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", png_header(4, 4)])
def test_a_live_frame_that_is_no_jpeg_is_refused(data: bytes) -> None:
    with pytest.raises(ImageError, match="the frame is not a JPEG"):
        decode_jpeg(data, max_pixels=LIVE_PIXELS)


def test_a_live_frame_is_refused_wherever_it_is_cut_off(smiling_person: Image) -> None:
    data = encoded(PIL.Image.fromarray(smiling_person[:64, :64]))
    for length in range(3, len(data) - 2):
        with pytest.raises(ImageError, match=r"the frame is (cut off|damaged|not a JPEG)"):
            decode_jpeg(data[:length], max_pixels=LIVE_PIXELS)


@given(st.binary(max_size=200))
def test_noise_is_refused_as_a_live_frame(noise: bytes) -> None:
    with pytest.raises(ImageError):
        decode_jpeg(b"\xff\xd8\xff" + noise, max_pixels=LIVE_PIXELS)
