"""Analyses files with librosa and vibenet; called by ``benchmarks.hearing`` with the interpreter of their environment.

    PYTHON benchmarks/hearing/peer.py tempo|mood < paths.txt

This file runs on its own, without mien. Each line of the output is a JSON object: the path and its CPU time ("s") with
librosa's tempo, or with vibenet's valence and energy; nothing if the package is missing.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any


def main() -> None:
    """Read paths from standard input and write a line for each."""
    warnings.simplefilter("ignore")
    try:
        analyse = tempo_of() if sys.argv[1] == "tempo" else mood_of()
    except ImportError:
        return
    for line in sys.stdin:
        path = line.strip()
        begin = time.process_time()
        answer = analyse(path)
        print(json.dumps({"path": path, **answer, "s": time.process_time() - begin}), flush=True)


def tempo_of() -> Callable[[str], dict[str, float]]:
    """Librosa's tempo of a file."""
    import librosa

    def tempo(path: str) -> dict[str, float]:
        wave, rate = librosa.load(path)
        return {"tempo_bpm": float(librosa.feature.tempo(y=wave, sr=rate)[0])}

    return tempo


def mood_of() -> Callable[[str], dict[str, float]]:
    """Vibenet's valence and energy of a file."""
    import vibenet

    model: Any = vibenet.load_model()

    def mood(path: str) -> dict[str, float]:
        (heard,) = model.predict(path)
        return {"valence": heard.valence, "energy": heard.energy}

    return mood


if __name__ == "__main__":
    main()
