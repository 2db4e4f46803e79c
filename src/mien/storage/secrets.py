"""Keeps passwords: in the system's keyring where there is one, else in a file of mode 600. They are never logged."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Protocol

from mien.errors import SourceError
from mien.storage.private_file import write_privately

FILE_NAME = "secrets.json"
"""What the file is called in the data folder."""

_SERVICE = "mien"
_BYTES_MOST = 1_000_000


class SecretBackend(StrEnum):
    """Where a secret is kept."""

    KEYRING = "keyring"
    FILE = "file"
    NOWHERE = "nowhere"


class Keyring(Protocol):
    """The system's keyring, by the names that the package ``keyring`` gives it."""

    def get_password(self, service: str, username: str) -> str | None:
        """A secret, None where there is none."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret."""
        ...


class Secrets:
    """The passwords of a person, by name; without a keyring the file is used.

    The keyring is looked for when it is first needed: that may load much, or ask the person.
    """

    def __init__(self, folder: Path, *, find_keyring: Callable[[], Keyring | None] = lambda: None) -> None:
        self._path = folder / FILE_NAME
        self._find_keyring = find_keyring

    @cached_property
    def _keyring(self) -> Keyring | None:
        return self._find_keyring()

    def get(self, name: str) -> str | None:
        """A secret, None where there is none; raises ``SourceError`` where its file cannot be trusted or read."""
        kept = self._load().get(name)
        if kept is None and self._keyring is not None:
            with suppress(Exception):  # each system's keyring has errors of its own
                kept = self._keyring.get_password(_SERVICE, name)
        return kept

    def put(self, name: str, secret: str) -> SecretBackend:
        """Keep a secret, and say where; raises ``SourceError`` where it cannot be kept."""
        if not secret:
            self.delete(name)
            return SecretBackend.NOWHERE
        if self._keyring is not None:
            with suppress(Exception):
                self._keyring.set_password(_SERVICE, name, secret)
                self._store({key: value for key, value in self._load().items() if key != name})
                return SecretBackend.KEYRING
        self._store(self._load() | {name: secret})
        return SecretBackend.FILE

    def delete(self, name: str) -> None:
        """Forget a secret, wherever it is kept; raises ``SourceError`` where its file cannot be written."""
        if self._keyring is not None:
            with suppress(Exception):
                self._keyring.delete_password(_SERVICE, name)
        kept = self._load()
        if kept.pop(name, None) is not None:
            self._store(kept)

    def _load(self) -> dict[str, str]:
        try:
            if stat.S_IMODE(self._path.stat().st_mode) & 0o077:
                raise SourceError(f"{self._path} can be read by others; change your passwords, then: chmod 600 it.")
            with self._path.open("rb") as file:
                kept = json.loads(file.read(_BYTES_MOST))
            if not isinstance(kept, dict):
                raise TypeError
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise SourceError(f"{self._path} cannot be read ({error.strerror}); change its permissions.") from error
        except (ValueError, TypeError, RecursionError) as error:
            raise SourceError(f"{self._path} is damaged; delete it, and run: mien source login") from error
        return {str(name): value for name, value in kept.items() if isinstance(value, str)}

    def _store(self, kept: dict[str, str]) -> None:
        try:
            if kept:
                write_privately(self._path, json.dumps(kept, indent=1) + "\n")
            else:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            raise SourceError(f"{self._path} cannot be written ({error.strerror}); make room there.") from error


def system_keyring() -> Keyring | None:
    """The system's keyring, if it has one and the package ``keyring`` is installed (``mien[keyring]``)."""
    try:
        import keyring

        found = keyring.get_keyring()
        return found if found.priority >= 1 else None
    except Exception:  # a keyring that cannot be asked is none, whatever the reason
        return None
