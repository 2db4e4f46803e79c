"""``mien corrections``: shows, undoes, exports and deletes what was learnt from corrections of the mood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import say, write_json
from mien.cli.terminal.quantities import counted
from mien.cli.terminal.settings import settings

if TYPE_CHECKING:
    from mien.live.correction_store import CorrectionStore


@click.group(epilog=examples("mien corrections show", "mien corrections export > corrections.json"))
def corrections() -> None:
    """Show and change what mien learnt from your corrections.

    A correction says what mood your face meant: you give it on the page, by dragging the point or with "Not my mood".
    A page that runs follows what you change here at once.
    """


@corrections.command(epilog=examples("mien corrections show", "mien corrections show --json"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(as_json: bool) -> None:
    """Show how many corrections there are and their effect."""
    summary = _stored(read_only=True).summary()
    if as_json:
        distances = {"distance_before": summary.distance_before, "distance_now": summary.distance_now}
        write_json({"corrections": summary.count, **distances})
    elif not summary.count:
        click.echo("No corrections.")
    elif summary.distance_before is None or summary.distance_now is None:
        click.echo(f"Learnt from {counted(summary.count, 'correction')}.")
    else:
        click.echo(
            f"Learnt from {counted(summary.count, 'correction')}; you moved the point by "
            f"{summary.distance_before:.2f} on average before, by {summary.distance_now:.2f} now."
        )


@corrections.command(epilog=examples("mien corrections undo"))
def undo() -> None:
    """Remove the last correction."""
    say("The last correction is removed." if _stored().undo() else "There is nothing to undo.")


@corrections.command(epilog=examples("mien corrections export > corrections.json"))
def export() -> None:
    """Print all corrections as a JSON object of numbers."""
    click.echo(_stored(read_only=True).export())


@corrections.command(epilog=examples("mien corrections delete", "mien corrections delete --yes"))
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(yes: bool) -> None:
    """Delete all corrections permanently."""
    store = _stored()
    if not yes:
        click.confirm("Delete all your corrections permanently?", abort=True, err=True)
    say(f"{counted(store.delete(), 'correction')} deleted.")


def _stored(*, read_only: bool = False) -> CorrectionStore:
    """The corrections, of whatever network they are; ``CorrectionError`` if the file cannot be used."""
    from mien.live.correction_file import stored_network
    from mien.live.correction_store import CORRECTIONS_FILE, CorrectionStore

    path = settings().data_dir / CORRECTIONS_FILE
    store = CorrectionStore(path, network=stored_network(path) or "", read_only=read_only)
    store.load()
    return store
