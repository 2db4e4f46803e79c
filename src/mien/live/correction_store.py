"""Stores a person's corrections on this computer, readable only by its owner, and learns from them.

A file that cannot be used, because it is damaged or of another version or network, is renamed and never overwritten.
Several programs may use one file, such as a running page and ``mien corrections``: each reads what another has changed
before it reads a face or saves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from mien.errors import CorrectionError
from mien.live.correction_file import decode, encode
from mien.mood.correction import Correction, neutral_id, reading_id
from mien.mood.halo import halo_radius
from mien.mood.neutral import NeutralBaseline
from mien.mood.personal_shift import PersonalShift
from mien.storage.file_changes import FileState, file_state, locked_folder
from mien.storage.private_file import make_private, write_privately

CORRECTIONS_FILE: Final = "corrections.json"
"""The name of the file in the data folder."""

_RECENT: Final = 5
_MIN_COMPARED: Final = 4


@dataclass(frozen=True, slots=True)
class CorrectionSummary:
    """What was learnt, in numbers.

    Attributes:
        count: How many corrections there are.
        distance_before: By how much the person moved the point on average at first, in units of the plane: in the
            first half of the corrections, at most five; None if there are fewer than four.
        distance_now: The same for the last ones.
        problem: Why an earlier file is not used, or the corrections cannot be stored; None if all is well.
    """

    count: int
    distance_before: float | None
    distance_now: float | None
    problem: CorrectionError | None


@dataclass(frozen=True, slots=True)
class PersonalReading:
    """What was learnt of a person: the shift of the point, and the radius of the halo, None if unknown."""

    shift: PersonalShift
    halo: float | None
    count: int


class CorrectionStore:
    """A person's corrections and their file; without a ``path`` they are held in memory only. Thread-safe.

    Args:
        path: The file.
        network: The name of the network that reads the faces.
        read_only: Leave a file that cannot be used where it is, and store nothing.
    """

    def __init__(self, path: Path | None, *, network: str, read_only: bool = False) -> None:
        self._path = path
        self._network = network
        self._read_only = read_only
        self._corrections: tuple[Correction, ...] = ()
        self._unsaved: tuple[Correction, ...] = ()
        self._seen: FileState | None = None
        self._problem: CorrectionError | None = None
        self._unreadable: CorrectionError | None = None
        self._learnt: tuple[tuple[object, ...], PersonalReading] | None = None
        self._lock = Lock()

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """The corrections, oldest first."""
        with self._lock:
            self._refresh()
            return self._corrections

    def load(self) -> None:
        """Read the file, if there is one. Later changes by other programs are read by themselves.

        Raises:
            CorrectionError: It cannot be used; it was set aside, or if that failed, will not be overwritten.
        """
        with self._lock:
            self._refresh()
            self._check_readable()
            if self._problem is not None:
                raise self._problem

    def add(self, correction: Correction) -> None:
        """Learn from a correction, and store it.

        Raises:
            CorrectionError: It cannot be stored; it is learnt from until the program ends.
        """
        with self._changing():
            self._corrections = (*self._corrections, correction)
            self._unsaved = (*self._unsaved, correction)
            self._save()

    def undo(self) -> bool:
        """Remove the last correction; whether there was one. Raises ``CorrectionError`` as ``add`` does."""
        with self._changing():
            self._check_readable()
            if not self._corrections:
                return False
            self._corrections, self._unsaved = self._corrections[:-1], self._unsaved[:-1]
            self._save()
            return True

    def delete(self) -> int:
        """Remove all corrections and their file.

        Returns:
            How many there were.

        Raises:
            CorrectionError: The file cannot be read or deleted.
        """
        with self._changing():
            self._check_readable()
            count = len(self._corrections)
            self._corrections = self._unsaved = ()
            if self._path is not None:
                try:
                    self._path.unlink(missing_ok=True)
                except OSError as error:
                    raise CorrectionError(
                        f"cannot be deleted ({error.strerror})", "delete it yourself", subject=self._path
                    ) from error
                self._seen = None
            return count

    def export(self) -> str:
        """All corrections as a JSON object of numbers, as in the file."""
        return encode(self.corrections, network=self._network)

    def summary(self) -> CorrectionSummary:
        """What was learnt, in numbers."""
        distances = [correction.distance for correction in self.corrections]
        before = now = None
        if len(distances) >= _MIN_COMPARED:
            compared = min(_RECENT, len(distances) // 2)
            before, now = (float(np.mean(some)) for some in (distances[:compared], distances[-compared:]))
        return CorrectionSummary(len(distances), before, now, self._unreadable or self._problem)

    def personal(self, model: str, neutral: NeutralBaseline | None) -> PersonalReading:
        """What was learnt, for the readings of a model.

        Args:
            model: ``Expression.model`` of the readings. Corrections of readings under another prior do not count.
            neutral: The resting face that is used.
        """
        with self._lock:
            self._refresh()
            key = (self._corrections, model, neutral_id(neutral))
            if self._learnt is None or self._learnt[0] != key:
                used = [one for one in self._corrections if one.reading == reading_id(model)]
                shift = PersonalShift([one.features for one in used], [one.residual(neutral, model) for one in used])
                halo = halo_radius([one.distance for one in used])
                self._learnt = (key, PersonalReading(shift, halo, len(used)))
            return self._learnt[1]

    def shift_of(self, model: str, neutral: NeutralBaseline | None) -> PersonalShift:
        """The shift alone; see ``personal``."""
        return self.personal(model, neutral).shift

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold both locks, with what the file contains now."""
        with self._lock, nullcontext() if self._path is None else locked_folder(self._path.parent):
            self._refresh()
            yield

    def _refresh(self) -> None:
        """Read the file again if another program has changed it; what could not be saved is kept."""
        if self._path is None or (state := file_state(self._path)) == self._seen:
            return
        try:
            if not self._read_only:
                make_private(self._path)
            content = self._path.read_bytes()
            self._unreadable = None
            self._corrections = (*decode(content, network=self._network), *self._unsaved)
            self._seen = state
        except FileNotFoundError:
            self._corrections, self._seen, self._unreadable = self._unsaved, None, None
        except OSError as error:
            # It may pass: the file is tried again, and until then nothing is written over it.
            self._unreadable = CorrectionError(
                f"cannot be read ({error.strerror}), so corrections are not stored",
                "change its permissions",
                subject=self._path,
            )
        except ValueError as error:
            # Those that were read before stay in use, and are stored with the next one.
            self._problem = self._set_aside(self._path, str(error))
            self._seen = state if self._read_only else None

    def _check_readable(self) -> None:
        if self._unreadable is not None:
            raise self._unreadable

    def _save(self) -> None:
        self._check_readable()
        if self._path is None or self._read_only:
            if self._problem is not None:
                raise self._problem
            return
        try:
            write_privately(self._path, encode(self._corrections, network=self._network) + "\n")
        except OSError as error:
            raise CorrectionError(
                f"Your corrections cannot be saved in {self._path} ({error.strerror}) and last until mien ends",
                "make room or change the folder",
            ) from error
        self._unsaved, self._seen = (), file_state(self._path)

    def _set_aside(self, path: Path, why: str) -> CorrectionError:
        if self._read_only:
            return CorrectionError(f"{why}, so it is not used", subject=path)
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        aside = path.with_name(f"{path.stem}.set-aside-{stamp}{path.suffix}")
        try:
            path.rename(aside)
        except OSError as error:
            self._path = None
            return CorrectionError(
                f"{why} and cannot be renamed ({error.strerror}), so corrections are not stored",
                "move it elsewhere",
                subject=path,
            )
        return CorrectionError(f"{why}, so it is not used and was renamed to {aside.name}", subject=path)
