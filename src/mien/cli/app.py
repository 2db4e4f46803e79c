"""What ``mien`` starts: the group that every command hangs on, and how it ends.

Exit status: 0 done, 1 mien said no (one sentence on stderr), 2 wrong usage, 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from mien import __version__
from mien.cli.bench import bench
from mien.cli.config import config
from mien.cli.doctor import doctor
from mien.cli.evaluate import evaluate
from mien.cli.examples import examples
from mien.cli.faces import faces
from mien.cli.hear import hear
from mien.cli.library import library
from mien.cli.recommend import recommend
from mien.cli.serve import serve
from mien.errors import MienError

STOPPED = 130
"""What a shell expects of a program that Ctrl-C ended: 128 and the number of the signal."""


class QuietGroup(click.Group):
    """A group whose commands end without a traceback when they are refused, stopped, or no longer listened to."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; every way for it to end early becomes an exit status."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except MienError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            ctx.exit(STOPPED)
        except BrokenPipeError:
            # The reader of our output, ``head`` perhaps, has what it wanted. What is still in the buffer goes
            # nowhere: otherwise Python would complain when it flushes at the very end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        return result

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they were added: the first is the one to begin with."""
        del ctx
        return list(self.commands)


@click.group(
    cls=QuietGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "mien serve                        open the page",
        "mien faces photo.jpg              read the faces in a photo",
        "mien recommend --mood happy       choose music for a mood",
    ),
)
@click.version_option(__version__, message="%(prog)s %(version)s", help="Print the version and leave.")
def app() -> None:
    """Read a face, work out the mood, play music for it: on this computer alone."""


for _command in (serve, faces, hear, library, recommend, evaluate, doctor, config, bench):
    app.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line on ``arguments`` (those of the process when None) and leave with its status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file name or a title that the terminal's encoding lacks is shown escaped, not as a traceback.
            stream.reconfigure(errors="backslashreplace")
    app.main(arguments, prog_name="mien")
    raise AssertionError("click leaves by itself")
