"""Videos and webcams: frames with the right pixels, upright, at the right time."""

from __future__ import annotations

import os
import socket
import struct
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from mien.capture.camera import Webcam, read_video, video_duration_s
from mien.errors import CameraError, ImageError
from mien.face.reader import FaceReader
from mien.types import Emotion, Image, check_image
from tests.fakes import FakeClock

RATE = 30


def corner() -> Image:
    """Red in the top left quarter, 160 by 96 pixels."""
    pixels = np.zeros((96, 160, 3), dtype=np.uint8)
    pixels[:48, :80, 0] = 250
    return pixels


def write_video(
    path: Path,
    pictures: list[Image],
    *,
    rotation_deg: int = 0,
    pixel_aspect: Fraction | None = None,
    rate: int = RATE,
    last_s: float = 0,
    codec: str = "mpeg4",
    options: dict[str, str] | None = None,
) -> Path:
    """A video file of the pictures as a phone makes it: rotated by a matrix in the file, not in its pixels.

    With ``last_s`` the last picture stands so long.
    """
    height, width = pictures[0].shape[:2]
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = width, height, "yuv420p", 4_000_000
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation_deg:
            stream.set_display_rotation(rotation_deg)
        packets = [
            packet
            for picture in [*pictures, None]
            for packet in stream.encode(
                None if picture is None else av.VideoFrame.from_ndarray(picture, format="rgb24")
            )
        ]
        if last_s and packets[-1].time_base is not None:
            packets[-1].duration = round(last_s / packets[-1].time_base)
        container.mux(packets)
    return path


def write_sound(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), dtype=np.float32), format="fltp", layout="mono")
        frame.rate, frame.pts, frame.time_base = 44_100, 0, Fraction(1, 44_100)
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def red_quarter(image: Image) -> tuple[str, str]:
    """Where the red quarter is: top or bottom, left or right."""
    height, width = image.shape[:2]
    rows, columns = np.nonzero(image[..., 0] > 150)
    return ("top" if rows.mean() < height / 2 else "bottom", "left" if columns.mean() < width / 2 else "right")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "corner.mp4", [corner()] * 45)


def test_every_frame_comes_with_its_time(video: Path) -> None:
    frames = list(read_video(video))
    assert [frame.index for frame in frames] == list(range(45))
    np.testing.assert_allclose([frame.time_s for frame in frames], np.arange(45) / RATE, atol=1e-3)
    for frame in frames:
        check_image(frame.image)
    assert frames[0].image.shape == (96, 160, 3)
    assert red_quarter(frames[20].image) == ("top", "left")


@pytest.mark.parametrize("name", ["a.mkv", "a.avi", "a.mov"])
def test_other_containers_are_read(tmp_path: Path, name: str) -> None:
    frames = list(read_video(write_video(tmp_path / name, [corner()] * 10)))
    assert len(frames) == 10
    np.testing.assert_allclose(np.diff([frame.time_s for frame in frames]), 1 / RATE, atol=2e-3)


@pytest.mark.parametrize(("every_s", "expected"), [(0.1, 15), (0.5, 3), (1.0, 2), (60.0, 1), (0.001, 45)])
def test_frames_are_left_out_between(video: Path, every_s: float, expected: int) -> None:
    frames = list(read_video(video, every_s=every_s))
    assert len(frames) == expected
    assert [frame.index for frame in frames] == list(range(expected))
    assert frames[0].time_s == 0
    assert all(gap >= every_s * 0.99 for gap in np.diff([frame.time_s for frame in frames]))


