"""``mien faces``: reads the expressions in photos and videos, one row per face."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mien.cli.faces.pictures import Picture, as_json, fex_layout, picture_layout
from mien.cli.faces.video import read_video_faces
from mien.cli.terminal.classifier import chosen_prior, classifier_option, load_classifier, prior_option
from mien.cli.terminal.examples import examples
from mien.cli.terminal.files import PHOTO_SUFFIXES, VIDEO_SUFFIXES, Failures, expand, is_folder
from mien.cli.terminal.output import say
from mien.cli.terminal.param_types import AnyPath, NumberRange
from mien.cli.terminal.plot_option import check_plot_path, plot_option
from mien.cli.terminal.progress import progress
from mien.cli.terminal.rows import output_options, row_writer
from mien.cli.terminal.settings import settings

if TYPE_CHECKING:
    from mien.cli.faces.row_file import RowFile
    from mien.cli.faces.timeline import Timeline
    from mien.cli.faces.video import ResumePoint
    from mien.face.reader import FaceReader

_VIDEO_ROWS_PER_TABLE = 40
"""The rows of a video are printed in tables of this size, not held back until it ends."""


@click.command(
    epilog=examples(
        "mien faces photo.jpg",
        "mien faces --json holiday/ > faces.jsonl",
        "mien faces --csv --action-units film.mp4 > fex.csv",
        "mien faces --out faces.csv --plot film.png film.mp4",
        "mien faces --out faces.csv --plot film.png --resume film.mp4",
    )
)
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=AnyPath())
@output_options
@click.option(
    "--every",
    "every_s",
    metavar="SECONDS",
    type=NumberRange(min=0),
    default=0.5,
    show_default=True,
    help="The interval between the frames of a video to read; 0 reads every frame.",
)
@click.option(
    "--out",
    "-o",
    "out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write rows to a .csv or .jsonl file; an existing one is refused without --resume.",
)
@click.option("--resume", is_flag=True, help="Continue the file of --out where it stops, or begin it.")
@click.option(
    "--action-units",
    is_flag=True,
    help="With --csv: print action units, head pose and gaze in the columns of py-feat, which reads such files.",
)
@plot_option("Plot the expressions in one video over time; needs mien[plots].")
@classifier_option
@prior_option
def faces(
    paths: tuple[Path, ...],
    output_format: str | None,
    every_s: float,
    out: Path | None,
    resume: bool,
    action_units: bool,
    plot_path: Path | None,
    classifier: str | None,
    prior: str | None,
) -> None:
    """Read the faces in photos, videos and folders of them.

    Boxes are in pixels of the upright picture. A picture without a face gets a row that says so. In a video, each face
    keeps its number. Files that cannot be read are reported on stderr, and the exit status is then 1.

    With --out, Ctrl-C or a crash loses nothing: the same command with --resume continues.
    """
    _check_out(out, output_format=output_format, resume=resume)
    if action_units and output_format != "csv":
        raise click.UsageError("--action-units names the columns of --csv; add that.")
    if plot_path is not None:
        _check_plot(plot_path, paths)
    from mien.face.reader import FaceReader

    reader = FaceReader(classifier=load_classifier(classifier), threads=settings().threads, prior=chosen_prior(prior))
    failures = Failures()
    files = expand(paths, PHOTO_SUFFIXES | VIDEO_SUFFIXES, failures, noun="picture or video")
    timeline = _new_timeline() if plot_path is not None else None
    has_videos = any(_is_video(path) for path in files)
    rows_appear = out is None and sys.stdout.isatty() and (output_format is not None or has_videos)
    with (
        reader,
        _explain_resume(out),
        _sink(output_format, out, in_parts=has_videos, action_units=action_units) as (write, rows),
        progress(len(files), unit="file", hidden=rows_appear) as advance,
    ):
        if timeline is not None and rows is not None:
            for time_s, found_faces in rows.readings(files[0]):
                timeline.add(time_s, found_faces)
        for done, path in enumerate(files):
            advance(done, path.name)
            if rows is not None and rows.holds_photo(path):
                continue
            resume_point = rows.resume_point(path) if rows is not None else None
            with failures.tolerate(path):
                for picture in _read(path, reader, every_s=every_s, resume_point=resume_point):
                    write(picture)
                    if timeline is not None:
                        found = as_json(picture)
                        timeline.add(found["time_s"], found["faces"])
                    advance(done + picture.share, path.name)
    if timeline is not None and plot_path is not None:
        with failures.tolerate(files[0]):
            _plot(timeline, files[0], plot_path)
    failures.conclude()


def _read(path: Path, reader: FaceReader, *, every_s: float, resume_point: ResumePoint | None) -> Iterator[Picture]:
    if _is_video(path):
        yield from read_video_faces(path, reader, every_s=every_s, resume_point=resume_point)
        return
    from mien.capture.photo import read_photo

    yield Picture(path, None, reader.read(read_photo(path, on_note=say)), share=1)


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in VIDEO_SUFFIXES


@contextmanager
def _sink(
    output_format: str | None, out: Path | None, *, in_parts: bool, action_units: bool
) -> Iterator[tuple[Callable[[Picture], None], RowFile | None]]:
    """A function that writes a picture, and the file of ``--out`` if there is one."""
    layout = fex_layout() if action_units else picture_layout()
    if out is None:
        with row_writer(output_format, layout, rows_per_table=_VIDEO_ROWS_PER_TABLE if in_parts else None) as write:
            yield write, None
        return
    from mien.cli.faces.row_file import RowFile

    with RowFile(out, layout) as rows:
        yield rows.write, rows


@contextmanager
def _explain_resume(out: Path | None) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        if out is not None:
            words = ["mien", *sys.argv[1:]]
            if "--resume" not in words:
                words.append("--resume")
            say(f"Stopped; {out} holds the results so far. To continue: {shlex.join(words)}")
        raise


def _check_out(out: Path | None, *, output_format: str | None, resume: bool) -> None:
    """Refuse an output file that could lose results, before any work is done."""
    if out is None:
        if resume:
            raise click.UsageError("--resume continues a file; name it with --out.")
        return
    if output_format is not None:
        raise click.UsageError("--out takes the format from the file's name; leave out --json and --csv.")
    if out.suffix.lower() not in {".csv", ".jsonl"}:
        raise click.BadParameter(f"{out} does not end in .csv or .jsonl.", param_hint="--out")
    if not is_folder(out.parent):
        raise click.BadParameter(f"the folder {out.parent} does not exist.", param_hint="--out")
    if not resume and _is_filled(out):
        raise click.BadParameter(
            f"{out} exists already; add --resume to continue it, or name another file.", param_hint="--out"
        )


def _is_filled(path: Path) -> bool:
    """Whether a file exists and is not empty; False if access is denied, which opening it will report."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _check_plot(plot_path: Path, paths: tuple[Path, ...]) -> None:
    """Refuse a plot that could not be drawn or written, before any work is done."""
    if len(paths) != 1 or not _is_video(paths[0]) or is_folder(paths[0]):
        raise click.UsageError("--plot draws one video; name only that.")
    check_plot_path(plot_path)


def _new_timeline() -> Timeline:
    from mien.cli.faces.timeline import Timeline

    return Timeline()


def _plot(timeline: Timeline, video: Path, path: Path) -> None:
    from mien.cli.faces.timeline_plot import save_timeline

    save_timeline(path, timeline, title=video.name)
    say(f"{path} shows the expressions over time.")
