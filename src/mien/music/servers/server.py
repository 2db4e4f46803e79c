"""What every server that the user can connect offers: its connection options, and signing in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from keyword import iskeyword
from pathlib import Path
from typing import ClassVar, Protocol

from mien.errors import Remedy, SourceError


class RefusedError(SourceError):
    """A server refused a request; ``code`` is the error code of its protocol."""

    def __init__(
        self, problem: str, remedy: Remedy | str = "", *, subject: Path | str | None = None, code: int = 0
    ) -> None:
        """Take the parts of the error.

        Args:
            problem: See ``MienError``.
            remedy: See ``MienError``.
            subject: See ``MienError``.
            code: The error code of the server's protocol, 0 if unknown.
        """
        super().__init__(problem, remedy, subject=subject)
        self.code = code


def refusal_words(message: str, code: int) -> tuple[str, str]:
    """The problem and the remedy of a refusal that is known only by what the server says of it.

    Args:
        message: The server's own words, empty if there are none.
        code: The error code of the server's protocol, 0 if unknown.
    """
    reason = message.rstrip(".") or (f"error {code}" if code else "")
    if not reason:
        return "refused the request and gave no reason", "look for the reason in the server's log"
    return f"refused the request: {reason}", "look for more in the server's log"


class OptionKind(StrEnum):
    """What the value of an option is."""

    TEXT = "text"
    FILE = "file"
    FOLDER = "folder"
    SECRET = "secret"  # noqa: S105 - not one


RESERVED_NAMES = frozenset({"name", "address", "kind", "help"})
"""What every connection or its command has already, so that no option may be called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOption:
    """One option of a connection, such as the user's name; becomes ``--name`` of ``mien source add``.

    A class gets the value as the keyword argument ``name``: a ``pathlib.Path`` for a file or a folder, else a string.
    Secrets are never taken from the command line: they are asked for, and stored apart from everything else.

    Attributes:
        name: A Python identifier that is not one of ``RESERVED_NAMES``; "password" for a secret only.
        help: A sentence for ``--help``.
        kind: What the value is.
        label: What the user calls it; the name by default.
        asked_with: For a secret: the option with which it is always asked for. Without it the secret has a flag.
        one_of: Of all options with the same value here, exactly one must be given.
        is_learnt: Whether mien learns the value when it signs in (``ServerInfo.learnt``); the user never gives it.
    """

    name: str
    help: str
    kind: OptionKind = OptionKind.TEXT
    label: str = ""
    asked_with: str = ""
    one_of: str = ""
    is_learnt: bool = False

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or iskeyword(self.name):
            raise ValueError(f"the name of an option must be a Python identifier: {self.name!r}")
        if self.name in RESERVED_NAMES:
            raise ValueError(f"an option must not be called {self.name!r}: every connection has one")
        if self.name == "password" and self.kind is not OptionKind.SECRET:
            raise ValueError("the option 'password' must be a secret")

    @property
    def flag(self) -> str:
        """How it is written on the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def words(self) -> str:
        """What the user calls it."""
        return self.label or self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a server says about itself.

    Attributes:
        product: What it is, for people, such as "navidrome 0.62.0".
        warning: What does not work as expected, as the rest of a sentence that begins with the server's name; empty
            if all is well.
        remedy: What to do about the warning, as in ``MienError``.
        extensions: The names of its optional features.
        learnt: Values of options with ``is_learnt``, to store with the connection.
    """

    product: str
    warning: str = ""
    remedy: Remedy | str = ""
    extensions: tuple[str, ...] = ()
    learnt: Mapping[str, str] = field(default_factory=dict)


class ConnectedServer(Protocol):
    """A server that the user connects.

    The class is called as ``Class(address, name=name, **options)`` and asks nothing of the server then: ``name`` is
    what the user calls it, ``options`` are those of the declared ``options`` that were given.
    """

    options: ClassVar[tuple[ConnectionOption, ...]]

    def sign_in(self) -> ServerInfo:
        """Sign in; raises ``SourceError`` if the server is out of reach or refuses."""
        ...


def merge_options(*declared: Iterable[ConnectionOption]) -> tuple[ConnectionOption, ...]:
    """The options of several classes for the same server; of those with the same name the first counts."""
    merged: dict[str, ConnectionOption] = {}
    for options in declared:
        for option in options:
            merged.setdefault(option.name, option)
    return tuple(merged.values())