@pytest.mark.parametrize("every_s", [0.0, -1.0, float("nan")])
def test_time_between_frames_must_be_positive(video: Path, every_s: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        next(read_video(video, every_s=every_s))


@pytest.mark.parametrize(
    ("rotation_deg", "shape", "quarter"),
    [
        (90, (160, 96), ("bottom", "left")),
        (-90, (160, 96), ("top", "right")),
        (180, (96, 160), ("bottom", "right")),
    ],
)
def test_a_turned_phone_gives_upright_frames(
    tmp_path: Path, rotation_deg: int, shape: tuple[int, int], quarter: tuple[str, str]
) -> None:
    """The rotation is counterclockwise, in degrees, as in the file's display matrix."""
    frame = next(read_video(write_video(tmp_path / "turned.mp4", [corner()] * 3, rotation_deg=rotation_deg)))
    assert frame.image.shape[:2] == shape
    assert red_quarter(frame.image) == quarter
    assert frame.image.flags.c_contiguous


@pytest.mark.parametrize("quarter", [("top", "left"), ("top", "right"), ("bottom", "left"), ("bottom", "right")])
@pytest.mark.parametrize("transposed", [False, True])
def test_every_display_matrix_of_quarter_turns_and_mirrors_is_applied(
    tmp_path: Path, quarter: tuple[str, str], transposed: bool
) -> None:
    """A selfie camera mirrors its films by the matrix in the track's header (ISO 14496-12, 8.3.2)."""
    right, down = (1 if quarter[1] == "left" else -1), (1 if quarter[0] == "top" else -1)
    a, b, c, d = (0, down, right, 0) if transposed else (right, 0, 0, down)
    path = write_video(tmp_path / "mirrored.mp4", [corner()] * 3)
    data = bytearray(path.read_bytes())
    identity = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    at = data.index(identity, data.index(b"tkhd"))
    data[at : at + 36] = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    image = next(read_video(path)).image
    assert image.shape == ((160, 96, 3) if transposed else (96, 160, 3))
    assert red_quarter(image) == quarter
    assert image.flags.c_contiguous


@pytest.mark.parametrize(
    ("pixel_aspect", "rotation_deg", "shape"),
    [
        (Fraction(4, 3), 0, (96, 213)),
        (Fraction(8, 9), 0, (108, 160)),
        (Fraction(4, 3), 90, (213, 96)),
        (Fraction(1, 1), 0, (96, 160)),
        (Fraction(200, 1), 0, (96, 160)),
    ],
)
def test_pixels_become_square(
    tmp_path: Path, pixel_aspect: Fraction, rotation_deg: int, shape: tuple[int, int]
) -> None:
    """HDV, AVCHD and DVDs store narrower or wider pixels; a ratio that no camera has is ignored."""
    path = write_video(tmp_path / "wide.mp4", [corner()] * 3, pixel_aspect=pixel_aspect, rotation_deg=rotation_deg)
    frame = next(read_video(path))
    assert frame.image.shape[:2] == shape
    assert (frame.image[..., 0] > 150).mean() == pytest.approx(0.25, abs=0.02)


def test_frames_are_decoded_one_by_one(video: Path) -> None:
    frames = read_video(video)
    assert next(frames).index == 0
    frames.close()


def test_the_length_is_known_before_reading(video: Path, tmp_path: Path) -> None:
    assert video_duration_s(video) == pytest.approx(1.5, abs=0.05)
    assert video_duration_s(write_video(tmp_path / "a.mkv", [corner()] * 30)) == pytest.approx(1, abs=0.05)


def test_a_person_in_a_video_is_read(tmp_path: Path, smiling_person: Image) -> None:
    path = write_video(tmp_path / "person.mp4", [smiling_person] * 12)
    follower = FaceReader().follow()
    readings = [follower.read(frame) for frame in read_video(path)]
    assert [[reading.face.track_id for reading in found] for found in readings] == [[1]] * 12
    assert readings[-1][0].expression.top is Emotion.HAPPY


@pytest.mark.parametrize("data", [b"", b"Dear diary\n" * 50, b"\x00\x00\x00\x20ftypisom" + bytes(200)])
def test_a_file_that_is_not_a_video_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "diary.mp4"
    path.write_bytes(data)
    with pytest.raises(ImageError, match=r"diary\.mp4 is damaged or is not a video; copy it again"):
        list(read_video(path))
    with pytest.raises(ImageError, match=r"diary\.mp4 is damaged or is not a video"):
        video_duration_s(path)


def test_a_video_that_is_cut_off_is_refused(tmp_path: Path, video: Path) -> None:
    path = tmp_path / "half.mp4"
    path.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    with pytest.raises(ImageError, match=r"half\.mp4 is damaged"):
        list(read_video(path))


@pytest.mark.parametrize(("name", "options"), [("a.mkv", {}), ("a.mp4", {"movflags": "faststart"})])
def test_the_frames_before_the_cut_of_a_stream_are_read(
    tmp_path: Path, smiling_person: Image, name: str, options: dict[str, str]
) -> None:
    pictures = [np.roll(smiling_person, 9 * step, axis=1) for step in range(30)]
    whole = write_video(tmp_path / f"whole_{name}", pictures, rate=5, options=options)
    half = tmp_path / name
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    frames = []
    with pytest.raises(ImageError, match=rf"{name} (should last 6\.0 s, but ends after \d\.\d s|is damaged)"):
        frames.extend(read_video(half))
    assert 5 < len(frames) < 30


@pytest.mark.parametrize("name", ["tail.mp4", "tail.mkv"])
def test_a_long_last_picture_is_not_a_cut(tmp_path: Path, name: str) -> None:
    """As in slides and screen recordings."""
    path = write_video(tmp_path / name, [corner()] * 30, last_s=9)
    assert video_duration_s(path) == pytest.approx(10, abs=0.1)
    assert len(list(read_video(path))) == 30


def test_audio_longer_than_the_pictures_is_not_a_cut(tmp_path: Path) -> None:
    path = tmp_path / "song.mkv"
    with av.open(str(path), "w") as container:
        pictures, sound = container.add_stream("mpeg4", rate=5), container.add_stream("pcm_s16le", rate=8000)
        pictures.width, pictures.height, pictures.pix_fmt = 160, 96, "yuv420p"
        container.mux(pictures.encode(av.VideoFrame.from_ndarray(corner(), format="rgb24")))
        container.mux(pictures.encode())
        for second in range(8):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.int16), format="s16", layout="stereo")
            frame.rate, frame.pts, frame.time_base = 8000, 8000 * second, Fraction(1, 8000)
            container.mux(sound.encode(frame))
        container.mux(sound.encode())
    assert len(list(read_video(path))) == 1


