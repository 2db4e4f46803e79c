"""Real files of every format, whole, long, damaged and disguised."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading

import av
import numpy as np
import pytest
import soundfile

from mien.errors import AudioError
from mien.music.analysis.decode import SAMPLE_RATE_HZ, read_excerpts
from tests.waiting import HANG_S

FORMATS = ("wav", "flac", "ogg", "opus", "mp3", "m4a", "webm")


def frequency_hz(samples):
    spectrum = np.abs(np.fft.rfft(samples[0] * np.hanning(samples.shape[1])))
    return np.argmax(spectrum) * SAMPLE_RATE_HZ / samples.shape[1]


@pytest.mark.parametrize("suffix", FORMATS)
def test_short_file_is_read_whole(sounds, tmp_path, suffix):
    left, right = sounds.tone(440, seconds=5, rate=48_000), sounds.tone(440, seconds=5, level=0.15, rate=48_000)
    excerpts = read_excerpts(sounds.write(tmp_path / f"tone.{suffix}", left, right, rate=48_000))
    assert len(excerpts.parts) == 1
    samples = excerpts.parts[0]
    assert samples.dtype == np.float32
    assert samples.shape[0] == 2
    assert samples.shape[1] == pytest.approx(5 * SAMPLE_RATE_HZ, abs=0.1 * SAMPLE_RATE_HZ)
    assert excerpts.duration_s == pytest.approx(5, abs=0.1)
    assert excerpts.analysed_s == pytest.approx(5, abs=0.1)
    assert frequency_hz(samples) == pytest.approx(440, abs=1)
    levels = np.sqrt(np.mean(samples[:, SAMPLE_RATE_HZ:-SAMPLE_RATE_HZ] ** 2, axis=1))
    assert levels == pytest.approx([0.3 / np.sqrt(2), 0.15 / np.sqrt(2)], rel=0.05)


@pytest.mark.parametrize("suffix", FORMATS)
def test_long_file_is_read_in_the_middle_of_each_third(sounds, tmp_path, suffix):
    """A tone that rises step by step tells where an excerpt was taken."""
    steps = [sounds.tone(400 + 20 * second, seconds=1, rate=24_000) for second in range(120)]
    excerpts = read_excerpts(sounds.write(tmp_path / f"steps.{suffix}", np.concatenate(steps), rate=24_000))
    assert excerpts.duration_s == pytest.approx(120, abs=0.2)
    assert len(excerpts.parts) == 3
    for part, begin_s in zip(excerpts.parts, (10, 50, 90), strict=True):
        assert part.shape == (1, pytest.approx(20 * SAMPLE_RATE_HZ, abs=0.1 * SAMPLE_RATE_HZ))
        first = part[:, SAMPLE_RATE_HZ // 4 : SAMPLE_RATE_HZ * 3 // 4]
        assert frequency_hz(first) == pytest.approx(400 + 20 * begin_s, abs=6)


def test_center_and_surrounds_are_mixed_down_and_the_low_channel_is_not(sounds, tmp_path):
    tones = [sounds.tone(hz, seconds=2) for hz in (200, 400, 600, 800, 1000, 1200)]
    (part,) = read_excerpts(sounds.write(tmp_path / "many.wav", *tones)).parts
    spectra = np.abs(np.fft.rfft(part[:, :SAMPLE_RATE_HZ]))[:, [200, 400, 600, 800, 1000, 1200]]
    left, right = spectra / spectra.max()
    np.testing.assert_allclose(left, [1, 0, 0.707, 0, 0.707, 0], atol=0.01)
    np.testing.assert_allclose(right, [0, 1, 0.707, 0, 0, 0.707], atol=0.01)


def test_channels_that_cancel_are_heard_by_their_difference(sounds, tmp_path):
    tone = sounds.tone(seconds=2)
    same, inverted = (
        read_excerpts(sounds.write(tmp_path / f"{name}.wav", tone, other)).mono[0]
        for name, other in (("same", tone), ("inverted", -tone))
    )
    np.testing.assert_allclose(inverted, same, atol=1e-4)


def test_twelve_hours_stay_in_bounded_memory_and_time(tmp_path):
    """Twelve hours at 8 kHz, 345 MB of zeros that no disk has to hold."""
    path = tmp_path / "night.wav"
    data_bytes = 12 * 3600 * 8000
    with path.open("wb") as file:
        header = b"RIFF" + (36 + data_bytes).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
        file.write(header + b"\x01\x00\x01\x00" + (8000).to_bytes(4, "little") * 2 + b"\x01\x00\x08\x00")
        file.write(b"data" + data_bytes.to_bytes(4, "little"))
        file.truncate(44 + data_bytes)
    code = (
        "import sys, resource, pathlib; from mien.music.analysis.decode import read_excerpts;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "found = read_excerpts(pathlib.Path(sys.argv[1]));"
        "print(found.duration_s, found.analysed_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, timeout=HANG_S, check=True
    )
    duration_s, analysed_s, grown_kib = map(float, done.stdout.split())
    assert duration_s == pytest.approx(12 * 3600)
    assert analysed_s == pytest.approx(60, abs=0.2)
    assert grown_kib < 60_000


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "flac", "opus", "wav"])
def test_truncated_file_is_read_to_its_end(sounds, tmp_path, suffix):
    whole = sounds.write(tmp_path / f"whole.{suffix}", sounds.tone(330, seconds=100))
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 5])
    excerpts = read_excerpts(cut)
    assert excerpts.analysed_s >= 19
    assert frequency_hz(excerpts.parts[0]) == pytest.approx(330, abs=1)


def test_file_damaged_in_the_middle_is_read_around_the_damage(sounds, tmp_path):
    path = sounds.write(tmp_path / "scratched.mp3", sounds.tone(330, seconds=30))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = np.random.default_rng(0).bytes(4000)
    path.write_bytes(data)
    excerpts = read_excerpts(path)
    assert excerpts.analysed_s > 25


def test_file_whose_header_hides_its_length(sounds, tmp_path):
    """As a browser records it: WebM over a pipe, without a duration."""
    source = sounds.write(tmp_path / "source.opus", sounds.tone(500, seconds=90))
    path = tmp_path / "piped.webm"
    with path.open("wb") as raw, av.open(_Pipe(raw), "w", format="webm") as output, av.open(str(source)) as given:
        stream = output.add_stream_from_template(given.streams.audio[0])
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
    with av.open(str(path)) as container:
        assert container.duration is None
    excerpts = read_excerpts(path)
    assert excerpts.duration_s == pytest.approx(90, abs=0.5)
    assert len(excerpts.parts) == 3


class _Pipe:
    """A file that can only be written, never sought in."""

    def __init__(self, file):
        self.write = file.write


def test_cover_picture_is_ignored(sounds, tmp_path):
    sound = sounds.write(tmp_path / "sound.mp3", sounds.tone(440, seconds=3))
    path = tmp_path / "with cover.mp3"
    with av.open(str(path), "w") as output, av.open(str(sound)) as given:
        stream = output.add_stream_from_template(given.streams.audio[0])
        picture = output.add_stream("mjpeg", width=16, height=16, pix_fmt="yuvj420p")
        picture.disposition = av.stream.Disposition.attached_pic
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
        output.mux(
            picture.encode(av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8)).reformat(format="yuvj420p"))
        )
    with av.open(str(path)) as container:
        assert container.streams.video
    assert read_excerpts(path).analysed_s == pytest.approx(3, abs=0.1)


def test_video_without_audio_raises_an_error(tmp_path):
    path = tmp_path / "silent film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5, width=32, height=32)
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))))
        container.mux(stream.encode(None))
    with pytest.raises(AudioError, match=r"silent film\.mp4 cannot be decoded"):
        read_excerpts(path)


def test_valid_ogg_that_ffmpeg_refuses_is_read(sounds, tmp_path):
    """A byte after Vorbis' setup header, which some encoders write, stops FFmpeg but not libsndfile."""
    path = sounds.write(tmp_path / "refused.ogg", sounds.tone(440, seconds=100))
    path.write_bytes(with_byte_after_headers(path.read_bytes()))
    with pytest.raises(av.FFmpegError), av.open(str(path)):
        pass
    excerpts = read_excerpts(path)
    assert excerpts.duration_s == pytest.approx(100, abs=0.1)
    assert len(excerpts.parts) == 3
    assert frequency_hz(excerpts.parts[0]) == pytest.approx(440, abs=1)


