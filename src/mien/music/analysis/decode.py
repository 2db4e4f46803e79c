"""Decodes excerpts of a sound file of any format and length, in bounded memory.

FFmpeg (PyAV) decodes nearly everything; libsndfile (soundfile) reads some valid Ogg files that FFmpeg refuses.
"""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
import soundfile
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from numpy.typing import NDArray

from mien.errors import AudioError, UndecodableError
from mien.music.cue import cue_part
from mien.music.formats import LOCKED, LOCKED_TAGS
from mien.music.wave import open_part

SAMPLE_RATE_HZ = 22_050
EXCERPT_COUNT = 3
EXCERPT_S = 20.0

Samples = NDArray[np.float32]
"""Sound: float32 [channels, samples] at ``SAMPLE_RATE_HZ``, full scale -1..1, with one channel or two (left, right)."""

_STEREO = ("FL", "FR")
_CENTER = frozenset(("FC", "BC", "TC", "TFC", "TBC"))
_CENTER_GAIN = 0.7071
_LEFT = frozenset(("FL", "BL", "SL", "FLC", "TFL", "TBL"))
_RIGHT = frozenset(("FR", "BR", "SR", "FRC", "TFR", "TBR"))
_LAYOUTS_BY_COUNT = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_MAX_LEVEL = 8.0
_SILENT_LEVEL = 1e-3
_LEAD_S = 0.3
# Formats that are worth a second try with libsndfile; on a damaged MP3 it only prints warnings.
_SNDFILE_SIGNATURES = (b"OggS", b"fLaC", b"RIFF", b"FORM")


@dataclass(frozen=True, eq=False)
class Excerpts:
    """The excerpts of a file, and the length of the whole file."""

    parts: tuple[Samples, ...]
    duration_s: float

    @cached_property
    def mono(self) -> tuple[NDArray[np.float32], ...]:
        """Each part as one channel, float32 [samples]: the mean of the channels, or where it cancels, their difference.

        One channel of some files has the wrong polarity: the mean of such channels is what should not be heard.
        """
        means = tuple(part.mean(axis=0) for part in self.parts)
        halves = tuple(part[0] - mean for part, mean in zip(self.parts, means, strict=True))
        return halves if _power(halves) > _power(means) else means

    @property
    def analysed_s(self) -> float:
        """The length of all parts together."""
        samples: int = sum(part.shape[1] for part in self.parts)
        return samples / SAMPLE_RATE_HZ


def read_excerpts(sound: Path | BinaryIO, *, subject: str | None = None) -> Excerpts:
    """Decode three excerpts of 20 s from the middles of a file's thirds, or all of a file of at most a minute.

    More than two channels are mixed to two, the center and the surrounds 3 dB lower (ITU-R BS.775).

    Args:
        sound: A path, also that of a CUE sheet's track, or a binary file that is open and seekable.
        subject: What an error names in place of the path.

    Returns:
        Excerpts with at least one sample.

    Raises:
        UndecodableError: The file is empty or damaged, or holds no sound.
        AudioError: The file is missing or unreadable.
    """
    if isinstance(sound, Path) and (part := cue_part(sound)) is not None:
        with open_part(part.path, part.track.start_s, part.track.end_s) as file:
            return read_excerpts(file, subject=str(sound))
    signature = _signature(sound) if isinstance(sound, Path) else _first_bytes(sound)
    name = subject or (sound if isinstance(sound, Path) else "it")
    excerpts: Excerpts | None = None
    with contextlib.suppress(av.FFmpegError, ValueError, IndexError):
        excerpts = _read_with_ffmpeg(sound, subject=name)
    if excerpts is None and signature in _SNDFILE_SIGNATURES:
        with contextlib.suppress(soundfile.SoundFileError, ValueError):
            if not isinstance(sound, Path):
                sound.seek(0)
            excerpts = _read_with_sndfile(sound)
    if excerpts is None:
        problem = "cannot be decoded: it is damaged, or not a sound file"
        raise UndecodableError(problem, "replace or remove it", subject=name)
    return excerpts


