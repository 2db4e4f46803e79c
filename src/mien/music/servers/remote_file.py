"""A file on a server as Python's files are: decoders and browsers read it in parts, and only the parts are fetched."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from mien.errors import AudioError, SlowSourceError, SourceError
from mien.music.servers.http import HttpStream

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_SKIPPED_BYTES = 262_144  # a seek forward by less than this reads on: cheaper than to ask again
_BREAKS_MOST = 20  # how often a connection may break on the way through one file


class RemoteFile(io.RawIOBase):
    """A file on a server as a seekable file: read on, it is one answer; after a jump the server is asked again.

    ``open_at`` gives the stream from a byte on; more than ``bytes_most`` bytes in all, if given, are refused with
    ``AudioError``, so that a listener to excerpts cannot be made to fetch without end.
    """

    def __init__(
        self, open_at: Callable[[int], HttpStream], *, size_bytes: int | None = None, bytes_most: int | None = None
    ) -> None:
        super().__init__()
        self._open_at = open_at
        self._at = 0
        self._left = bytes_most
        self._breaks = 0
        self._stream: HttpStream | None = None
        self._stream_at = 0
        first = open_at(0)
        size = first.size_bytes if first.size_bytes is not None else size_bytes
        if size is None:
            first.close()
            raise AudioError("the server does not say how long its file is; switch off transcoding for mien there.")
        self.size_bytes = size
        self._stream = first

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; nothing is asked of the server before something is read."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size_bytes}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning of the file")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read what the server has ready, up to the size of the buffer."""
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self.size_bytes - self._at)
        if wanted <= 0:
            return 0
        if self._left is not None:
            if self._left <= 0:
                raise AudioError("it is too large to be heard over the network; add it as a file.")
            wanted = min(wanted, self._left)
        data = self._received(wanted)
        view[: len(data)] = data
        self._at += len(data)
        self._stream_at = self._at
        if self._left is not None:
            self._left -= len(data)
        return len(data)

    def _received(self, wanted: int) -> bytes:
        """What comes next; where the connection broke, the server is asked once more, from there on."""
        try:
            if data := self._here().read(wanted):
                return data
        except SlowSourceError:
            raise
        except SourceError:
            if self._stream is None:  # it was just asked
                raise
        self._breaks += 1
        self._hang_up()
        data = self._here().read(wanted) if self._breaks <= _BREAKS_MOST else b""
        if not data:
            raise SourceError("The server ended in the middle of a file; try again.")
        return data

    def _here(self) -> HttpStream:
        ahead = self._at - self._stream_at
        if self._stream is not None and 0 <= ahead <= _SKIPPED_BYTES:
            self._stream.skip(ahead)
            return self._stream
        self._hang_up()  # before it is asked, should it be gone
        self._stream = self._open_at(self._at)
        return self._stream

    def close(self) -> None:
        """Hang up."""
        self._hang_up()
        super().close()

    def _hang_up(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
