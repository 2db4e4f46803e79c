"""Analyses the audio of a source's files: local ones in worker processes, those on servers in threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import islice

from mien.errors import AudioError
from mien.music.analysis.decode import read_excerpts
from mien.music.analysis.estimate import estimate
from mien.music.analysis.pool import AnalysisResult, analyse_files, cores, workers_for
from mien.music.location import LocalFile
from mien.music.sources.source import Source, SourceItem

_MAX_FETCHED_BYTES = 100_000_000  # more than a minute of any format; a file without an index may be read whole


def analyse_items(
    source: Source, items: Sequence[SourceItem], *, workers: int | None
) -> Generator[tuple[SourceItem, AnalysisResult | AudioError]]:
    """Analyse files, and yield each result as soon as it is available; closing the generator ends the workers.

    Args:
        source: Opens the files that are on a server.
        items: The files: all on this computer, or all on a server.
        workers: The number of processes for files on this computer. One per core by default; 0 (this process) for a
            few files.

    Raises:
        SourceError: If the server can no longer be reached: the rest is then unknown, not broken.
    """
    local = {item.location.path: item for item in items if isinstance(item.location, LocalFile)}
    if len(local) < len(items):
        yield from _analyse_remote(source, items)
        return
    count = workers_for(len(local)) if workers is None else workers
    with closing(analyse_files(list(local), workers=count)) as results:
        for path, result in results:
            yield local[path], result


def _analyse_remote(
    source: Source, items: Sequence[SourceItem]
) -> Generator[tuple[SourceItem, AnalysisResult | AudioError]]:
    """Analyse files on a server: the excerpts are fetched into memory, and nothing is stored.

    A thread for each core analyses, and one more fetches meanwhile: the decoder, the networks and most of NumPy run
    outside Python's lock. Results come in the order of the files, of which only a few are ahead at once.
    """
    threads = cores() + 1
    ahead: deque[tuple[SourceItem, Future[AnalysisResult | AudioError]]] = deque()
    waiting = iter(items)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="mien-hearing")
    try:
        for item in islice(waiting, 2 * threads):
            ahead.append((item, pool.submit(_analyse_remote_file, source, item)))
        while ahead:
            item, result = ahead.popleft()
            yield item, result.result()
            for following in islice(waiting, 1):
                ahead.append((following, pool.submit(_analyse_remote_file, source, following)))
    finally:
        pool.shutdown(cancel_futures=True)


def _analyse_remote_file(source: Source, item: SourceItem) -> AnalysisResult | AudioError:
    try:
        with source.open(item, max_bytes=_MAX_FETCHED_BYTES) as file:
            excerpts = read_excerpts(file, subject=str(item.location))
        return AnalysisResult(estimate(excerpts), excerpts.duration_s)
    except AudioError as error:
        return error
