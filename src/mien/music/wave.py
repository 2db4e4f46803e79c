"""Presents audio that browsers cannot play, or a part of it, as a virtual WAV file, which is decoded while it is read.

PCM has a length that is known in advance and a fixed number of bytes per sample, so that a browser can seek in it.
"""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.container import InputContainer

from mien.errors import AudioError, Remedy, UndecodableError
from mien.music.location import open_file

# fmt: off
PLAYED_CODECS = frozenset((
    "aac", "flac", "mp3", "mp3float", "opus", "pcm_f32le", "pcm_s16le", "pcm_s24le", "pcm_u8", "vorbis",
))
# fmt: on
"""Codecs that browsers decode, by FFmpeg's names."""

_HEADER_BYTES = 44
_MAX_DATA_BYTES = 2**32 - 1 - _HEADER_BYTES  # the limit of a WAV file's header
_MAX_RATE_HZ = 48_000
_SAMPLE_BYTES = 2
_CHUNK_BYTES = 65_536

OpenFile = Callable[[], BinaryIO]
"""Opens an audio file, seekable, from its start."""


def codec_of(open_file: OpenFile) -> str:
    """The codec of a file's first audio stream by FFmpeg's name, "" if FFmpeg finds none."""
    with contextlib.suppress(av.FFmpegError, ValueError, IndexError), _decoder(open_file) as container:
        return container.streams.audio[0].codec_context.name
    return ""


