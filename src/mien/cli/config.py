"""``mien config``: shows every setting, its value and where that comes from."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import click

from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import say, show, table, write_json


@click.command(epilog=examples("mien config", "MIEN_PORT=9000 mien config"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def config(as_json: bool) -> None:
    """Show every setting and where it comes from.

    A setting comes from the environment (MIEN_PORT=9000), else from the settings file, else it has its default.
    MIEN_HOME puts everything that mien stores into one folder.
    """
    from mien.config import Settings, explain_settings

    origins = explain_settings(os.environ)
    if as_json:
        shown = {name: str(o.value) if isinstance(o.value, Path) else o.value for name, o in origins.items()}
        write_json({name: {"value": shown[name], "from": origin.words} for name, origin in origins.items()})
        return
    rows = table("Setting", "Value", "From", "What it is")
    for entry in dataclasses.fields(Settings):
        origin = origins[entry.name]
        rows.add_row(entry.name, str(origin.value), origin.words, entry.metadata["description"])
    show(rows)
    say(f"To change one, write it to {origins['config_path'].value} (port = 9000) or set MIEN_PORT=9000.")
