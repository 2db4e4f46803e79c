"""Keeps a person's face at rest on this computer, readable by nobody else, until it is deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from mien.errors import NeutralError
from mien.mood.neutral import NeutralBaseline, from_json, to_json
from mien.storage.private_file import write_privately

FILE_NAME = "neutral.json"
"""What the file is called in the data folder."""


class NeutralStore:
    """One face at rest and the file that it is kept in; with no ``path`` it is kept in memory only.

    ``neutral`` is the face as it was last loaded or saved, None where there is none. May be used from any thread.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.neutral: NeutralBaseline | None = None

    @property
    def since(self) -> datetime | None:
        """When the face was kept, in UTC, by its file's date; None where there is none, or it is in memory only."""
        if self.neutral is None or self._path is None:
            return None
        try:
            return datetime.fromtimestamp(self._path.stat().st_mtime, UTC)
        except OSError:  # deleted by hand: the face serves until the program ends
            return None

    def load(self) -> NeutralBaseline | None:
        """Read the file, if there is one; raises ``NeutralError`` where it is damaged or cannot be read."""
        self.neutral = None
        if self._path is not None:
            try:
                self.neutral = from_json(self._path.read_bytes())
            except FileNotFoundError:
                return None
            except OSError as error:
                raise NeutralError(
                    f"{self._path} cannot be read ({error.strerror}); change its permissions or delete it."
                ) from error
        return self.neutral

    def save(self, neutral: NeutralBaseline) -> None:
        """Keep a face in place of the one before, in a file of mode 600 that is there in full or not at all.

        Raises ``NeutralError`` where it cannot be written; the face then serves until the program ends.
        """
        self.neutral = neutral
        if self._path is None:
            return
        try:
            write_privately(self._path, to_json(neutral) + "\n")
        except OSError as error:
            raise NeutralError(
                f"Your neutral cannot be kept in {self._path} ({error.strerror}); make room or change the folder."
            ) from error

    def delete(self) -> bool:
        """Forget the face and delete its file, damaged or not; whether there was one.

        Raises ``NeutralError`` where the file cannot be deleted.
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
            raise NeutralError(f"{self._path} cannot be deleted ({error.strerror}); delete it yourself.") from error
        return True