class WaveView:
    """An audio file as a 16-bit WAV file, mono or stereo, at its own sample rate up to 48 kHz.

    A track too long for a WAV file becomes mono, and is cut if it is still too long.

    Attributes:
        media_type: The Content-Type.
        size_bytes: The size of the whole WAV file, header included.
    """

    media_type = "audio/wav"

    def __init__(self, open_file: OpenFile, *, begin_s: float = 0.0, end_s: float | None = None) -> None:
        """Read a file's header.

        Args:
            open_file: Opens the file; called again for each read.
            begin_s: Where the part to present begins, in seconds.
            end_s: Where the part ends; None for the end of the file.

        Raises:
            UndecodableError: The file has no audio in that part that can be decoded.
        """
        self._open_file = open_file
        try:
            with _decoder(open_file) as container:
                stream = container.streams.audio[0]
                self._rate_hz = min(stream.codec_context.sample_rate, _MAX_RATE_HZ)
                channels = min(stream.codec_context.channels, 2)
                whole_s = _duration_s(container)
                self._begin = round(begin_s * self._rate_hz)
                frames = round(min(whole_s, whole_s if end_s is None else end_s) * self._rate_hz) - self._begin
        except (av.FFmpegError, ValueError, IndexError) as error:
            raise UndecodableError("The file cannot be decoded") from error
        if frames <= 0 or not self._rate_hz or not channels:
            raise UndecodableError("The file has no audio")
        if frames * channels * _SAMPLE_BYTES > _MAX_DATA_BYTES:
            channels = 1
        self._channels = channels
        self._frame_bytes = channels * _SAMPLE_BYTES
        self._frames = min(frames, _MAX_DATA_BYTES // self._frame_bytes)
        self.size_bytes = _HEADER_BYTES + self._frames * self._frame_bytes

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from ``start`` to before ``stop``, in chunks; damaged parts of the file are silent."""
        if start < _HEADER_BYTES:
            yield self._header()[start:stop]
        begin, skipped = divmod(max(0, start - _HEADER_BYTES), self._frame_bytes)
        left = stop - max(start, _HEADER_BYTES)
        if left <= 0:
            return
        for chunk in self._samples(self._begin + begin):
            wanted = chunk[skipped : skipped + left]
            skipped = max(0, skipped - len(chunk))
            left -= len(wanted)
            yield wanted
            if left <= 0:
                return
        yield from _silence(left)

    def _samples(self, begin: int) -> Iterator[bytes]:
        """The samples from frame ``begin`` on, cut and padded so that each is at its own time."""
        resampler = AudioResampler(format="s16", layout="mono" if self._channels == 1 else "stereo", rate=self._rate_hz)
        at: int | None = None if begin else 0
        with contextlib.suppress(av.FFmpegError, ValueError), _decoder(self._open_file) as container:
            origin_s = (container.start_time or 0) / av.time_base
            if begin:
                container.seek(int((origin_s + begin / self._rate_hz) * av.time_base))
            for frame in _frames(container):
                if at is None:
                    at = round(((frame.time or origin_s) - origin_s) * self._rate_hz)
                    yield from _silence((at - begin) * self._frame_bytes)
                for resampled in resampler.resample(frame):
                    yield self._samples_after(resampled, begin - at)
                    at += resampled.samples
            for resampled in resampler.resample(None):
                yield self._samples_after(resampled, begin - (at or 0))

    def _samples_after(self, frame: av.AudioFrame, skipped: int) -> bytes:
        """A decoded frame's bytes without the first ``skipped`` samples."""
        samples = np.asarray(frame.to_ndarray(), "<i2").reshape(-1)
        return samples[max(0, skipped) * self._channels :].tobytes()

    def _header(self) -> bytes:
        data_bytes = self.size_bytes - _HEADER_BYTES
        byte_rate = self._rate_hz * self._frame_bytes
        fmt = struct.pack("<HHIIHH", 1, self._channels, self._rate_hz, byte_rate, self._frame_bytes, 16)
        riff = b"RIFF" + struct.pack("<I", data_bytes + _HEADER_BYTES - 8) + b"WAVEfmt " + struct.pack("<I", len(fmt))
        return riff + fmt + b"data" + struct.pack("<I", data_bytes)


@contextlib.contextmanager
def _decoder(open_file: OpenFile) -> Iterator[InputContainer]:
    # A playlist with an audio suffix could make FFmpeg open other files and addresses.
    options = {"protocol_whitelist": "none"}
    with open_file() as file, av.open(file, "r", options=options, metadata_errors="replace") as container:
        yield container


class WaveFile(io.RawIOBase):
    """A ``WaveView`` as a binary file for reading and seeking; it decodes while it is read."""

    def __init__(self, view: WaveView) -> None:
        super().__init__()
        self._view = view
        self._at = 0
        self._chunks: Iterator[bytes] | None = None
        self._left = b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position; decoding starts again there at the next read."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._view.size_bytes}[whence]
        position = max(0, start + offset)
        if position != self._at:
            self._at = position
            self._forget()
        return self._at

    def tell(self) -> int:
        """The position."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read bytes into a buffer; 0 at the end."""
        if self._chunks is None:
            self._chunks = self._view.read(self._at, self._view.size_bytes)
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = chunk
        wanted = self._left[: len(buffer)]
        self._left = self._left[len(wanted) :]
        buffer[: len(wanted)] = wanted
        self._at += len(wanted)
        return len(wanted)

    def close(self) -> None:
        """Close the file that is decoded."""
        self._forget()
        super().close()

    def _forget(self) -> None:
        if isinstance(self._chunks, Generator):
            self._chunks.close()
        self._chunks, self._left = None, b""


def open_part(path: Path, begin_s: float, end_s: float | None) -> BinaryIO:
    """Open a part of a sound file as a WAV file.

    Args:
        path: The sound file.
        begin_s: Where the part begins, in seconds.
        end_s: Where the part ends; None for the end of the file.

    Raises:
        UndecodableError: The file cannot be decoded, or ends before the part begins.
        AudioError: The file is gone or cannot be read.
    """
    try:
        view = WaveView(lambda: open_file(path), begin_s=begin_s, end_s=end_s)
    except UndecodableError as error:
        beyond = f", or ends before {begin_s:.0f} s, where a track of its CUE sheet begins" if begin_s else ""
        remedy = "correct the sheet, or replace the file"
        raise UndecodableError(f"cannot be decoded{beyond}", remedy, subject=path) from error
    except OSError as error:
        raise AudioError(f"cannot be read ({error.strerror})", Remedy.SCAN, subject=path) from error
    return cast(BinaryIO, io.BufferedReader(WaveFile(view), _CHUNK_BYTES))


def _silence(size_bytes: int) -> Iterator[bytes]:
    for at in range(0, size_bytes, _CHUNK_BYTES):
        yield bytes(min(_CHUNK_BYTES, size_bytes - at))


def _frames(container: InputContainer) -> Iterator[av.AudioFrame]:
    """The decoded frames of a file; damaged packets are skipped."""
    for packet in container.demux(container.streams.audio[0]):
        with contextlib.suppress(av.FFmpegError):
            yield from (frame for frame in packet.decode() if isinstance(frame, av.AudioFrame))


def _duration_s(container: InputContainer) -> float:
    """The duration of a file's audio; if its header has none, it is computed from the packets without decoding them."""
    stream = container.streams.audio[0]
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration and container.duration > 0:
        return container.duration / av.time_base
    end_s = 0.0
    for packet in container.demux(stream):
        if packet.pts is not None and packet.time_base is not None:
            end_s = max(end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end_s
