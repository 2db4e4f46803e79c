"""Prints how well and how fast mien hears music that nothing was fitted to, in one table for each question.

    python -m benchmarks.hearing [--cache FOLDER] [--peers PYTHON]

The music: the held-out series of VGMIDI (../shared/data/music/vgmidi; no licence stated, so it is outside the
repository), the held-out third of the set by genre (``training.hearing``; needs music21), both rendered with every
soundfont of ``training.hearing.rendering`` that is installed; and recordings from three of Debian's packages. What is
missing is left out, and the output says so. ``--peers`` names the interpreter of an environment with librosa and
vibenet.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks import record
from benchmarks.hearing import alterations, held_out, recordings, tempo_key
from benchmarks.hearing.analyses import Analysed, hear_timed
from mien.music.analysis.musicnn import network
from mien.music.analysis.pool import ONE_THREAD
from training.hearing.rendering import installed

_ALTERED_PIECES = 6


def main() -> None:
    """Render and analyse everything; print and store the tables."""
    parser = argparse.ArgumentParser(description="Measure how well mien hears music that nothing was fitted to.")
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "mien-hearing", help="the folder for renderings"
    )
    parser.add_argument("--peers", type=Path, help="the Python of an environment with librosa and vibenet")
    options = parser.parse_args()
    if os.environ | ONE_THREAD != os.environ:  # as in a scan's workers; NumPy reads this on import
        again = [sys.executable, "-m", "benchmarks.hearing", *sys.argv[1:]]
        sys.exit(subprocess.run(again, env=os.environ | ONE_THREAD, check=False).returncode)
    soundfonts = installed()
    if not soundfonts:
        sys.exit("no soundfont is installed; on Debian: apt install fluidsynth timgm6mb-soundfont")
    for name in ("msd", "mtt"):
        network(name)  # loaded once a scan, so not part of a track's time
    options.cache.mkdir(parents=True, exist_ok=True)
    lines = []
    for line in report(soundfonts, options.cache, options.peers):
        print(line, flush=True)
        lines.append(line)
    record.save("hearing", "\n".join(lines))


def report(soundfonts: dict[str, Path], cache: Path, peers: Path | None) -> Iterator[str]:
    """All tables as lines of Markdown, each as soon as it is known.

    Args:
        soundfonts: The soundfonts by name.
        cache: The folder for renderings.
        peers: The interpreter that runs the peers; None leaves them out.
    """
    yield from ("# Estimating the mood of music", "", *record.circumstances(), "")
    rated = list(held_out.analyse_rated(soundfonts, cache))
    if rated:
        yield from held_out.table("VGMIDI's held-out series, against people's labels", rated)
    else:
        yield from ("VGMIDI is missing: nothing is compared with people's labels.", "")
    by_genre = list(held_out.analyse_genres(soundfonts, cache))
    yield from held_out.table("The set's held-out third, against its genres", by_genre)
    yield from held_out.genres_table(by_genre)
    yield from _speech(cache)
    yield tempo_key.key_line(rated)
    yield tempo_key.beatless(by_genre)
    recorded = recordings.analyse_recordings()
    yield from recordings.lines(recorded)
    times = [one.cpu_s for one in (*rated, *by_genre, *recorded)]
    yield (
        f"- a track takes {np.median(times):.2f} s of CPU time, decoding included (median of {len(times)}; 95th "
        f"percentile {np.percentile(times, 95):.2f} s), and no more than "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )
    yield ""
    with tempfile.TemporaryDirectory() as folder:
        yield from alterations.table(_spread(rated or by_genre), Path(folder))
    tempi = {path: one["tempo_bpm"] for path, one in _ask_peer(peers, "tempo", _first(by_genre)).items()}
    yield from tempo_key.tempo_table(_first(by_genre) if tempi else by_genre, {"librosa": tempi} if tempi else {})
    yield from _peer_lines(_ask_peer(peers, "mood", _first(rated)), rated)


def _first(pieces: Sequence[Analysed]) -> list[Analysed]:
    """The pieces under the first soundfont: the peers are slow."""
    return [one for one in pieces if one.soundfont == pieces[0].soundfont] if pieces else []


def _spread(pieces: Sequence[Analysed]) -> list[Analysed]:
    """A few pieces of one soundfont, evenly spread over them."""
    first = _first(pieces)
    return first[:: max(1, len(first) // _ALTERED_PIECES)][:_ALTERED_PIECES]


def _speech(cache: Path) -> list[str]:
    files = recordings.speech_files(cache)
    if not files:
        return ["- speech: not measured, espeak-ng is not installed", ""]
    heard = [hear_timed(path)[0] for path in files]
    words = "; ".join(", ".join(one.tags[:3]) for one in heard)
    mean = np.mean([one.arousal_confidence for one in heard])
    known = sum(one.is_speech for one in heard)
    return [
        f"- speech of {len(files)} synthetic voices: {known} known as speech, confidence {mean:.2f}; tags: {words}",
        "",
    ]


def _ask_peer(python: Path | None, question: str, pieces: Sequence[Analysed]) -> dict[str, dict[str, float]]:
    """What a peer says of each file, by its path; nothing without an environment or the peer."""
    if python is None:
        return {}
    command = [str(python), str(Path(__file__).with_name("peer.py")), question]
    paths = "\n".join(str(one.path) for one in pieces)
    # A peer that fails prints why; the report goes on without it.
    output = subprocess.run(command, input=paths, text=True, check=False, stdout=subprocess.PIPE).stdout
    return {one["path"]: one for one in map(json.loads, output.splitlines())}


def _peer_lines(answers: dict[str, dict[str, float]], rated: Sequence[Analysed]) -> list[str]:
    heard = [(one, answers[str(one.path)]) for one in rated if str(one.path) in answers]
    if not heard:
        return ["- vibenet: not measured; name its environment with --peers", ""]
    lines = []
    for name in dict.fromkeys(one.soundfont for one, _ in heard):
        chosen = [(one, answer) for one, answer in heard if one.soundfont == name]
        valence = held_out.auc(
            np.array([answer["valence"] for _, answer in chosen]), np.array([one.pleasant for one, _ in chosen], bool)
        )
        arousal = held_out.auc(
            np.array([answer["energy"] for _, answer in chosen]), np.array([one.stirring for one, _ in chosen], bool)
        )
        lines.append(f"- vibenet on VGMIDI's held-out series, {name}: AUC valence {valence:.3f}, arousal {arousal:.3f}")
    seconds = np.median([answer["s"] for _, answer in heard])
    return [*lines, f"- vibenet takes {seconds:.2f} s of CPU time for a track (median)", ""]


if __name__ == "__main__":
    main()
