"""Music that browsers cannot play is decoded as it is sent: whole, in parts, and the parts are the whole."""

import io
import struct
from pathlib import PurePosixPath

import av
import numpy as np
import pytest
import soundfile

from mien.errors import AudioError
from mien.music.location import LocalFile, ServerFile
from mien.music.sources.source import SourceItem
from mien.music.sources.subsonic import SubsonicSource
from mien.music.wave import WaveView, codec_of, open_part
from tests.servers import write_sound

FORMATS = [("a.m4a", "alac"), ("a.wma", "wmav2"), ("a.aiff", "pcm_s16be"), ("a.mp2", "mp2")]
LOSSLESS = {"alac", "pcm_s16be"}


@pytest.fixture(params=FORMATS, ids=lambda pair: pair[1])
def odd(request, tmp_path):
    name, codec = request.param
    return write_sound(tmp_path / name, codec=codec, seconds=3.3), codec


def view(path):
    return WaveView(lambda: path.open("rb"))


def write_silence(path, *, seconds):
    """A Wave64 file, 16 bits, 44.1 kHz, stereo, in a sparse file: the longest takes no room on the disk."""
    tail = bytes.fromhex("f3acd3118cd100c04f8edb8a")
    data_bytes = seconds * 44_100 * 4
    fmt = b"fmt " + tail + struct.pack("<QHHIIHH", 40, 1, 2, 44_100, 44_100 * 4, 4, 16)
    data = b"data" + tail + struct.pack("<Q", 24 + data_bytes)
    size_bytes = 24 + 16 + len(fmt) + len(data) + data_bytes
    riff = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000") + struct.pack("<Q", size_bytes)
    with path.open("wb") as file:
        file.write(riff + b"wave" + tail + fmt + data)
        file.truncate(size_bytes)
    return path


def whole(wave):
    return b"".join(wave.read(0, wave.size_bytes))


def test_the_whole_is_a_wav_file_that_sounds_the_same(odd):
    path, codec = odd
    wave = view(path)
    data = whole(wave)
    assert len(data) == wave.size_bytes
    samples, rate = soundfile.read(io.BytesIO(data), always_2d=True)
    assert (rate, samples.shape[1]) == (44_100, 2)
    assert len(samples) / rate == pytest.approx(3.3, abs=0.1)
    loudest_hz = np.argmax(np.abs(np.fft.rfft(samples[:44_100, 0])))
    assert loudest_hz == pytest.approx(330, abs=2)
    if codec in LOSSLESS:
        tone = 0.3 * np.sin(2 * np.pi * 330 * np.arange(len(samples)) / rate)
        assert np.abs(samples[:, 0] - tone).max() < 1e-3


def test_any_part_is_that_part_of_the_whole(odd):
    path, codec = odd
    wave = view(path)
    data = whole(wave)
    rng = np.random.default_rng(0)
    starts = [0, 1, 43, 44, 45, 46, 47, len(data) - 1, *rng.integers(0, len(data), 12).tolist()]
    for start in starts:
        stop = min(len(data), start + int(rng.integers(1, 200_000)))
        part = b"".join(wave.read(start, stop))
        assert len(part) == stop - start
        if codec in LOSSLESS:
            assert part == data[start:stop]


@pytest.mark.parametrize("hours", [0.5, 5, 12, 40])
def test_a_track_of_any_length_has_a_header_that_is_true(tmp_path, hours):
    wave = view(write_silence(tmp_path / "long.w64", seconds=round(hours * 3600)))
    header = b"".join(wave.read(0, 44))
    (data_bytes,) = struct.unpack("<I", header[40:])
    assert data_bytes + 44 == wave.size_bytes < 2**32 + 44
    last = b"".join(wave.read(wave.size_bytes - 100, wave.size_bytes))
    assert last == bytes(100)


def test_high_rates_and_many_channels_become_what_browsers_play(tmp_path):
    path = tmp_path / "studio.flac"
    soundfile.write(path, np.zeros((96_000, 6)), 96_000)
    samples, rate = soundfile.read(io.BytesIO(whole(view(path))), always_2d=True)
    assert (rate, samples.shape) == (48_000, (48_000, 2))


def test_a_damaged_file_becomes_silence_where_it_is_damaged(tmp_path):
    path = write_sound(tmp_path / "a.aiff", codec="pcm_s16be")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    wave = view(path)
    assert len(whole(wave)) == wave.size_bytes


