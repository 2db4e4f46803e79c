"""Analyses files with librosa and vibenet; called by ``benchmarks.hearing`` with the interpreter of their environment.

    PYTHON benchmarks/hearing/peer.py < paths.txt

This file runs on its own, without mien. Each line of the output is a JSON object: the path, librosa's tempo with its
CPU time, and vibenet's valence and energy with its CPU time, as far as the two are installed.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any


def main() -> None:
    """Read paths from standard input and write a line for each."""
    warnings.simplefilter("ignore")
    try:
        import librosa
    except ImportError:
        librosa = None
    try:
        import vibenet

        model: Any = vibenet.load_model()
    except ImportError:
        model = None
    for line in sys.stdin:
        path = line.strip()
        answer: dict[str, Any] = {"path": path}
        begin = time.process_time()
        if librosa is not None:
            wave, rate = librosa.load(path)
            tempo = librosa.feature.rhythm.tempo(y=wave, sr=rate)
            answer |= {"tempo_bpm": float(tempo[0]), "tempo_s": time.process_time() - begin}
        begin = time.process_time()
        if model is not None:
            (heard,) = model.predict(path)
            answer |= {"valence": heard.valence, "energy": heard.energy, "mood_s": time.process_time() - begin}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