def read_span(sound: BinaryIO, begin_s: float, end_s: float) -> Samples:
    """Decode a part of a sound file; of more than two channels the first two.

    Args:
        sound: A binary file that is open and seekable.
        begin_s: Where the part begins, in seconds.
        end_s: Where it ends.

    Returns:
        The samples; none if the file ends before the part begins.

    Raises:
        AudioError: The file is damaged, or holds no sound.
    """
    try:
        with av.open(sound, "r", options={"protocol_whitelist": "none"}, metadata_errors="replace") as container:
            # The first frame of an MP3 file after a jump is silent.
            lead_s = min(begin_s, _LEAD_S)
            return _decode(container, begin_s - lead_s, end_s)[:, int(lead_s * SAMPLE_RATE_HZ) :]
    except (av.FFmpegError, ValueError, IndexError):
        sound.seek(0)
    try:
        with soundfile.SoundFile(sound) as file:
            return _read_span(file, begin_s, end_s)
    except (soundfile.SoundFileError, ValueError) as error:
        raise AudioError("cannot be decoded: it is damaged, or not a sound file", "replace or remove it") from error


def without_silent_ends(excerpts: Excerpts) -> Excerpts:
    """The excerpts without the silence before and after them: below a thousandth of the highest level (-60 dB).

    Parts that are silent throughout are left out, unless all are.
    """
    floor = max(float(np.abs(part).max(initial=0.0)) for part in excerpts.parts) * _SILENT_LEVEL
    sounding = [np.flatnonzero(np.abs(part).max(axis=0) > floor) for part in excerpts.parts]
    parts = tuple(
        part[:, where[0] : where[-1] + 1] for part, where in zip(excerpts.parts, sounding, strict=True) if where.size
    )
    return Excerpts(parts, excerpts.duration_s) if parts else excerpts


def _power(waves: Sequence[NDArray[np.float32]]) -> float:
    return sum(float(np.sum(wave**2, dtype=np.float64)) for wave in waves)