@pytest.mark.parametrize("name", ["a.mpg", "a.ts", "a.mkv"])
def test_joined_recordings_are_read_to_the_end(tmp_path: Path, name: str) -> None:
    """``cat one two``: the clock restarts in the middle, and time goes on."""
    once = write_video(tmp_path / name, [corner()] * 50, rate=25, codec="mpeg2video")
    joined = tmp_path / f"joined_{name}"
    joined.write_bytes(once.read_bytes() * 2)
    every = list(read_video(joined))
    np.testing.assert_allclose([frame.time_s for frame in every], np.arange(100) / 25, atol=2e-3)
    looks = [frame.time_s for frame in read_video(joined, every_s=0.4)]
    np.testing.assert_allclose(looks, np.arange(10) * 0.4, atol=2e-3)
    for start_s in (1.0, 3.0):
        late = [frame.time_s for frame in read_video(joined, start_s=start_s)]
        assert late == [frame.time_s for frame in every if frame.time_s >= start_s]


def test_times_do_not_go_back_for_pictures_out_of_order(tmp_path: Path) -> None:
    path = tmp_path / "disorder.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuvj420p"
        for place, shown in enumerate((0, 1, 3, 2, 4)):
            for packet in stream.encode(av.VideoFrame.from_ndarray(corner(), format="rgb24")):
                packet.time_base, packet.dts, packet.pts = Fraction(1, 10), place - 2, shown
                container.mux(packet)
    np.testing.assert_allclose([frame.time_s for frame in read_video(path)], [0, 0.1, 0.3, 0.3, 0.4], atol=2e-3)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such file or directory; check its name"):
        list(read_video(tmp_path / "nothing.mp4"))
    with pytest.raises(ImageError, match=r"directory; name a file in it"):
        list(read_video(tmp_path))


