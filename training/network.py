"""Run an exported expression network in batches, and measure its duration for a single face."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.bench.timing import Timing, timing
from mien.face.classifiers.onnx import as_input, softmax
from mien.onnx_runtime import open_session

BATCH = 256


class Network:
    """An exported network: an ONNX file and a settings file of the same name with the suffix ``.json``.

    The input is "images" float32 [n, 1, 48, 48]; the outputs are "logits" [n, 7] and optionally "votes" [n, 8].

    Args:
        path: The ONNX file.
        threads: The number of threads.

    Raises:
        FileNotFoundError: If one of the two files is missing.
        ValueError: If the settings are damaged.
    """

    def __init__(self, path: Path, *, threads: int = 2) -> None:
        settings_path = path.with_suffix(".json")
        for file in (path, settings_path):
            if not file.is_file():
                raise FileNotFoundError(f"{file} is missing; write both files with: python -m training.export")
        try:
            settings = json.loads(settings_path.read_text(encoding="utf-8"))
            self.name = str(settings["name"])
            self._temperature = float(settings["temperature"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{settings_path} is damaged ({error}); write it again with: python -m training.export"
            ) from error
        self.parameters: int | None = settings.get("parameters")
        self._session = open_session(path, threads=threads)
        self._has_votes = "votes" in {output.name for output in self._session.get_outputs()}

    def labels(self, crops: NDArray[np.uint8], *, mirror: bool = False) -> NDArray[np.float64]:
        """Probabilities of FER2013's labels.

        Args:
            crops: uint8 [n, 48, 48].
            mirror: Whether to average over each crop and its mirror image.

        Returns:
            float64 [n, 7].
        """
        return self._probabilities("logits", crops, mirror=mirror, temperature=self._temperature)

    def votes(self, crops: NDArray[np.uint8], *, mirror: bool = False) -> NDArray[np.float64] | None:
        """Probabilities of FER+'s eight expressions, float64 [n, 8]; None if the network has no votes output."""
        return self._probabilities("votes", crops, mirror=mirror, temperature=1.0) if self._has_votes else None

    def timing(self, crop: NDArray[np.uint8], *, warm_up: int = 100, runs: int = 1000) -> Timing:
        """Measure the duration of a forward pass with batch size 1.

        Args:
            crop: uint8 [48, 48].
            warm_up: The number of unmeasured runs.
            runs: The number of measured runs.

        Returns:
            The statistics of the measured runs.
        """
        batch = {"images": as_input(crop[None])}
        times_s = []
        for _ in range(warm_up + runs):
            started_s = time.perf_counter()
            self._session.run(["logits"], batch)
            times_s.append(time.perf_counter() - started_s)
        return timing(1000 * np.array(times_s[warm_up:]))

    def _probabilities(
        self, output: str, crops: NDArray[np.uint8], *, mirror: bool, temperature: float
    ) -> NDArray[np.float64]:
        views = [crops, crops[:, :, ::-1]] if mirror else [crops]
        return np.asarray(np.mean([self._run(output, view, temperature) for view in views], axis=0), dtype=np.float64)

    def _run(self, output: str, crops: NDArray[np.uint8], temperature: float) -> NDArray[np.float64]:
        starts = range(0, len(crops), BATCH)
        answers = [self._session.run([output], {"images": as_input(crops[s : s + BATCH])})[0] for s in starts]
        logits = np.concatenate(answers).astype(np.float64) / temperature
        return softmax(logits)
