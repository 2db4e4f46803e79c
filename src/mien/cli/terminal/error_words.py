"""Words an error for the command line: its subject, the problem, and the command that remedies it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mien.errors import MienError, Remedy, clause, sentence

if TYPE_CHECKING:
    from mien.music.connections import Connection

_COMMANDS: Final = {
    Remedy.REINSTALL: "reinstall mien with: pip install --force-reinstall .",
    Remedy.INSTALL_DEEPFACE: "install it with: pip install 'mien[deepface]'",
    Remedy.INSTALL_PLOTS: "run: pip install 'mien[plots]'",
    Remedy.CHOOSE_DATA_FOLDER: "set MIEN_HOME to a folder of yours",
    Remedy.ADD_FOLDER: "add its folder with: mien library add DIR",
    Remedy.LIST_FOLDERS: "see what was added with: mien library list",
    Remedy.SCAN: "update the library with: mien library add DIR, or for a server: mien source hear",
    Remedy.ADD_MUSIC: "add music with: mien library add DIR",
    Remedy.ADD_SERVER: "add one with: mien source add",
    Remedy.SIGN_IN: "run: mien source login {name}",
    Remedy.SIGN_IN_WITH_NAME: "add it again with: mien source add, and --user NAME",
    Remedy.SIGN_IN_WITH_KEY: "add it again with: mien source add, and --api-key",
    Remedy.NAME_MUSIC_FOLDER: "name its folder with: mien source add {kind} {address} --name {name} --folder DIR",
    Remedy.TRUST_CERTIFICATE: "if you trust it, add it again with: mien source add, and --ca FILE",
    Remedy.IMPORT_PLAYLIST: "import one with: mien playlist import FILE",
    Remedy.SHOW_PLAYLIST: "see why with: mien playlist show '{name}'",
    Remedy.REMOVE_PLAYLIST: "choose another name, or run: mien playlist remove '{name}'",
    Remedy.OVERWRITE: "choose another name, or overwrite it with --force",
    Remedy.CHOOSE_PORT: "choose any free port: mien serve --port 0",
    Remedy.CHOOSE_HOST: "choose another address: mien serve --host 127.0.0.1",
}
"""The words of every remedy."""


def error_words(error: MienError, *, server: Connection | None = None) -> str:
    """The error in one sentence, which ends in a command, without a full stop, if that is the remedy.

    Args:
        error: The error.
        server: The server that the error is about, if known, for commands that name it.
    """
    command = _COMMANDS.get(error.remedy) if isinstance(error.remedy, Remedy) else None
    if command is None:
        return sentence(error.problem, error.remedy, subject=error.subject)
    name = "NAME" if error.subject is None else str(error.subject)
    kind, address = "KIND", "ADDRESS"
    if server is not None:
        name, kind, address = server.name, server.kind, server.address
    words = command.format(name=name, kind=kind, address=address)
    return clause(error.problem, words, subject=error.subject)
