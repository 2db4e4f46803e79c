"""The ``mien`` command: registers all subcommands and turns errors into exit statuses.

Exit status: 0 success, 1 failure (one sentence on stderr), 2 wrong usage, 130 stopped with Ctrl-C.
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
from mien.cli.corrections import corrections
from mien.cli.doctor import doctor
from mien.cli.evaluate.command import evaluate
from mien.cli.faces.command import faces
from mien.cli.hear import hear
from mien.cli.library.command import library
from mien.cli.playlist import playlist
from mien.cli.recommend import recommend
from mien.cli.serve import serve
from mien.cli.source.command import source
from mien.cli.taste import taste
from mien.cli.terminal.error_words import error_words
from mien.cli.terminal.examples import examples
from mien.cli.terminal.output import escape_control
from mien.cli.watch.command import watch
from mien.errors import FREE_MEMORY, MienError, is_short_of_memory, sentence

_DISK_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})

INTERRUPTED_STATUS = 130
"""The exit status after Ctrl-C, by convention 128 plus the number of the signal."""


class QuietGroup(click.Group):
    """A group whose commands end without a traceback on errors, on Ctrl-C and when their output is closed."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command and convert what ends it early into an exit status."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except MienError as error:
            raise click.ClickException(escape_control(error_words(error))) from error
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED_STATUS)
        except (ImportError, MemoryError) as error:
            if _is_interrupt(error):
                ctx.exit(INTERRUPTED_STATUS)
            if is_short_of_memory(error):
                raise click.ClickException(sentence("There is too little memory", FREE_MEMORY)) from error
            raise
        except BrokenPipeError:
            # The reader of our output, such as ``head``, has closed it.
            _discard_output()
            ctx.exit(0)
        return result

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they were added, the most important ones first."""
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
@click.version_option(__version__, message="%(prog)s %(version)s", help="Print the version and exit.")
def app() -> None:
    """Read a face, work out the mood and play music for it, all on this computer."""


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
    corrections,
    evaluate,
    doctor,
    config,
    bench,
):
    app.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line on ``arguments`` (those of the process if None) and exit with its status."""
    # Before any file is opened: one with descriptor 1 would receive what native libraries print.
    sys.stdout = sys.stdout or _null_stream()
    sys.stderr = sys.stderr or _null_stream()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Escape characters that the terminal's encoding lacks; file names and titles may hold any.
            stream.reconfigure(errors="backslashreplace")
    try:
        app.main(arguments, prog_name="mien")
    except OSError as error:
        if error.errno not in _DISK_FULL_ERRNOS:
            raise
        _discard_output()
        sys.exit(f"Error: The output cannot be written ({error.strerror}); make room or write it elsewhere.")
    raise AssertionError("click exits by itself")


def _null_stream() -> TextIO:
    """A substitute for a standard stream that the process was started without."""
    return Path(os.devnull).open("w", encoding="utf-8")


def _discard_output() -> None:
    """Discard what is still buffered; flushing it at exit would fail and print a traceback."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_interrupt(error: BaseException) -> bool:
    """Whether Ctrl-C caused an import error: some packages raise ``ImportError`` when interrupted while loading."""
    cause = error.__cause__
    return cause is not None and (isinstance(cause, KeyboardInterrupt) or _is_interrupt(cause))
