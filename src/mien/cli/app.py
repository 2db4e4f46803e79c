"""What ``mien`` starts: the group that every command hangs on, and how it ends.

Exit status: 0 done, 1 mien said no (one sentence on stderr), 2 wrong usage, 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click

from mien import __version__
from mien.cli.bench.command import bench
from mien.cli.config import config
from mien.cli.doctor import doctor
from mien.cli.evaluate.command import evaluate
from mien.cli.faces.command import faces
from mien.cli.hear import hear
from mien.cli.library.command import library
from mien.cli.playlist import playlist
from mien.cli.recommend import recommend
from mien.cli.serve import serve
from mien.cli.source import source
from mien.cli.taste import taste
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import harmless
from mien.cli.watch.command import watch
from mien.errors import MienError

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})

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
            raise click.ClickException(harmless(str(error))) from error
        except KeyboardInterrupt:
            ctx.exit(STOPPED)
        except ImportError as error:
            if not _is_interrupt(error):
                raise
            ctx.exit(STOPPED)
        except BrokenPipeError:
            # The reader of our output, ``head`` perhaps, has what it wanted.
            _drop_output()
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


for _command in (
    serve,
    watch,
    faces,
    hear,
    library,
    source,
    playlist,
    recommend,
    taste,
    evaluate,
    doctor,
    config,
    bench,
):
    app.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line on ``arguments`` (those of the process when None) and leave with its status."""
    # Before any file is opened, which might otherwise become the standard output of a native library.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file name or a title that the terminal's encoding lacks is shown escaped, not as a traceback.
            stream.reconfigure(errors="backslashreplace")
    try:
        app.main(arguments, prog_name="mien")
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        _drop_output()
        sys.exit(f"Error: The output cannot be written ({error.strerror}); make room, or send it elsewhere.")
    raise AssertionError("click leaves by itself")


def _nowhere() -> TextIO:
    """A stream for a process that was started without one."""
    return Path(os.devnull).open("w", encoding="utf-8")


def _drop_output() -> None:
    """Send what is still in the buffer nowhere: otherwise Python would complain when it flushes at the very end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_interrupt(error: BaseException) -> bool:
    """Whether Ctrl-C caused an error: a package that is loading when it is pressed says that it cannot be loaded."""
    cause = error.__cause__
    return cause is not None and (isinstance(cause, KeyboardInterrupt) or _is_interrupt(cause))