def _signature(path: Path) -> bytes:
    """A file's first four bytes."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe could block
            raise AudioError("is not a file", "name a sound file", subject=path)
        with path.open("rb") as file:
            signature = file.read(4)
    except (FileNotFoundError, ValueError) as error:  # a name with a zero byte is a ValueError
        raise AudioError("does not exist", "check its name", subject=path) from error
    except OSError as error:
        raise AudioError(f"cannot be read ({error.strerror})", "check its permissions", subject=path) from error
    if not signature:
        raise UndecodableError("is empty", "replace or remove it", subject=path)
    return signature


def _first_bytes(file: BinaryIO) -> bytes:
    signature = file.read(4)
    file.seek(0)
    return signature


def _spans(duration_s: float) -> list[tuple[float, float]]:
    """The begin and end of each excerpt of a file of this length, in seconds."""
    if duration_s <= EXCERPT_COUNT * EXCERPT_S:
        return [(0.0, EXCERPT_COUNT * EXCERPT_S)]
    middles = [duration_s * (2 * i + 1) / (2 * EXCERPT_COUNT) for i in range(EXCERPT_COUNT)]
    return [(middle - EXCERPT_S / 2, middle + EXCERPT_S / 2) for middle in middles]


def _collect(parts: Iterator[Samples], duration_s: float) -> Excerpts | None:
    """The parts with sound; None if there are none, so that another decoder is tried."""
    decoded = tuple(part for part in parts if part.size)
    return Excerpts(decoded, duration_s) if decoded else None


def _read_with_ffmpeg(sound: Path | BinaryIO, *, subject: Path | str) -> Excerpts | None:
    # A playlist that is named like a sound file could make FFmpeg connect to servers: only local files are allowed, and
    # no other files at all if the sound is an open file.
    local = isinstance(sound, Path)
    options = {"protocol_whitelist": "file" if local else "none"}
    with av.open(f"file:{sound}" if local else sound, "r", options=options, metadata_errors="replace") as container:
        if not container.streams.audio:
            return None
        if container.streams.audio[0].codec_context.codec_tag in LOCKED_TAGS:
            raise UndecodableError(*LOCKED, subject=subject)
        duration_s = _duration_s(container)
        return _collect((_decode(container, begin, end) for begin, end in _spans(duration_s)), duration_s)


def _duration_s(container: InputContainer) -> float:
    """The file's length; if its header does not state it, by reading every packet without decoding."""
    if container.duration is not None and container.duration > 0:
        return container.duration / av.time_base
    stream = container.streams.audio[0]
    end_s = 0.0
    for packet in container.demux(stream):
        if packet.pts is not None and packet.time_base is not None:
            end_s = max(end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end_s


def _decode(container: InputContainer, begin_s: float, end_s: float) -> Samples:
    """The samples between two times; fewer, or none, if the file is damaged."""
    stream = container.streams.audio[0]
    origin_s = (container.start_time or 0) / av.time_base
    decoded = AudioFifo()  # to resample frame by frame would take three times as long
    try:
        container.seek(int((origin_s + begin_s) * av.time_base))
        for packet in container.demux(stream):
            if packet.pts is not None and float(packet.pts * packet.time_base) - origin_s >= end_s:
                break
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            for frame in frames:
                if isinstance(frame, AudioFrame) and (frame.time is None or frame.time - origin_s >= begin_s):
                    frame.pts = None  # or the queue refuses frames after a gap
                    decoded.write(frame)
    except (av.FFmpegError, ValueError):
        # The file ends early or changes its format midway: what was decoded so far counts.
        pass
    return _resampled(decoded.read(partial=True) if decoded.samples else None, end_s - begin_s)


def _read_with_sndfile(sound: Path | BinaryIO) -> Excerpts | None:
    with soundfile.SoundFile(sound) as file:
        duration_s = file.frames / file.samplerate
        return _collect((_read_span(file, begin, end) for begin, end in _spans(duration_s)), duration_s)


def _read_span(file: soundfile.SoundFile, begin_s: float, end_s: float) -> Samples:
    file.seek(int(begin_s * file.samplerate))
    read = file.read(int((end_s - begin_s) * file.samplerate), dtype="float32", always_2d=True)
    channels = np.ascontiguousarray(read.T[: max(_LAYOUTS_BY_COUNT)])
    if not channels.size:
        return np.zeros((1, 0), np.float32)
    frame = AudioFrame.from_ndarray(channels, format="fltp", layout=_LAYOUTS_BY_COUNT[len(channels)])
    frame.sample_rate = file.samplerate
    return _resampled(frame, end_s - begin_s)


def _resampled(frame: AudioFrame | None, longest_s: float) -> Samples:
    """The samples of a frame, at most so many seconds of them; none for no frame."""
    if frame is None:
        return np.zeros((1, 0), np.float32)
    resampler = AudioResampler(format="fltp", rate=SAMPLE_RATE_HZ)
    pieces = [resampled.to_ndarray() for last in (frame, None) for resampled in resampler.resample(last)]
    samples = np.concatenate(pieces, axis=1, dtype=np.float32)[:, : int(longest_s * SAMPLE_RATE_HZ)]
    # Floating-point files may hold NaN and values far beyond full scale.
    samples = np.clip(np.nan_to_num(samples, copy=False, nan=0.0), -_MAX_LEVEL, _MAX_LEVEL, out=samples)
    return _mixed(samples, _channel_names(frame.layout))


def _channel_names(layout: AudioLayout) -> list[str]:
    """FFmpeg's names of a layout's channels; those of the usual layout if the file does not say which it has."""
    names = [channel.name for channel in layout.channels]
    usual = _LAYOUTS_BY_COUNT.get(len(names))
    return names if usual is None or set(names) != {"NONE"} else [one.name for one in AudioLayout(usual).channels]


def _mixed(channels: Samples, names: Sequence[str]) -> Samples:
    """Channels with FFmpeg's names ("FL", "FC"), mixed to two if there are more; what is below 120 Hz only is left."""
    if len(channels) <= len(_STEREO):
        return channels
    gains = np.array(
        [[_gain(name, front, side) for name in names] for front, side in zip(_STEREO, (_LEFT, _RIGHT), strict=True)]
    )
    return (gains.astype(np.float32) @ channels) if gains.any() else channels[: len(_STEREO)]


def _gain(name: str, front: str, side: frozenset[str]) -> float:
    """How much of a channel goes to one side of the mix."""
    if name == front:
        return 1.0
    return _CENTER_GAIN if name in side or name in _CENTER else 0.0
