"""Stores a person's resting face on this computer, readable only by its owner, until it is deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from mien.errors import NeutralError
from mien.mood.neutral import NeutralBaseline, from_json, to_json
from mien.storage.private_file import make_private, write_privately

FILE_NAME = "neutral.json"
"""The name of the file in the data folder."""


class NeutralStore:
    """One resting face and its file; without a ``path`` it is held in memory only. Thread-safe.

    Attributes:
        neutral: The face as last loaded or saved; None if there is none.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.neutral: NeutralBaseline | None = None

    @property
    def since(self) -> datetime | None:
        """When the face was saved, in UTC, by the date of its file; None if there is no file."""
        if self.neutral is None or self._path is None:
            return None
        try:
            return datetime.fromtimestamp(self._path.stat().st_mtime, UTC)
        except OSError:  # deleted by hand: the face stays in use until the program ends
            return None

    def load(self) -> NeutralBaseline | None:
        """Read the file, if there is one; raises ``NeutralError`` if it is damaged or cannot be read."""
        self.neutral = None
        if self._path is not None:
            make_private(self._path)
            try:
                self.neutral = from_json(self._path.read_bytes())
            except FileNotFoundError:
                return None
            except OSError as error:
                raise NeutralError(
                    f"cannot be read ({error.strerror})", "change its permissions or delete it", subject=self._path
                ) from error
        return self.neutral

    def save(self, neutral: NeutralBaseline) -> None:
        """Replace the face, and write it to a file of mode 600 in one step.

        Raises ``NeutralError`` if the file cannot be written; the face then stays in use until the program ends.
        """
        self.neutral = neutral
        if self._path is None:
            return
        try:
            write_privately(self._path, to_json(neutral) + "\n")
        except OSError as error:
            raise NeutralError(
                f"Your neutral face cannot be saved in {self._path} ({error.strerror})",
                "make room or change the folder",
            ) from error

    def delete(self) -> bool:
        """Forget the face and delete its file, damaged or not.

        Returns:
            Whether there was a face or a file.

        Raises:
            NeutralError: The file cannot be deleted.
        """
        known = self.neutral is not None
        self.neutral = None
        if self._path is None:
            return known
        try:
            self._path.unlink()
        except FileNotFoundError:
            return known
        except OSError as error:
            raise NeutralError(
                f"cannot be deleted ({error.strerror})", "delete it yourself", subject=self._path
            ) from error
        return True
