"""Stores passwords in the system's keyring, or in a file of mode 600 if there is none. They are never logged."""

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
"""The name of the file in the data folder."""

_SERVICE = "mien"
_MAX_FILE_BYTES = 1_000_000


class SecretBackend(StrEnum):
    """Where a secret is stored."""

    KEYRING = "keyring"
    FILE = "file"
    NOWHERE = "nowhere"


class Keyring(Protocol):
    """The system's keyring, with the methods of the package ``keyring``."""

    def get_password(self, service: str, username: str) -> str | None:
        """A secret, None if there is none."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a secret.

        Args:
            service: The program that it belongs to.
            username: Its name.
            password: The secret.
        """
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Delete a secret."""
        ...


class Secrets:
    """The user's passwords, by name.

    Args:
        folder: The folder of the file.
        find_keyring: Returns the keyring, None if there is none. It is called when a secret is first needed, as it
            may load much, or ask the user.
    """

    def __init__(self, folder: Path, *, find_keyring: Callable[[], Keyring | None] = lambda: None) -> None:
        self._path = folder / FILE_NAME
        self._find_keyring = find_keyring

    @cached_property
    def _keyring(self) -> Keyring | None:
        return self._find_keyring()

    def get(self, name: str) -> str | None:
        """A secret, None if there is none; raises ``SourceError`` if the file is unsafe or unreadable."""
        secret = self._load().get(name)
        if secret is None and self._keyring is not None:
            with suppress(Exception):  # each system's keyring has exceptions of its own
                secret = self._keyring.get_password(_SERVICE, name)
        return secret

    def put(self, name: str, secret: str) -> SecretBackend:
        """Store a secret that is not empty.

        Returns:
            Where it is stored.

        Raises:
            SourceError: If it cannot be stored.
            ValueError: If it is empty.
        """
        if not secret:
            raise ValueError("a secret must not be empty")
        if self._keyring is not None:
            with suppress(Exception):
                self._keyring.set_password(_SERVICE, name, secret)
                self._save({key: value for key, value in self._load().items() if key != name})
                return SecretBackend.KEYRING
        self._save(self._load() | {name: secret})
        return SecretBackend.FILE

    def delete(self, name: str) -> None:
        """Delete a secret, wherever it is stored; raises ``SourceError`` if the file cannot be written."""
        if self._keyring is not None:
            with suppress(Exception):
                self._keyring.delete_password(_SERVICE, name)
        stored = self._load()
        if stored.pop(name, None) is not None:
            self._save(stored)

    def _load(self) -> dict[str, str]:
        try:
            if stat.S_IMODE(self._path.stat().st_mode) & 0o077:
                remedy = "change your passwords, and its permissions to 600"
                raise SourceError("can be read by others", remedy, subject=self._path)
            with self._path.open("rb") as file:
                stored = json.loads(file.read(_MAX_FILE_BYTES))
            if not isinstance(stored, dict):
                raise TypeError
        except FileNotFoundError:
            return {}
        except OSError as error:
            problem = f"cannot be read ({error.strerror})"
            raise SourceError(problem, "change its permissions", subject=self._path) from error
        except (ValueError, TypeError, RecursionError) as error:
            remedy = "delete it, and sign in to your servers again"
            raise SourceError("is damaged", remedy, subject=self._path) from error
        return {str(name): value for name, value in stored.items() if isinstance(value, str)}

    def _save(self, secrets: dict[str, str]) -> None:
        try:
            if secrets:
                write_privately(self._path, json.dumps(secrets, indent=1) + "\n")
            else:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            problem = f"cannot be written ({error.strerror})"
            raise SourceError(
                problem, "free some space, or change the folder's permissions", subject=self._path
            ) from error


def system_keyring() -> Keyring | None:
    """The system's keyring, None if it has none or the package ``keyring`` (``mien[keyring]``) is not installed."""
    try:
        import keyring

        found = keyring.get_keyring()
        return found if found.priority >= 1 else None
    except Exception:  # whatever the reason is, this keyring is of no use
        return None
