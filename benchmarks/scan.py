"""Measures a scan: reading 10,000 files' tags, scanning them again unchanged, and time and memory of the analysis.

    python -m benchmarks.scan [--files 10000] [--hear 12]

The files are the beginnings of the starter pieces, in a temporary folder. The analysis runs in one worker process, as
in a scan of many files; its memory is that worker's, for files that include one of 12 hours.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from importlib.resources import files
from itertools import cycle
from pathlib import Path

import numpy as np
import soundfile
import sqlalchemy as sa

from benchmarks import record
from mien.music.analysis.estimate import ANALYSER_VERSION
from mien.music.analysis.pool import analyse_files
from mien.music.library import scan
from mien.music.library.catalogue import Catalogue
from mien.music.library.database import Database
from mien.music.library.tables import TRACKS
from mien.music.location import LocalFile
from mien.music.sources.folder import FolderSource
from mien.music.sources.source import SourceItem

PIECES = sorted((Path(str(files("mien.music"))) / "starter").glob("*.mp3"))
_BEGINNING_BYTES = 32_768  # with all tags


def main() -> None:
    """Measure, print and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000, help="how many files' tags are read")
    parser.add_argument("--hear", type=int, default=12, help="how many files are analysed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        tags_s, tags_cpu_s, again_s, again_cpu_s = time_tags(folder, options.files)
        each_s, memory_mb = time_hearing(folder, options.hear)
    lines = ["# Scanning a library", "", *record.circumstances()]
    lines += [
        f"- tags of {options.files} files: {tags_s:.1f} s by the clock, {tags_cpu_s:.1f} s of one core",
        f"- a second scan of them, unchanged: {again_s:.1f} s by the clock, {again_cpu_s:.1f} s of one core",
        f"- analysis, one worker, {options.hear} pieces and a file of 12 hours: {each_s:.2f} s a piece by the "
        f"clock, with the worker's start; {memory_mb:.0f} MB at most",
    ]
    print("\n".join(lines))
    record.save("scan", "\n".join(lines))


def time_tags(folder: Path, count: int) -> tuple[float, float, float, float]:
    """Wall-clock and CPU seconds to list files and store their tags, and to find later that none has changed."""
    music = folder / "music"
    for number, piece in zip(range(count), cycle(PIECES), strict=False):
        album = music / f"{number // 100:03}"
        album.mkdir(parents=True, exist_ok=True)
        (album / f"{number:05} {piece.name}").write_bytes(piece.read_bytes()[:_BEGINNING_BYTES])
    database, source = Database.open(folder / "library.sqlite3"), FolderSource(music)
    catalogue = Catalogue(database)
    catalogue.add_root(LocalFile(music))
    begin, cpu = time.perf_counter(), time.process_time()
    items = [item for item in source.items() if isinstance(item, SourceItem)]
    scan.read_tags(catalogue, source, items, progress=lambda _progress: None)
    tags_s, tags_cpu_s = time.perf_counter() - begin, time.process_time() - cpu
    with database.transaction() as connection:  # as if they had been analysed
        connection.execute(sa.update(TRACKS).values(analyser_version=ANALYSER_VERSION))
    begin, cpu = time.perf_counter(), time.process_time()
    report = scan.scan(catalogue, source, LocalFile(music))
    again_s, again_cpu_s = time.perf_counter() - begin, time.process_time() - cpu
    database.close()
    assert report.unchanged == count  # noqa: S101 - otherwise the figures mean nothing
    return tags_s, tags_cpu_s, again_s, again_cpu_s


def time_hearing(folder: Path, count: int) -> tuple[float, float]:
    """Seconds a piece in one worker, and its peak memory in MB, with a file of 12 hours at the end."""
    night = folder / "night.flac"
    with soundfile.SoundFile(night, "w", 8_000, 1) as file:
        minute = np.random.default_rng(0).normal(0, 0.05, 60 * 8_000).astype(np.float32)
        for _ in range(12 * 60):
            file.write(minute)
    begin = time.perf_counter()
    list(analyse_files(PIECES[:count], workers=1))
    each_s = (time.perf_counter() - begin) / count
    list(analyse_files([PIECES[0], night], workers=1))
    return each_s, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    main()
