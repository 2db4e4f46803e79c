"""Measures both errors of recognising the same recording by its sound.

    python -m benchmarks.duplicates DIR… [--every 5] [--others DIR…]

Every fifth file of each folder is copied as MP3, as Opus, and quieter after a silence. A copy that is not recognised
is a miss. Any two other recordings that are taken for the same are a false alarm. If VGMIDI is in
../shared/data/music/vgmidi, its piano pieces are rendered with two soundfonts and join them: the hardest, because
they sound alike, and each lasts equally long with both. The recorded results are those of the folders that
``benchmarks.placement`` names.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import folders, record
from benchmarks.copies import VARIANTS, copy
from mien.music.library.library import Library
from mien.music.recommender.duplicates import find_duplicates
from mien.types import Track
from training.hearing.rendering import installed, render_midi
from training.hearing.vgmidi import rated_pieces

VARIANT_NAMES = tuple(VARIANTS)


def main() -> None:
    """Copy, analyse, compare, print and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    folders.add_arguments(parser)
    parser.add_argument("--every", type=int, default=5, help="copy every so many-th file (5)")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="folders to compare with, without copies")
    options = parser.parse_args()
    albums, others = ([files_in(folder) for folder in given] for given in (options.folders, options.others))
    renderings = {
        name: [render_midi(piece.midi, soundfont, options.cache) for piece in rated_pieces()]
        for name, soundfont in sorted(installed().items())[:2]
    }
    recordings = [*albums, *renderings.values()]
    copied = [path for files in recordings for path in files[:: options.every]]
    copies = {
        copy(path, variant, options.cache / "copies" / variant.codec): (path, name)
        for path in copied
        for name, variant in VARIANTS.items()
    }
    heard = {*itertools.chain(*recordings, *others), *copies}
    with Library.open(options.cache / "duplicates.sqlite3", starter=False) as library:
        for folder in sorted({path.parent for path in heard}):
            library.add(folder, workers=options.workers)
        files = library.files()
        known = {files[track.id]: track for track in library.tracks() if track.features is not None}
        tracks = {path: track for path, track in known.items() if path in heard}
    text = report(tracks, copies, renderings)
    print(text)
    record.save("duplicates", text)


def files_in(folder: Path) -> list[Path]:
    """All files in a folder, at any depth, in order."""
    return sorted(path for path in folder.resolve().rglob("*") if path.is_file())


def report(
    tracks: Mapping[Path, Track],
    copies: Mapping[Path, tuple[Path, str]],
    renderings: Mapping[str, Sequence[Path]],
) -> str:
    """The results as Markdown.

    Args:
        tracks: The analysed tracks by file.
        copies: For each copy, its original and the name of the variant.
        renderings: The files rendered with each soundfont, in the same order.
    """
    groups = find_duplicates(list(tracks.values()))
    group_of = {track.id: number for number, group in enumerate(groups) for track in group}

    def together(one: str, other: str) -> bool:
        return one in group_of and group_of[one] == group_of.get(other)

    original = {path: path for path in tracks} | {path: source for path, (source, _) in copies.items()}
    lines = ["# The same recording twice", "", *record.circumstances()]
    lines += [
        f"- {len(set(original.values()))} recordings, {len(copies)} copies",
        "",
        "| copies as | recognised |",
        "|---|---|",
    ]
    for name in VARIANT_NAMES:
        pairs = [(path, source) for path, (source, variant) in copies.items() if variant == name]
        named = [(tracks[path].id, tracks[source].id) for path, source in pairs if path in tracks and source in tracks]
        found = [together(one, other) for one, other in named]
        lines.append(f"| {name} | {sum(found)} of {len(found)} |")
    path_of = {track.id: path for path, track in tracks.items()}
    wrong = [
        (path_of[one.id], path_of[other.id])
        for group in groups
        for one, other in itertools.combinations(group, 2)
        if original[path_of[one.id]] != original[path_of[other.id]]
    ]
    count = len(tracks) * (len(tracks) - 1) // 2
    lines += ["", f"False alarms: {len(wrong)} of {count:,} pairs."]
    lines += [f"- {one.parent.name}/{one.name} and {other.parent.name}/{other.name}" for one, other in wrong[:20]]
    if len(renderings) > 1:
        first, second = list(renderings.values())[:2]
        both = [(tracks[a].id, tracks[b].id) for a, b in zip(first, second, strict=True) if a in tracks and b in tracks]
        found = [together(one, other) for one, other in both]
        lines += ["", f"The same piece with two soundfonts, taken for one recording: {sum(found)} of {len(found)}."]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
