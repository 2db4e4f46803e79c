"""Builds ``mien source add KIND``: a command for each installed kind of server, with the options that it declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.terminal.examples import examples
from mien.cli.terminal.param_types import AnyPath
from mien.errors import SourceError

if TYPE_CHECKING:
    from mien.music.servers.server import ConnectionOption

AddServer = Callable[[str, str, str | None, Mapping[str, str], str], None]
"""Called with the kind, the address, the name, the options that were given, and the name of the secret option."""


class KindGroup(click.Group):
    """A group whose commands are the installed kinds of servers; plug-ins are imported when it is used, not before."""

    def __init__(self, *, add: AddServer, **attributes: Any) -> None:
        """Take what to call for a server.

        Args:
            add: Called when one of the commands runs.
            attributes: See ``click.Group``.
        """
        super().__init__(subcommand_metavar="KIND ADDRESS [OPTIONS]", **attributes)
        self._add = add

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The installed kinds."""
        del ctx
        from mien.music.connections import connection_kinds

        return list(connection_kinds())

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the kind that is named first; raises ``UsageError`` with the installed kinds otherwise."""
        kinds = self.list_commands(ctx)
        if not ctx.resilient_parsing and args[0] not in kinds:
            raise click.UsageError(f"There is no kind of server called “{args[0]}”; choose one of {', '.join(kinds)}.")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of one kind."""
        del ctx
        from mien.music.connections import connection_kinds

        options = connection_kinds().get(cmd_name)
        return None if options is None else _command(cmd_name, options, self._add)


def _command(kind: str, options: tuple[ConnectionOption, ...], add: AddServer) -> click.Command:
    def callback(address: str, name: str | None, **given: Any) -> None:
        values, secret = _checked(options, given)
        add(kind, address, name, values, secret)

    return click.Command(
        name=kind,
        callback=callback,
        params=[
            click.Argument(["address"], metavar="ADDRESS"),
            click.Option(["--name"], metavar="NAME", help=f"What to call the server; {kind} by default."),
            *(_click_option(option) for option in options if not option.asked_with and not option.is_learnt),
        ],
        help=f"""Sign in to a server of the kind {kind}.

        The password is prompted for, or read from standard input.
        """,
        epilog=examples(f"mien source add {kind} ADDRESS --name home"),
    )


def _click_option(option: ConnectionOption) -> click.Option:
    from mien.music.servers.server import OptionKind

    declaration = [option.flag, option.name]
    match option.kind:
        case OptionKind.SECRET:
            return click.Option(declaration, is_flag=True, help=option.help)
        case OptionKind.TEXT:
            return click.Option(declaration, metavar="NAME" if option.name == "user" else "TEXT", help=option.help)
        case OptionKind.FILE:
            return click.Option(declaration, metavar="FILE", type=AnyPath(), help=option.help)
        case OptionKind.FOLDER:
            return click.Option(declaration, metavar="DIR", type=AnyPath(), help=option.help)


def _checked(options: Iterable[ConnectionOption], given: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """The values of the options that were given, and the name of the secret to ask for; empty if there is none."""
    from mien.music.servers.server import OptionKind

    _check_alternatives(options, given)
    values, secret = {}, ""
    for option in options:
        value = given.get(option.asked_with or option.name)
        if not value:
            continue
        match option.kind:
            case OptionKind.SECRET:
                secret = option.name
            case OptionKind.TEXT:
                values[option.name] = value
            case OptionKind.FILE:
                values[option.name] = str(Path(value).absolute())
            case OptionKind.FOLDER:
                if not Path(value).is_dir():
                    raise SourceError(
                        "is not a folder on this computer", "check that it is mounted", subject=Path(value)
                    )
                values[option.name] = str(Path(value).absolute())
    return values, secret


def _check_alternatives(options: Iterable[ConnectionOption], given: Mapping[str, Any]) -> None:
    """Raise ``UsageError`` unless exactly one option of each set of alternatives was given."""
    alternatives: dict[str, list[ConnectionOption]] = {}
    for option in options:
        if option.one_of:
            alternatives.setdefault(option.one_of, []).append(option)
    for group in alternatives.values():
        if sum(bool(given.get(option.name)) for option in group) != 1:
            raise click.UsageError(f"Give one of {' and '.join(option.flag for option in group)}.")