@pytest.mark.parametrize(
    "data", [b"", b"nonsense" * 100, b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nhttp://127.0.0.1:1/a.ts\n"]
)
def test_file_without_audio_raises_audio_error(tmp_path, data):
    path = tmp_path / "a.wma"
    path.write_bytes(data)
    assert codec_of(lambda: path.open("rb")) == ""
    with pytest.raises(AudioError):
        view(path)


def test_no_address_in_a_file_is_opened(tmp_path, odd_server):
    server = odd_server(lambda line, headers: [])
    path = tmp_path / "a.m4a"
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{server.address}/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(AudioError):
        view(path)
    assert server.asked == []


def test_page_gets_audio_it_can_play(client, library, tmp_path):
    path = write_sound(tmp_path / "apple.m4a", codec="alac")
    library.files["folder:gone"] = path
    answer = client.get("/api/v1/tracks/folder:gone/audio")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/wav")
    assert answer.headers["Accept-Ranges"] == "bytes"
    with av.open(io.BytesIO(answer.content)) as container:
        assert container.streams.audio[0].codec_context.name == "pcm_s16le"

    data = answer.content
    for wanted, first, last in [("bytes=0-", 0, len(data) - 1), ("bytes=100-199", 100, 199), ("bytes=-24", -24, -1)]:
        part = client.get("/api/v1/tracks/folder:gone/audio", headers={"Range": wanted})
        first, last = first % len(data), last % len(data)
        assert (part.status_code, part.content) == (206, data[first : last + 1])
        assert part.headers["Content-Range"] == f"bytes {first}-{last}/{len(data)}"
    beyond = client.get("/api/v1/tracks/folder:gone/audio", headers={"Range": f"bytes={len(data)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(data)}")
    several = client.get("/api/v1/tracks/folder:gone/audio", headers={"Range": "bytes=0-1,5-6"})
    assert (several.status_code, several.content) == (200, data)
    earlier = client.get("/api/v1/tracks/folder:gone/audio", headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert (earlier.status_code, earlier.content) == (200, data)
    head = client.head("/api/v1/tracks/folder:gone/audio")
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(len(data)), b"")


def test_the_same_codec_as_ever_is_sent_as_it_is(client, library, tmp_path):
    path = write_sound(tmp_path / "song.m4a", codec="aac")
    library.files["folder:gone"] = path
    answer = client.get("/api/v1/tracks/folder:gone/audio")
    assert (answer.headers["Content-Type"], answer.content) == ("audio/mp4", path.read_bytes())


@pytest.mark.parametrize(("title", "kind"), [("Song", "audio/mpeg"), ("Ночь", "audio/flac"), ("Apple", "audio/wav")])
def test_audio_of_a_real_server_is_passed_through_in_any_range(client, library, subsonic_server, title, kind):
    source = SubsonicSource(subsonic_server.address, user=subsonic_server.user, password=subsonic_server.password)
    item = next(item for item in source.items() if source.read(item).title == title)
    library.remote["folder:gone"] = lambda: (source.open(item), item.location.suffix)
    whole = client.get("/api/v1/tracks/folder:gone/audio")
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, kind)
    if kind != "audio/wav":
        with source.open(item) as file:
            assert whole.content == file.read()
    for start in (0, 100, len(whole.content) - 50):
        part = client.get("/api/v1/tracks/folder:gone/audio", headers={"Range": f"bytes={start}-{start + 49}"})
        assert (part.status_code, part.content) == (206, whole.content[start : start + 50])
    assert "p=" not in str(whole.headers) + str(whole.url)


def test_a_track_of_a_cue_sheet_is_sent_as_its_part_in_any_range(client, library, tmp_path):
    ramp = np.linspace(-0.9, 0.9, 9 * 8000, dtype=np.float32)
    soundfile.write(tmp_path / "album.flac", ramp, 8000)
    library.files["folder:gone"] = tmp_path / "album.cue" / "track0002"
    library.remote["folder:gone"] = lambda: (open_part(tmp_path / "album.flac", 3.0, 6.0), ".wav")
    library.location = lambda track_id: LocalFile(library.files[track_id])
    whole = client.get("/api/v1/tracks/folder:gone/audio")
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "audio/wav")
    wave, rate = soundfile.read(io.BytesIO(whole.content))
    assert (rate, len(wave)) == (8000, 3 * 8000)
    assert np.allclose(wave, ramp[3 * 8000 : 6 * 8000], atol=1e-3)
    for start in (0, 44, 20_001, len(whole.content) - 50):
        part = client.get("/api/v1/tracks/folder:gone/audio", headers={"Range": f"bytes={start}-{start + 49}"})
        assert (part.status_code, part.content) == (206, whole.content[start : start + 50])


def test_a_server_out_of_reach_is_a_sentence_on_the_page(client, library):
    source = SubsonicSource("http://127.0.0.1:1", user="ada", password="", timeout_s=1)
    library.remote["folder:gone"] = lambda: (
        source.open(SourceItem("1", ServerFile("subsonic", PurePosixPath("a.mp3")), 0, 0)),
        ".mp3",
    )
    answer = client.get("/api/v1/tracks/folder:gone/audio")
    assert answer.status_code == 502
    assert "Nothing answers at 127.0.0.1:1" in answer.json()["error"]["message"]
