"""``mien doctor``: checks what mien needs on this machine, and says how to repair it."""

from __future__ import annotations

import os
from dataclasses import asdict

import click

from mien.cli.checks import Check, CheckStatus, examine
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import show, write_json

_STATUS_GLYPHS = {
    CheckStatus.GOOD: ("✓", "green"),
    CheckStatus.WARNING: ("!", "yellow"),
    CheckStatus.BROKEN: ("✗", "red"),
}


@click.command(epilog=examples("mien doctor", "mien doctor --json"))
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
def doctor(wants_json: bool) -> None:
    """Check what mien needs, and say how to repair it.

    ✓ means that it works, ! that it is missing but mien runs without it, and ✗ that it is broken; the exit status is
    then 1. The camera is switched on for a moment.
    """
    checks: list[Check] = []
    for check in examine(os.environ):
        checks.append(check)
        if not wants_json:
            _show(check)
    healthy = all(check.status is not CheckStatus.BROKEN for check in checks)
    if wants_json:
        write_json({"healthy": healthy, "checks": [asdict(check) for check in checks]})
    if not healthy:
        raise click.exceptions.Exit(1)


def _show(check: Check) -> None:
    from rich.text import Text

    glyph, colour = _STATUS_GLYPHS[check.status]
    show(Text.assemble((glyph, colour), f" {check.name:<12} {check.found}"))
    if check.remedy:
        show(Text(f"  {'':<12} {check.remedy}", style="dim"))
