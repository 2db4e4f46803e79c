"""Sounds that the tests make themselves: nothing is recorded, nothing is committed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from mien.music.analysis.decode import SAMPLE_RATE_HZ, Excerpts
from mien.music.library.database import Database
from mien.music.library.library import Library

Wave = NDArray[np.float32]

_CODECS = {".mp3": "libmp3lame", ".m4a": "aac", ".opus": "libopus", ".webm": "libopus"}
_FILE_RATE_HZ = 48_000


class Sounds:
    """Makes waves, float32 [samples] at a rate of one's choice, and files of them."""

    def tone(self, hz: float = 440.0, *, seconds: float = 5.0, level: float = 0.3, rate: int = SAMPLE_RATE_HZ) -> Wave:
        """A sine."""
        return (level * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)

    def note(self, pitch: float, *, seconds: float, level: float = 0.2, decay_s: float = 0.4) -> Wave:
        """A plucked note of a MIDI pitch, with six partials."""
        time = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        hz = 440 * 2 ** ((pitch - 69) / 12)
        partials = sum(np.sin(2 * np.pi * hz * k * time) / k for k in range(1, 7))
        return (level * partials * np.exp(-time / decay_s)).astype(np.float32)

    def noise(self, *, seconds: float = 20.0, level: float = 0.1) -> Wave:
        """White noise, the same each time."""
        return np.random.default_rng(0).normal(0, level, int(seconds * SAMPLE_RATE_HZ)).astype(np.float32)

    def clicks(self, bpm: float, *, seconds: float = 20.0) -> Wave:
        """A short burst on every beat."""
        burst = self.noise(seconds=0.02, level=0.5) * np.linspace(1, 0, int(0.02 * SAMPLE_RATE_HZ), dtype=np.float32)
        return self.score([(0.1 + beat * 60 / bpm, burst) for beat in range(int(seconds * bpm / 60))], seconds=seconds)

    def chords(self, *chords: tuple[int, ...], every_s: float = 0.5, seconds: float = 20.0, low: int = 0) -> Wave:
        """Chords of MIDI pitches, over and over."""
        count = int(seconds / every_s)
        events = [
            (i * every_s, self.note(pitch + low, seconds=1.0, level=0.1))
            for i in range(count)
            for pitch in chords[i % len(chords)]
        ]
        return self.score(events, seconds=seconds)

    def score(self, events: list[tuple[float, Wave]], *, seconds: float) -> Wave:
        """Waves, each added at its time in seconds."""
        whole = np.zeros(int((seconds + 2) * SAMPLE_RATE_HZ), np.float32)
        for at_s, wave in events:
            begin = int(at_s * SAMPLE_RATE_HZ)
            whole[begin : begin + wave.size] += wave
        return whole[: int(seconds * SAMPLE_RATE_HZ)]

    def excerpts(self, wave: Wave, *, count: int = 3) -> Excerpts:
        """What the decoder would give for a long file that sounds like this all over."""
        return Excerpts((wave[None],) * count, duration_s=count * wave.size / SAMPLE_RATE_HZ)

    def write(self, path: Path, *channels: Wave, rate: int = SAMPLE_RATE_HZ, **tags: str) -> Path:
        """Encode waves, one a channel, in the format that the suffix names."""
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = np.stack(channels)
        if path.suffix in _CODECS:
            _encode(path, samples, rate, tags)
        else:
            with soundfile.SoundFile(path, "w", rate, len(channels)) as file:
                for tag, text in tags.items():
                    setattr(file, tag, text)
                for block in np.array_split(samples.T, 1 + samples.shape[1] // rate):
                    file.write(block)  # libsndfile's Vorbis encoder runs out of stack on long blocks
        return path


def _encode(path: Path, samples: NDArray[np.float32], rate: int, tags: dict[str, str]) -> None:
    layout = {1: "mono", 2: "stereo"}[len(samples)]
    with av.open(str(path), "w") as container:
        container.metadata.update(tags)
        stream = container.add_stream(_CODECS[path.suffix], rate=_FILE_RATE_HZ, layout=layout)
        stream.codec_context.open()
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=stream.format, layout=layout, rate=_FILE_RATE_HZ, frame_size=stream.codec_context.frame_size
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None), None]:
            container.mux(stream.encode(piece))


@pytest.fixture(scope="session")
def sounds() -> Sounds:
    """The maker of sounds."""
    return Sounds()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database in a folder of its own."""
    with Database.open(tmp_path / "home" / "library.sqlite3") as opened:
        yield opened


@pytest.fixture
def library(database: Database) -> Library:
    """An empty library without the starter pieces."""
    return Library(database, starter=False)