def test_a_pipe_and_a_link_to_itself_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "loop.mp4").symlink_to("loop.mp4")
    with pytest.raises(ImageError, match="cannot be opened: too many levels of symbolic links"):
        next(read_video(tmp_path / "loop.mp4"))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.mp4")
        with pytest.raises(ImageError, match=r"pipe\.mp4 is not a file; name a video"):
            video_duration_s(tmp_path / "pipe.mp4")


def test_audio_alone_is_not_a_video(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"sound\.m4a has no picture in it, only sound"):
        list(read_video(write_sound(tmp_path / "sound.m4a")))


def test_a_playlist_disguised_as_a_video_fetches_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/part.ts"
        path = tmp_path / "list.m3u8"
        path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{address}\n#EXT-X-ENDLIST\n")
        with pytest.raises(ImageError):
            list(read_video(path))
        with pytest.raises(TimeoutError):
            server.accept()


class VideoDevice:
    """A camera that plays a video file through OpenCV, like a real one, and records its settings."""

    def __init__(self, path: Path) -> None:
        self.capture = cv2.VideoCapture(str(path))
        self.requested: dict[int, float] = {}
        self.released = False

    def isOpened(self) -> bool:  # noqa: N802
        return self.capture.isOpened()

    def set(self, propId: int, value: float) -> bool:  # noqa: N803
        self.requested[propId] = value
        return True

    def read(self) -> tuple[bool, Image | None]:
        return self.capture.read()

    def release(self) -> None:
        self.released = True
        self.capture.release()


def test_a_webcam_gives_rgb_frames_by_the_clock_until_it_is_unplugged(video: Path) -> None:
    device = VideoDevice(video)
    frames = []
    with (
        pytest.raises(CameraError, match="camera 3 stopped; plug it in again"),
        Webcam(
            3, width_px=320, height_px=240, clock=FakeClock(at_s=5, step_s=0.5), open_device=lambda _: device
        ) as webcam,
    ):
        frames.extend(webcam)
    assert len(frames) == 45
    assert [frame.index for frame in frames] == list(range(45))
    assert [frame.time_s for frame in frames[:3]] == [5.5, 6.0, 6.5]
    assert red_quarter(frames[0].image) == ("top", "left")
    assert frames[0].image[20, 20].argmax() == 0
    assert device.requested[cv2.CAP_PROP_FRAME_WIDTH] == 320
    assert device.requested[cv2.CAP_PROP_FRAME_HEIGHT] == 240
    assert device.released


def test_a_webcam_is_released_when_reading_ends(video: Path) -> None:
    device = VideoDevice(video)
    with Webcam(open_device=lambda _: device) as webcam:
        assert next(iter(webcam)).index == 0
    assert device.released
    assert list(webcam) == []


def test_a_webcam_in_use_gives_no_picture(tmp_path: Path) -> None:
    class Busy(VideoDevice):
        def isOpened(self) -> bool:  # noqa: N802
            return True

    device = Busy(tmp_path / "nothing.mp4")
    with (
        pytest.raises(CameraError, match="camera 0 gives no picture; close other programs that use it"),
        Webcam(open_device=lambda _: device) as webcam,
    ):
        next(iter(webcam))
    assert device.released


def test_a_missing_webcam_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    level = cv2.utils.logging.getLogLevel()
    with pytest.raises(CameraError, match=r"^(there is no camera 97; plug one in|camera 97 cannot be opened; close)"):
        Webcam(97).__enter__()
    assert capfd.readouterr().err == ""
    assert cv2.utils.logging.getLogLevel() == level
