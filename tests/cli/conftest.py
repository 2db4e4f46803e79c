"""Fixtures of the tests of the command line: a home folder, files to read, and two ways to run ``mien``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PIL import Image

from mien.cli.app import app
from tests.waiting import HANG_S

SAMPLE_RATE_HZ = 22_050

Mien = Callable[..., Result]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """This process's environment without any ``MIEN_…`` but the home of the test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIEN_")}
    return kept | {"MIEN_HOME": str(home)}


@pytest.fixture
def mien(home: Path) -> Mien:
    """Runs a command line in this process: ``mien("faces", path)``."""
    return _mien_of(home)


@pytest.fixture(scope="session")
def mien_of() -> Callable[[Path], Mien]:
    """``mien`` for a home that outlives the test."""
    return _mien_of


def _mien_of(home: Path) -> Mien:
    unset = {name: None for name in os.environ if name.startswith("MIEN_")}

    def run(*arguments: str | Path, **environ: str) -> Result:
        runner = CliRunner(env={**unset, "MIEN_HOME": str(home), **environ})
        result = runner.invoke(app, [str(argument) for argument in arguments], prog_name="mien")
        # Anything but leaving is a crash, and would be a traceback for a person.
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


@pytest.fixture
def command(environment: dict[str, str]) -> Command:
    """Runs a command line in a process of its own, without a terminal."""
    return _command(environment)


@pytest.fixture
def barred_command(environment: dict[str, str]) -> Command:
    """``command`` for a person whom the modes of files bind: root, whom they do not, gives that right up first."""
    if not hasattr(os, "geteuid"):
        pytest.skip("modes that bar the owner are POSIX's")
    if os.geteuid() != 0:
        return _command(environment)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("nothing is unreadable for root where there is no setpriv")
    rights = "-dac_override,-dac_read_search"
    return _command(environment, prefix=(setpriv, f"--inh-caps={rights}", f"--bounding-set={rights}"))


def _command(environment: dict[str, str], *, prefix: tuple[str, ...] = ()) -> Command:
    def run(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*prefix, sys.executable, "-c", "from mien.cli import main; main()", *map(str, arguments)],
            env=environment | environ,
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
        )

    return run


@pytest.fixture
def photo(tmp_path: Path, smiling_person: NDArray[np.uint8]) -> Path:
    """A photograph of a smiling person."""
    path = tmp_path / "photo.jpg"
    Image.fromarray(smiling_person).save(path, quality=95)
    return path


@pytest.fixture
def empty_photo(tmp_path: Path) -> Path:
    """A photograph without a face: a soft slope from dark to light."""
    path = tmp_path / "wall.png"
    Image.fromarray(np.tile(np.linspace(60, 200, 320, dtype=np.uint8), (240, 1))).convert("RGB").save(path)
    return path


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory, smiling_person: NDArray[np.uint8]) -> Callable[..., Path]:
    """Makes a film of a swaying face, five frames a second; frames numbered in ``empty`` show a wall."""
    face = cv2.resize(smiling_person[:260, 90:350], (160, 160))

    def make(name: str, *, frames: int, empty: range = range(0), rate: int = 5) -> Path:
        path = tmp_path_factory.mktemp("film") / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mpeg4", rate=Fraction(rate))
            stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 240, 160, "yuv420p", 1_000_000
            for index in range(frames):
                pixels = np.full((160, 240, 3), 120, np.uint8)
                if index not in empty:
                    x = 40 + round(8 * np.sin(index / 3))
                    pixels[:, x : x + 160] = face
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(stream.encode())
        return path

    return make


def _write_song(path: Path, *, duration_s: float = 12.0, pitch_hz: float = 220.0, beats_per_s: float = 2.0) -> Path:
    """A plucked tone that repeats with the beat."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(int(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    pluck = np.exp(-8 * (time_s % (1 / beats_per_s)))
    chord = sum(np.sin(2 * np.pi * pitch_hz * ratio * time_s) for ratio in (1, 1.25, 1.5))
    soundfile.write(path, 0.2 * chord * pluck, SAMPLE_RATE_HZ)
    return path


@pytest.fixture(scope="session")
def write_song() -> Callable[..., Path]:
    """Writes a short piece of music: ``write_song(path, beats_per_s=2)``."""
    return _write_song


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return _write_song(tmp_path / "song.wav")
