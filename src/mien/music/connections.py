"""Which servers a person connected: kept in a file of the data folder, their passwords in ``secrets``."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, cast

from mien.errors import SourceError
from mien.music.players.player import Player, find_player, player_names
from mien.music.sources.source import RemoteSource, find_source
from mien.storage.private_file import write_privately
from mien.storage.secrets import SecretBackend, Secrets, system_keyring

FILE_NAME = "sources.json"
"""What the file is called in the data folder."""

KINDS = ("subsonic", "mpd")
"""The sources that are servers."""

_log = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_TAKEN = frozenset({"folder", "starter"})


@dataclass(frozen=True, slots=True)
class Connection:
    """A server: ``kind`` is the name of its source, ``folder`` its music folder as this machine sees it, if it does.

    ``ca`` is a file of certificates that are trusted for it; ``by_key`` says that the secret is an API key.
    """

    name: str
    kind: str
    address: str
    user: str = ""
    folder: Path | None = None
    secret: SecretBackend = SecretBackend.NOWHERE
    ca: Path | None = None
    by_key: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name in _TAKEN:
            raise SourceError(f"“{self.name}” is no name for a server; use letters, digits and -, such as “home”.")


class Connections:
    """The servers of a person."""

    def __init__(self, folder: Path, *, secrets: Secrets) -> None:
        self._path = folder / FILE_NAME
        self._secrets = secrets

    @classmethod
    def open(cls, folder: Path, *, portable: bool = False) -> Self:
        """Those kept in a data folder; ``portable`` keeps passwords there too, not in the system's keyring."""
        return cls(folder, secrets=Secrets(folder) if portable else Secrets(folder, find_keyring=system_keyring))

    def all(self) -> list[Connection]:
        """Every server, in the order of their names; raises ``SourceError`` where the file is damaged."""
        try:
            kept = json.loads(self._path.read_bytes())["sources"]
            return sorted((_from_json(entry) for entry in kept), key=lambda connection: connection.name)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SourceError(f"{self._path} cannot be read ({error.strerror}); change its permissions.") from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SourceError(f"{self._path} is damaged; mend it, or delete it and add the servers again.") from error

    def find(self, name: str) -> Connection:
        """One server; raises ``SourceError`` where there is none of that name."""
        known = {connection.name: connection for connection in self.all()}
        if name not in known:
            names = f"the servers are: {', '.join(known)}" if known else "add one with: mien source add"
            raise SourceError(f"There is no server called “{name}”; {names}.")
        return known[name]

    def put(self, connection: Connection, *, password: str) -> Connection:
        """Keep a server and its password, in place of one of the same name."""
        others = [known for known in self.all() if known.name != connection.name]
        kept = replace(connection, secret=self._secrets.put(connection.name, password))
        self._store([*others, kept])
        return kept

    def remove(self, name: str) -> None:
        """Forget a server and its password; raises ``SourceError`` where there is none of that name."""
        gone = self.find(name)
        self._secrets.delete(name)
        self._store([known for known in self.all() if known != gone])

    def source(self, connection: Connection, *, password: str | None = None) -> RemoteSource:
        """A server as a source of music; nothing is asked yet."""
        made = _made(find_source(connection.kind), connection, self._password(connection, password), named=True)
        return cast(RemoteSource, made)

    def sources(self) -> list[RemoteSource]:
        """Every server as a source of music; one whose password is gone is left out, and the log says so."""
        found = []
        for connection in self.all():
            try:
                found.append(self.source(connection))
            except SourceError as error:
                _log.warning("%s", error)
        return found

    def player(self, connection: Connection) -> Player:
        """A server as a player; raises ``SourceError`` where it cannot play."""
        if connection.kind not in player_names():
            raise SourceError(f"“{connection.name}” does not play by itself; choose an MPD.")
        return cast(Player, _made(find_player(connection.kind), connection, self._password(connection), named=False))

    def _password(self, connection: Connection, given: str | None = None) -> str:
        if given is not None:
            return given
        if connection.secret is SecretBackend.NOWHERE:
            return ""
        kept = self._secrets.get(connection.name)
        if kept is None:
            raise SourceError(f"The password of “{connection.name}” is gone; run: mien source login {connection.name}")
        return kept

    def _store(self, connections: list[Connection]) -> None:
        text = json.dumps({"sources": [_as_json(connection) for connection in connections]}, indent=1)
        try:
            write_privately(self._path, text + "\n")
        except OSError as error:
            raise SourceError(f"{self._path} cannot be written ({error.strerror}); make room there.") from error


def _made(make: Callable[..., Any], connection: Connection, password: str, *, named: bool) -> Any:
    given: dict[str, Any] = {"user": connection.user, "folder": connection.folder, "ca": connection.ca}
    given["api_key" if connection.by_key else "password"] = password
    options = {name: value for name, value in given.items() if value}
    return make(connection.address, **options, **({"name": connection.name} if named else {}))


def _as_json(connection: Connection) -> dict[str, str]:
    return {
        "name": connection.name,
        "kind": connection.kind,
        "address": connection.address,
        "user": connection.user,
        "folder": str(connection.folder or ""),
        "secret": connection.secret,
        "ca": str(connection.ca or ""),
        "proof": "key" if connection.by_key else "password",
    }


def _from_json(entry: dict[str, str]) -> Connection:
    if not all(isinstance(value, str) for value in entry.values()):
        raise TypeError
    folder, ca = entry.get("folder"), entry.get("ca")
    return Connection(
        name=entry["name"],
        kind=entry["kind"],
        address=entry["address"],
        user=entry.get("user", ""),
        folder=Path(folder) if folder else None,
        secret=SecretBackend(entry.get("secret", SecretBackend.NOWHERE)),
        ca=Path(ca) if ca else None,
        by_key=entry.get("proof") == "key",
    )
