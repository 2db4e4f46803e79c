"""The servers that the user connected, stored in the data folder; their passwords are stored by ``storage.secrets``."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, cast

from mien.errors import LibraryError, PlaylistError, Remedy, SourceError
from mien.music.players.player import Player, find_player, player_names
from mien.music.servers.server import ConnectedServer, ConnectionOption, OptionKind, merge_options
from mien.music.sources.source import RemoteSource, find_source, source_names
from mien.storage.private_file import make_private, write_privately
from mien.storage.secrets import SecretBackend, Secrets, system_keyring

FILE_NAME = "sources.json"
"""The name of the file in the data folder."""

_log = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_RESERVED_NAMES = frozenset({"folder", "starter"})
_PATHS = frozenset({OptionKind.FILE, OptionKind.FOLDER})


@dataclass(frozen=True, slots=True)
class Connection:
    """A server that the user added.

    Attributes:
        name: What the user calls it; the prefix of its tracks' ids.
        kind: The name of its source or player plug-in.
        address: In the plug-in's own form.
        options: The values of the plug-in's options, by name, without secrets; paths are absolute.
        secret_option: The name of the option that its secret is the value of; empty without a secret.
        secret: Where its secret is stored.
    """

    name: str
    kind: str
    address: str
    options: Mapping[str, str] = field(default_factory=dict)
    secret_option: str = ""
    secret: SecretBackend = SecretBackend.NOWHERE

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name in _RESERVED_NAMES:
            problem = f"“{self.name}” is not a valid server name"
            raise SourceError(problem, "use small letters, digits and -, such as “home”")
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))


@cache
def connection_kinds() -> Mapping[str, tuple[ConnectionOption, ...]]:
    """The kinds of servers that can be added, with their options: every installed plug-in that can sign in.

    Plug-ins that cannot be loaded are logged and left out.
    """
    kinds = {}
    for name in sorted({*source_names(), *player_names()}):
        try:
            declared = [_options_of(factory) for factory in _factories(name)]
        except SourceError as error:
            _log.warning("%s", error)
            continue
        if declared:
            kinds[name] = merge_options(*declared)
    return MappingProxyType(kinds)


class Connections:
    """The servers of one user."""

    def __init__(self, folder: Path, *, secrets: Secrets) -> None:
        """Take the data folder and the storage of passwords; nothing is read yet."""
        self._path = folder / FILE_NAME
        self._secrets = secrets

    @classmethod
    def open(cls, folder: Path, *, portable: bool = False) -> Self:
        """Open those stored in a data folder.

        Args:
            folder: The data folder.
            portable: Store passwords in the data folder too, not in the system's keyring.
        """
        return cls(folder, secrets=Secrets(folder) if portable else Secrets(folder, find_keyring=system_keyring))

    def all(self) -> list[Connection]:
        """Every server, sorted by name; raises ``SourceError`` if the file is damaged."""
        make_private(self._path)
        try:
            stored = json.loads(self._path.read_bytes())["sources"]
            return sorted((_from_json(entry) for entry in stored), key=lambda connection: connection.name)
        except FileNotFoundError:
            return []
        except OSError as error:
            problem = f"cannot be read ({error.strerror})"
            raise SourceError(problem, "change its permissions", subject=self._path) from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SourceError(
                "is damaged", "mend it, or delete it and add the servers again", subject=self._path
            ) from error

    def find(self, name: str) -> Connection:
        """The server with this name; raises ``SourceError`` if there is none."""
        known = {connection.name: connection for connection in self.all()}
        if name not in known:
            remedy = f"choose one of {', '.join(known)}" if known else Remedy.ADD_SERVER
            raise SourceError(f"There is no server called “{name}”", remedy)
        return known[name]

    def put(self, connection: Connection, *, secret: str) -> Connection:
        """Store a server and its secret, in place of one with the same name; an empty secret deletes the old one."""
        others = [known for known in self.all() if known.name != connection.name]
        if secret:
            backend = self._secrets.put(connection.name, secret)
        else:
            self._secrets.delete(connection.name)
            backend = SecretBackend.NOWHERE
        stored = replace(connection, secret=backend)
        self._store([*others, stored])
        return stored

    def learn(self, connection: Connection, learnt: Mapping[str, str]) -> Connection:
        """Store what signing in to a server has told about it.

        Args:
            connection: A stored server.
            learnt: ``ServerInfo.learnt``.

        Returns:
            The server with these options.

        Raises:
            SourceError: They cannot be stored.
        """
        known = replace(connection, options={**connection.options, **learnt})
        if known != connection:
            self._store([known if other.name == known.name else other for other in self.all()])
        return known

    def remove(self, name: str) -> None:
        """Delete a server and its secret; raises ``SourceError`` if there is none with this name."""
        removed = self.find(name)
        self._secrets.delete(name)
        self._store([known for known in self.all() if known != removed])

    def source(self, connection: Connection, *, secret: str | None = None) -> RemoteSource:
        """A server as a source of music; nothing is asked of it yet.

        Args:
            connection: The server.
            secret: Its secret, if it is not stored yet.

        Raises:
            SourceError: The server has no music, its plug-in is missing, or its password is.
        """
        self._check_kind(connection)
        if not self.has_music(connection):
            raise SourceError("plays music but has none", "choose another server", subject=connection.name)
        return cast(RemoteSource, self._client(find_source(connection.kind), connection, secret))

    def has_music(self, connection: Connection) -> bool:
        """Whether a server is a source of music, or may be one whose plug-in is missing; nothing is asked of it."""
        return connection.kind in source_names() or connection.kind not in player_names()

    def player(self, connection: Connection, *, secret: str | None = None) -> Player:
        """A server as a player; nothing is asked of it yet.

        Args:
            connection: The server.
            secret: Its secret, if it is not stored yet.

        Raises:
            SourceError: The server cannot play, its plug-in is missing, or its password is.
        """
        self._check_kind(connection)
        if connection.kind not in player_names():
            raise SourceError("does not play by itself", "choose a server that does", subject=connection.name)
        return cast(Player, self._client(find_player(connection.kind), connection, secret))

    def clients(self, connection: Connection, *, secret: str | None = None) -> list[RemoteSource | Player]:
        """All that a server is: its source and its player, which may have further capabilities.

        Args:
            connection: The server.
            secret: Its secret, if it is not stored yet.

        Raises:
            SourceError: The server's plug-in is missing, or its password is.
        """
        self._check_kind(connection)
        return [self._client(factory, connection, secret) for factory in _factories(connection.kind)]

    def sources(self) -> list[RemoteSource]:
        """Every server that has music, as a source; those whose password is missing are logged and left out."""
        found = []
        for connection in self.all():
            if not self.has_music(connection):
                continue
            try:
                found.append(self.source(connection))
            except SourceError as error:
                _log.warning("%s", error)
        return found

    def _check_kind(self, connection: Connection) -> None:
        if not _factories(connection.kind):
            problem = f"needs the plug-in “{connection.kind}”, which is not installed"
            raise SourceError(problem, "install the package that has it", subject=connection.name)

    def _client(self, factory: Callable[..., Any], connection: Connection, secret: str | None) -> Any:
        """Call a plug-in's class with those of the connection's options that it declares."""
        given = dict(connection.options)
        if connection.secret_option:
            given[connection.secret_option] = self._secret(connection) if secret is None else secret
        arguments: dict[str, str | Path] = {
            option.name: Path(given[option.name]) if option.kind in _PATHS else given[option.name]
            for option in _options_of(factory)
            if given.get(option.name)
        }
        return factory(connection.address, name=connection.name, **arguments)

    def _secret(self, connection: Connection) -> str:
        if connection.secret is SecretBackend.NOWHERE:
            return ""
        stored = self._secrets.get(connection.name)
        if stored is None:
            raise SourceError("has no stored password any more", Remedy.SIGN_IN, subject=connection.name)
        return stored

    def _store(self, connections: list[Connection]) -> None:
        text = json.dumps({"sources": [_as_json(connection) for connection in connections]}, indent=1)
        try:
            write_privately(self._path, text + "\n")
        except OSError as error:
            problem = f"cannot be written ({error.strerror})"
            raise SourceError(problem, "make room there", subject=self._path) from error


def _factories(kind: str) -> list[Callable[..., ConnectedServer]]:
    """The classes of a kind's source and player that are installed and are servers: those that can sign in.

    Raises:
        SourceError: One of them cannot be loaded.
    """
    found: list[Callable[..., Any]] = []
    try:
        if kind in source_names():
            found.append(find_source(kind))
        if kind in player_names():
            found.append(find_player(kind))
    except (LibraryError, PlaylistError) as error:
        raise SourceError(error.problem, error.remedy) from error
    return [factory for factory in found if hasattr(factory, "sign_in")]


def _options_of(factory: Callable[..., Any]) -> tuple[ConnectionOption, ...]:
    """The options that a class declares, none if it declares no ``options``."""
    return tuple(getattr(factory, "options", ()))


def _as_json(connection: Connection) -> dict[str, Any]:
    return {
        "name": connection.name,
        "kind": connection.kind,
        "address": connection.address,
        "options": dict(connection.options),
        "secret": connection.secret,
        "secret_option": connection.secret_option,
    }


def _from_json(entry: dict[str, Any]) -> Connection:
    fields = dict(entry)
    options = fields.pop("options", None)
    if options is None:
        options, fields["secret_option"] = _from_first_format(fields)
    if not all(isinstance(value, str) for value in (*fields.values(), *options.values())):
        raise TypeError
    return Connection(
        name=fields["name"],
        kind=fields["kind"],
        address=fields["address"],
        options=options,
        secret_option=fields.get("secret_option", ""),
        secret=SecretBackend(fields.get("secret", SecretBackend.NOWHERE)),
    )


def _from_first_format(fields: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The options and the name of the secret in a file written before plug-ins declared their options."""
    options = {name: fields[name] for name in ("user", "folder", "ca") if fields.get(name)}
    if fields.get("secret", SecretBackend.NOWHERE) == SecretBackend.NOWHERE:
        return options, ""
    return options, "api_key" if fields.get("proof") == "key" else "password"