def with_byte_after_headers(data):
    """An Ogg file whose second page, which ends the headers, is longer by one byte."""
    begin = data.index(b"OggS", 4)
    end = data.index(b"OggS", begin + 4)
    page = bytearray(data[begin:end]) + b"\x01"
    page[26 + page[26]] += 1
    page[22:26] = bytes(4)
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = checksum << 1 ^ (0x104C11DB7 if checksum & 0x80000000 else 0)
    page[22:26] = checksum.to_bytes(4, "little")
    return data[:begin] + page + data[end:]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.mp3", b"", "empty.mp3 is empty"),
        ("text.mp3", b"It was a dark and stormy night. " * 500, "cannot be decoded"),
        ("random.mp3", np.random.default_rng(0).bytes(200_000), "cannot be decoded"),
        ("random.ogg", b"OggS" + np.random.default_rng(0).bytes(200_000), "cannot be decoded"),
        ("header.flac", b"fLaC", "cannot be decoded"),
        ("page.mp3", b"<!doctype html><title>404</title>", "cannot be decoded"),
    ],
)
def test_other_files_raise_an_error_in_one_sentence(tmp_path, capfd, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AudioError, match=message) as caught:
        read_excerpts(path)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_missing_file_folder_and_pipe_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp3")
    for name in ("missing.mp3", "", "pipe.mp3", "zero\0byte.mp3"):
        with pytest.raises(AudioError):
            read_excerpts(tmp_path / name)


