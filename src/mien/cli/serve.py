"""``mien serve``: serves the page."""

from __future__ import annotations

import dataclasses
from typing import Any

import click

from mien.cli.terminal.classifier import classifier_option, prior_option
from mien.cli.terminal.examples import examples
from mien.cli.terminal.log_level import configure_logging, log_level_option
from mien.cli.terminal.settings import settings
from mien.config import FOLLOW_POLICIES


@click.command(epilog=examples("mien serve", "mien serve --port 9000 --no-open"))
@click.option("--host", metavar="ADDRESS", help="The loopback address to serve on; 127.0.0.1 by default.")
@click.option(
    "--port",
    metavar="NUMBER",
    type=click.IntRange(0, 65535),
    help="The port to serve on; 8765 by default, 0 for any free one.",
)
@click.option("--no-open", is_flag=True, help="Do not open the page in the browser.")
@click.option(
    "--follow",
    type=click.Choice([policy.replace(" ", "-") for policy in FOLLOW_POLICIES]),
    help="How promptly the music follows a mood that has changed; promptly by default, gently cuts no song.",
)
@log_level_option
@classifier_option
@prior_option
def serve(
    host: str | None,
    port: int | None,
    no_open: bool,
    follow: str | None,
    log_level: str,
    classifier: str | None,
    prior: str | None,
) -> None:
    """Serve the page and open it in the browser.

    The page reads the expression of the face in the camera and plays music that fits. Only this computer can reach it,
    and no picture leaves it. Ctrl-C stops the server.
    """
    from mien.storage.core_dumps import prevent_core_dumps
    from mien.web.serve import serve as serve_page

    prevent_core_dumps()
    configure_logging(log_level)

    follow = None if follow is None else follow.replace("-", " ")
    options = {"host": host, "port": port, "follow": follow, "classifier": classifier, "prior": prior}
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    serve_page(dataclasses.replace(settings(), **given), open_browser=not no_open)
