"""Recognises files that were moved or renamed, by what a server calls them, their content, or size and time. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mien.music.location import Location
from mien.music.sources.source import SourceItem


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file of an earlier scan that is no longer where it was, or no longer the same.

    Attributes:
        track_id: The id of its track.
        location: Where it was.
        size_bytes: Its size.
        changed_ns: When it was last changed, in nanoseconds since 1970.
        content_hash: See ``content_hash``; None if it was never hashed.
        is_away: Whether it may be back, because its folder is away.
    """

    track_id: str
    location: Location
    size_bytes: int
    changed_ns: int
    content_hash: str | None
    is_away: bool = False


def find_moves(
    gone: Iterable[KnownFile],
    items: Iterable[SourceItem],
    *,
    source_name: str,
    hash_of: Callable[[SourceItem], str | None],
) -> dict[SourceItem, KnownFile]:
    """Match files that are new, or changed, with files that are gone.

    A server's piece is known by its id. A file is known by its content if that was hashed: times differ from one file
    system to another, and files written with a wrong clock may share one. One that was never hashed is known by size
    and time, if no other has the same, or by its name besides. Of several copies, those with the same name match first.

    Args:
        gone: The files that are gone.
        items: The files that are new or changed.
        source_name: The name of the source that lists ``items``.
        hash_of: Hashes an item; called only for sizes that occur in ``gone``.

    Returns:
        Each item that was recognised, with what it was before; each known file at most once.
    """
    by_id, by_content = dict[str, KnownFile](), defaultdict[tuple[int, str], list[KnownFile]](list)
    by_time, sizes = defaultdict[tuple[int, int], list[KnownFile]](list), set[int]()
    for file in gone:
        by_id[file.track_id] = file
        sizes.add(file.size_bytes)
        if file.content_hash is not None:
            by_content[file.size_bytes, file.content_hash].append(file)
        elif file.changed_ns > 0:
            by_time[file.size_bytes, file.changed_ns].append(file)
    moves: dict[SourceItem, KnownFile] = {}
    same_content, same_time = (
        defaultdict[tuple[int, str], list[SourceItem]](list),
        defaultdict[tuple[int, int], list[SourceItem]](list),
    )
    for item in items:
        known = by_id.get(f"{source_name}:{item.key}")
        if known is not None and known.location != item.location:
            moves[item] = known
        elif item.size_bytes > 0 and item.size_bytes in sizes:
            same_time[item.size_bytes, item.changed_ns].append(item)
            if (found := hash_of(item)) is not None:
                same_content[item.size_bytes, found].append(item)
    for key, copies in same_content.items():
        moves.update(_pairs(copies, by_content.get(key, ()), moves))
    for moment, copies in same_time.items():
        files = by_time.get(moment, [])
        alone = len(files) == len(copies) == 1
        moves.update(_pairs(copies, files, moves, only_same_name=not alone))
    return moves


def _pairs(
    items: Iterable[SourceItem],
    files: Iterable[KnownFile],
    moves: Mapping[SourceItem, KnownFile],
    *,
    only_same_name: bool = False,
) -> Iterator[tuple[SourceItem, KnownFile]]:
    """Pair items with files of the same content, the most alike first; each once, and none that is in ``moves``."""
    taken, used = set(moves), set(moves.values())

    def unlikeness(pair: tuple[SourceItem, KnownFile]) -> tuple[bool, bool, bool, bool, str, str]:
        item, file = pair
        return (
            item.location != file.location,
            item.location.name != file.location.name,
            item.location.folder.name != file.location.folder.name,
            item.changed_ns != file.changed_ns,
            str(item.location),
            str(file.location),
        )

    for item, file in sorted(((item, file) for item in items for file in files), key=unlikeness):
        if item in taken or file in used or (only_same_name and item.location.name != file.location.name):
            continue
        taken.add(item)
        used.add(file)
        yield item, file
