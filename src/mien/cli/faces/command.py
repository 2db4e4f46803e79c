"""``mien faces``: the expressions in photos and videos, a row a face."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mien.cli.faces.pictures import Picture, as_json, picture_layout
from mien.cli.faces.video import look_at
from mien.cli.terminal.classifier import classifier_option, load_classifier
from mien.cli.terminal.examples import examples
from mien.cli.terminal.files import PHOTO_SUFFIXES, VIDEO_SUFFIXES, Failures, expand, is_folder
from mien.cli.terminal.output import say
from mien.cli.terminal.param_types import AnyPath, NumberRange
from mien.cli.terminal.progress import progress
from mien.cli.terminal.rows import row_writer, style_options
from mien.cli.terminal.settings import settings

if TYPE_CHECKING:
    from mien.cli.faces.row_file import RowFile
    from mien.cli.faces.timeline import Timeline
    from mien.cli.faces.video import ResumePoint
    from mien.face.reader import FaceReader

_ROWS_A_TABLE = 40
"""Rows of a video are not held back until it ends."""


@click.command(
    epilog=examples(
        "mien faces photo.jpg",
        "mien faces --json holiday/ > faces.jsonl",
        "mien faces --out faces.csv --plot film.png film.mp4",
        "mien faces --out faces.csv --plot film.png --resume film.mp4",
    )
)
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=AnyPath())
@style_options
@click.option(
    "--every",
    "every_s",
    metavar="SECONDS",
    type=NumberRange(min=0),
    default=0.5,
    show_default=True,
    help="How often to look at a video; 0 reads every frame.",
)
@click.option(
    "--out",
    "-o",
    "out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write rows into a .csv or .jsonl file; one that is there is refused without --resume.",
)
@click.option("--resume", is_flag=True, help="Go on where the file of --out stops, or begin it.")
@click.option(
    "--plot",
    "plot_path",
    metavar="FILE.png",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Draw the expressions in one video over time; needs mien[plots].",
)
@classifier_option
def faces(
    paths: tuple[Path, ...],
    style: str | None,
    every_s: float,
    out: Path | None,
    resume: bool,
    plot_path: Path | None,
    classifier: str | None,
) -> None:
    """Read the faces in photos, videos and folders of them.

    Boxes are in pixels of the upright picture. A picture without a face gets a row that says so. In a video, a person
    keeps the number of their face. A file that cannot be read is named on stderr, the others go on, and the exit status
    is 1.

    With --out, Ctrl-C or a crash loses nothing: the same command with --resume goes on.
    """
    _check_out(out, style=style, resume=resume)
    if plot_path is not None:
        _check_plot(plot_path, paths)
    from mien.face.reader import FaceReader

    reader = FaceReader(classifier=load_classifier(classifier), threads=settings().threads)
    failures = Failures()
    files = expand(paths, PHOTO_SUFFIXES | VIDEO_SUFFIXES, failures)
    timeline = _new_timeline() if plot_path is not None else None
    films = any(_is_video(path) for path in files)
    rows_appear = out is None and sys.stdout.isatty() and (style is not None or films)
    with (
        _told_how_to_go_on(out),
        _sink(style, out, in_pieces=films) as (write, rows),
        progress(len(files), unit="file", hidden=rows_appear) as advance,
    ):
        if timeline is not None and rows is not None:
            for time_s, seen in rows.looks(files[0]):
                timeline.add(time_s, seen)
        for done, path in enumerate(files):
            advance(done, path.name)
            if rows is not None and rows.holds_photo(path):
                continue
            stop = rows.stop_in(path) if rows is not None else None
            with failures.tolerate(path):
                for picture in _read(path, reader, every_s=every_s, stop=stop):
                    write(picture)
                    if timeline is not None:
                        found = as_json(picture)
                        timeline.add(found["time_s"], found["faces"])
                    advance(done + picture.share, path.name)
    if timeline is not None and plot_path is not None:
        with failures.tolerate(files[0]):
            _plot(timeline, files[0], plot_path)
    failures.conclude()


def _read(path: Path, reader: FaceReader, *, every_s: float, stop: ResumePoint | None) -> Iterator[Picture]:
    if _is_video(path):
        yield from look_at(path, reader, every_s=every_s, stop=stop)
        return
    from mien.capture.photo import read_photo

    yield Picture(path, None, reader.read(read_photo(path)), share=1)


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in VIDEO_SUFFIXES


@contextmanager
def _sink(
    style: str | None, out: Path | None, *, in_pieces: bool
) -> Iterator[tuple[Callable[[Picture], None], RowFile | None]]:
    """Where pictures go, and the file that may hold some already."""
    layout = picture_layout()
    if out is None:
        with row_writer(style, layout, rows_per_table=_ROWS_A_TABLE if in_pieces else None) as write:
            yield write, None
        return
    from mien.cli.faces.row_file import RowFile

    with RowFile(out, layout) as rows:
        yield rows.write, rows


@contextmanager
def _told_how_to_go_on(out: Path | None) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        if out is not None:
            words = ["mien", *sys.argv[1:]]
            if "--resume" not in words:
                words.append("--resume")
            say(f"Stopped; {out} keeps what was read. To go on: {shlex.join(words)}")
        raise


def _check_out(out: Path | None, *, style: str | None, resume: bool) -> None:
    """Refuse before the work what would lose some of it."""
    if out is None:
        if resume:
            raise click.UsageError("--resume goes on with a file; name it with --out.")
        return
    if style is not None:
        raise click.UsageError("--out takes the style from the file's name; leave --json and --csv out.")
    if out.suffix.lower() not in {".csv", ".jsonl"}:
        raise click.BadParameter(f"{out} is neither; name a file that ends in .csv or .jsonl.", param_hint="--out")
    if not is_folder(out.parent):
        raise click.BadParameter(f"there is no folder {out.parent}; make it first.", param_hint="--out")
    if not resume and _is_filled(out):
        raise click.BadParameter(
            f"{out} is there already; add --resume to go on with it, or name another file.", param_hint="--out"
        )


def _is_filled(path: Path) -> bool:
    """Whether a file is there and holds something; no where that cannot be seen, which opening it will explain."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _check_plot(path: Path, paths: tuple[Path, ...]) -> None:
    """Refuse before the work what could not be drawn after it."""
    from mien.evaluation.plots import require_matplotlib

    if len(paths) != 1 or not _is_video(paths[0]) or is_folder(paths[0]):
        raise click.UsageError("--plot draws one video; name that alone.")
    if path.suffix.lower() != ".png":
        raise click.BadParameter(f"{path} is no PNG; name a file that ends in .png.", param_hint="--plot")
    if not is_folder(path.parent):
        raise click.BadParameter(f"there is no folder {path.parent}; make it first.", param_hint="--plot")
    require_matplotlib()
    _check_writable(path)


def _check_writable(path: Path) -> None:
    """Only trying tells: a disk may be there to be read alone. A file that is there stays as it is."""
    try:
        there = path.exists()
        path.open("ab").close()
        if not there:
            path.unlink()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise click.BadParameter(f"{path} cannot be written ({reason}).", param_hint="--plot") from error


def _new_timeline() -> Timeline:
    from mien.cli.faces.timeline import Timeline

    return Timeline()


def _plot(timeline: Timeline, video: Path, path: Path) -> None:
    from mien.cli.faces.timeline_plot import save_timeline

    save_timeline(path, timeline, title=video.name)
    say(f"{path} shows the expressions over time.")