def test_playlist_in_disguise_opens_no_address(tmp_path):
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{address}/a.ts\n#EXT-X-ENDLIST\n"
        concat = f"ffconcat version 1.0\nfile '{address}/b.mp3'\n"
        for name, text in (("song.mp3", playlist), ("song.m3u8", playlist), ("song.ogg", concat)):
            (tmp_path / name).write_text(text)
            with pytest.raises(AudioError):
                read_excerpts(tmp_path / name)
        server.shutdown()
        thread.join()
    assert asked == []


def test_non_finite_samples_are_silenced(tmp_path):
    samples = np.full(SAMPLE_RATE_HZ, 0.1, np.float32)
    samples[:3] = np.nan, np.inf, -1e30
    soundfile.write(tmp_path / "odd.wav", samples, SAMPLE_RATE_HZ, subtype="FLOAT")
    read = read_excerpts(tmp_path / "odd.wav").parts[0]
    assert np.isfinite(read).all()
    assert np.abs(read).max() <= 8


def test_name_may_look_like_an_address(sounds, tmp_path):
    for name in ("concat:a|b.wav", "100% – ünï.wav", "-i.wav"):
        assert read_excerpts(sounds.write(tmp_path / name, sounds.tone(seconds=1))).analysed_s == pytest.approx(
            1, abs=0.05
        )


@pytest.mark.parametrize("tag", [b"drms", b"enca", b"aavd"])
def test_a_file_whose_sound_is_encrypted_says_so(sounds, tmp_path, tag):
    path = sounds.write(tmp_path / "bought.m4a", sounds.tone(seconds=1))
    path.write_bytes(path.read_bytes().replace(b"mp4a", tag, 1))
    with pytest.raises(AudioError, match=r"bought\.m4a is locked by a copy protection \(DRM\); get it without"):
        read_excerpts(path)
