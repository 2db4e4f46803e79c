"""Makes the starter library: ``python -m starter.make`` renders every piece and writes files and manifest.

``--only SLUG`` renders some pieces, ``--measure-only`` analyses the files again after the analyser has changed,
``--plot`` draws the pieces on the plane. It needs FluidSynth, its soundfont, and ``pip install -e '.[starter]'``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from starter import manifest
from starter.encode import SUFFIX, encode
from starter.manifest import ManifestEntry
from starter.measure import read, true_peak_dbtp
from starter.pieces import ALL
from starter.plot import plot
from starter.render import render
from starter.score import Piece

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDER = REPOSITORY / "src" / "mien" / "music" / "starter"
PLOT = REPOSITORY / "docs" / "starter-plane.svg"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m starter.make", description="Make the starter library.")
    parser.add_argument("--only", nargs="+", metavar="SLUG", choices=[piece.slug for piece in ALL], help="render these")
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder to write to")
    parser.add_argument("--measure-only", action="store_true", help="render nothing; analyse the files again")
    parser.add_argument("--plot", action="store_true", help=f"also draw {PLOT.relative_to(REPOSITORY)}")
    options = parser.parse_args(arguments)
    folder: Path = options.out
    folder.mkdir(parents=True, exist_ok=True)
    known = manifest.load(folder)
    entries: list[ManifestEntry] = []
    print(f"{'':24}{'length':>8}{'LUFS':>8}{'peak':>7}{'bpm':>6}{'valence':>9}{'arousal':>9}{'kB':>7}")
    for piece in ALL:
        wanted = options.only is None or piece.slug in options.only
        if wanted and not options.measure_only:
            encode(render(piece), folder / f"{piece.slug}{SUFFIX}", piece)
        if wanted or piece.slug not in known:
            known[piece.slug] = manifest.entry_for(piece, folder)
            print(_row(known[piece.slug], folder), flush=True)
        entries.append(known[piece.slug])
    _remove_others(folder, ALL)
    manifest.save(entries, folder)
    print(_summary(entries, folder))
    if options.plot:
        plot(entries, PLOT)


def _row(entry: ManifestEntry, folder: Path) -> str:
    path = folder / entry["file"]
    return (
        f"{entry['key']:24}{entry['duration_s']:7.1f}s{entry['loudness_lufs']:8.1f}{true_peak_dbtp(read(path).samples):7.1f}"
        f"{entry['tempo_bpm']:6.0f}{entry['valence']:+9.2f}{entry['arousal']:+9.2f}{path.stat().st_size / 1000:7.0f}"
    )


def _summary(entries: Sequence[ManifestEntry], folder: Path) -> str:
    size = sum((folder / entry["file"]).stat().st_size for entry in entries)
    length = sum(entry["duration_s"] for entry in entries)
    quadrants = {
        name: sum(entry["valence"] * right >= 0.15 and entry["arousal"] * up >= 0.15 for entry in entries)
        for name, right, up in (("bright", 1, 1), ("tense", -1, 1), ("low", -1, -1), ("calm", 1, -1))
    }
    counted = ", ".join(f"{count} {name}" for name, count in quadrants.items())
    return f"{len(entries)} pieces, {length / 60:.1f} min, {size / 1e6:.2f} MB; clearly {counted}"


def _remove_others(folder: Path, pieces: Sequence[Piece]) -> None:
    """Delete sound files of pieces that no longer exist."""
    names = {f"{piece.slug}{SUFFIX}" for piece in pieces}
    for path in folder.glob(f"*{SUFFIX}"):
        if path.name not in names:
            path.unlink()


if __name__ == "__main__":
    main()
