"""``mien doctor``: what works on this machine, and what to do about what does not."""

from __future__ import annotations

import os
from dataclasses import asdict

import click

from mien.cli.checks import Check, CheckStatus, examine
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import show, write_json

MARKS = {CheckStatus.GOOD: ("✓", "green"), CheckStatus.WARNING: ("!", "yellow"), CheckStatus.BROKEN: ("✗", "red")}


@click.command(epilog=examples("mien doctor", "mien doctor --json"))
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON object.")
def doctor(wants_json: bool) -> None:
    """Check what mien needs, and say what to do.

    A line marked ✓ works. One marked ! is missing, but mien runs without it. One marked ✗ is broken, and the exit
    status is then 1. The camera is switched on for a moment.
    """
    checks: list[Check] = []
    for check in examine(os.environ):
        checks.append(check)
        if not wants_json:
            _show(check)
    healthy = all(check.verdict is not CheckStatus.BROKEN for check in checks)
    if wants_json:
        write_json({"healthy": healthy, "checks": [asdict(check) for check in checks]})
    if not healthy:
        raise click.exceptions.Exit(1)


def _show(check: Check) -> None:
    from rich.text import Text

    mark, colour = MARKS[check.verdict]
    show(Text.assemble((mark, colour), f" {check.name:<12} {check.found}"))
    if check.remedy:
        show(Text(f"  {'':<12} {check.remedy}", style="dim"))
