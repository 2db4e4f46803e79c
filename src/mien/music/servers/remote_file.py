"""A file on a server as a Python file object, which fetches only the parts that are read."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from mien.errors import AudioError, SlowSourceError, SourceError
from mien.music.servers.http import HttpStream

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MAX_SKIPPED_BYTES = 262_144  # reading this many bytes ahead is cheaper than a new request
_MAX_RECONNECTS = 20  # how often the connection may break in one file


class RemoteFile(io.RawIOBase):
    """A file on a server as a seekable file: reading on uses one request; seeking far starts another."""

    def __init__(
        self, open_at: Callable[[int], HttpStream], *, size_bytes: int | None = None, max_bytes: int | None = None
    ) -> None:
        """Request the start of the file.

        Args:
            open_at: Requests the file from a byte on.
            size_bytes: The file's size, used if the server does not send it.
            max_bytes: How much may be fetched in total; reading more raises ``AudioError``.

        Raises:
            AudioError: The size is unknown.
            SourceError: The server is out of reach.
        """
        super().__init__()
        self._open_at = open_at
        self._position = 0
        self._remaining = max_bytes
        self._reconnects = 0
        self._stream: HttpStream | None = None
        self._stream_position = 0
        first = open_at(0)
        size = first.size_bytes if first.size_bytes is not None else size_bytes
        if size is None:
            first.close()
            raise AudioError("The server does not send the size of the file", "switch off transcoding for mien there")
        self.size_bytes = size
        self._stream = first

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """The position of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the position; the server is asked when something is read."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size_bytes}[whence]
        if base + offset < 0:
            raise ValueError("the position is before the start of the file")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read what has arrived, up to the size of the buffer."""
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self.size_bytes - self._position)
        if wanted <= 0:
            return 0
        if self._remaining is not None:
            if self._remaining <= 0:
                raise AudioError("It is too large to be heard over the network", "add it as a file")
            wanted = min(wanted, self._remaining)
        data = self._receive(wanted)
        view[: len(data)] = data
        self._position += len(data)
        self._stream_position = self._position
        if self._remaining is not None:
            self._remaining -= len(data)
        return len(data)

    def _receive(self, wanted: int) -> bytes:
        """The next bytes; if the connection broke, request the rest once more."""
        try:
            if data := self._stream_at_position().read(wanted):
                return data
        except SlowSourceError:
            raise
        except SourceError:
            if self._stream is None:  # the request itself failed
                raise
        self._reconnects += 1
        self._disconnect()
        data = self._stream_at_position().read(wanted) if self._reconnects <= _MAX_RECONNECTS else b""
        if not data:
            raise SourceError("The server ended in the middle of a file", "try again")
        return data

    def _stream_at_position(self) -> HttpStream:
        ahead = self._position - self._stream_position
        if self._stream is not None and 0 <= ahead <= _MAX_SKIPPED_BYTES:
            self._stream.skip(ahead)
            return self._stream
        self._disconnect()  # first, in case the new request fails
        self._stream = self._open_at(self._position)
        return self._stream

    def close(self) -> None:
        """Close the connection."""
        self._disconnect()
        super().close()

    def _disconnect(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
