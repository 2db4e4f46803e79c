"""The checks of ``mien doctor``: one function per check."""

from __future__ import annotations

import errno
import hashlib
import http.client
import json
import os
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from mien.cli.terminal.error_words import error_words
from mien.cli.terminal.quantities import counted
from mien.errors import CameraError, ConfigError, LibraryError, MienError, ModelError, Remedy

if TYPE_CHECKING:
    from mien.config import Settings

_MIN_PYTHON = (3, 11)
_ANSWER_S = 2.0
_MAX_STATUS_BYTES = 65_536

FACE_NETWORKS = ("detection", "mesh", "presence", "blendshapes")
"""The networks that read a face, besides the classifier."""


class CheckStatus(StrEnum):
    """The outcome of a check; a warning concerns something that mien can do without."""

    GOOD = "good"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; ``remedy`` is empty if there is nothing to do."""

    name: str
    status: CheckStatus
    found: str
    remedy: str = ""


def examine(environ: Mapping[str, str]) -> Iterator[Check]:
    """Check everything in turn; if the settings cannot be read, skip what needs them."""
    from mien.config import load_settings

    yield check_python(sys.version_info[:3])
    try:
        settings = load_settings(environ)
    except ConfigError as error:
        yield Check("settings", CheckStatus.BROKEN, "cannot be used", error_words(error))
        return
    yield Check("settings", CheckStatus.GOOD, _settings_file_words(settings.config_path))
    yield check_folder(settings.data_dir)
    yield check_models(settings.classifier, threads=settings.threads)
    yield check_library(settings)
    yield check_port(settings.host, settings.port)
    yield check_camera(settings.camera)
    yield check_browser()


def check_python(version: tuple[int, ...]) -> Check:
    """Check that this Python is recent enough."""
    found = ".".join(map(str, version))
    if version >= _MIN_PYTHON:
        return Check("Python", CheckStatus.GOOD, found)
    return Check("Python", CheckStatus.BROKEN, found, "Install Python 3.11 or later, and install mien with it.")


def check_folder(folder: Path) -> Check:
    """Check that mien can write to its data folder, or create it."""
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        remedy = f"Make {existing} a folder that you may write to, or set MIEN_HOME to another."
        return Check("data folder", CheckStatus.BROKEN, f"{folder} cannot be written ({error.strerror})", remedy)
    return Check("data folder", CheckStatus.GOOD, str(folder) if folder.exists() else f"{folder}, not created yet")


def check_models(classifier: str, *, threads: int) -> Check:
    """Check that our network has its published checksum and that all networks load and run, the classifier's too."""
    import numpy as np

    from mien.face.classifiers.classifier import find_classifier
    from mien.face.reader import FaceReader

    try:
        verified_network(resources.files("mien.models"))
        chosen = find_classifier(classifier)(threads=threads)
        with FaceReader(classifier=chosen, threads=threads) as reader:
            reader.read(np.zeros((480, 640, 3), np.uint8))
    except MienError as error:
        return Check("networks", CheckStatus.BROKEN, "cannot be run", error_words(error))
    return Check("networks", CheckStatus.GOOD, f"{chosen.name}; for faces: {', '.join(FACE_NETWORKS)}")


def check_library(settings: Settings) -> Check:
    """Check that the catalogue opens and holds music."""
    from mien.music.library.library import Library

    try:
        with Library.open(settings.library_path, starter=settings.starter) as library:
            count = len(library.tracks())
    except LibraryError as error:
        return Check("library", CheckStatus.BROKEN, "cannot be opened", error_words(error))
    if count == 0:
        return Check("library", CheckStatus.WARNING, "no music", "Add a folder of music: mien library add DIR")
    return Check("library", CheckStatus.GOOD, counted(count, "track"))


def check_port(host: str, port: int) -> Check:
    """Check that the page's port is free."""
    address = f"{port} on {host}"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as listener:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            if taken and (version := _running_version(host, port)):
                return Check("port", CheckStatus.GOOD, f"{address} is where mien {version} runs")
            remedy = "Stop the program that uses it, perhaps another mien, or choose any free port: mien serve --port 0"
            return Check("port", CheckStatus.BROKEN, f"{address} is {'taken' if taken else 'refused'}", remedy)
    return Check("port", CheckStatus.GOOD, f"{address} is free" if port else f"any free one on {host}")


def _running_version(host: str, port: int) -> str:
    """The version of the mien that listens at an address, empty if another program does."""
    connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_S)
    try:
        connection.request("GET", "/api/v1/status")
        status = json.loads(connection.getresponse().read(_MAX_STATUS_BYTES))
    except (OSError, ValueError, http.client.HTTPException):
        return ""
    finally:
        connection.close()
    return str(status["version"]) if isinstance(status, dict) and {"version", "emotions"} <= status.keys() else ""


def check_camera(index: int) -> Check:
    """Check that a camera gives a picture; a failure is a warning, because the mood can be set by hand too."""
    from mien.capture.camera import Webcam

    try:
        with Webcam(index) as frames:
            height_px, width_px = next(iter(frames)).image.shape[:2]
    except CameraError as error:
        remedy = f"{error_words(error).rstrip('.')}; until then set the mood by hand on the page."
        return Check("camera", CheckStatus.WARNING, "none to use", remedy)
    return Check("camera", CheckStatus.GOOD, f"{width_px}x{height_px}")


def check_browser() -> Check:
    """Check that mien can open the page in a browser."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        remedy = "Open the address that mien serve prints in a browser."
        return Check("browser", CheckStatus.WARNING, "none was found", remedy)
    return Check("browser", CheckStatus.GOOD, getattr(browser, "name", type(browser).__name__))


def verified_network(folder: Traversable) -> str:
    """The name of the network in ``folder``; raises ``ModelError`` if its checksum is not the one in its card."""
    try:
        card = json.loads((folder / "expression.json").read_text(encoding="utf-8"))
        found = hashlib.sha256((folder / "expression.onnx").read_bytes()).hexdigest()
        if found != card["sha256"]:
            raise ModelError("expression.onnx is not the network that expression.json describes", Remedy.REINSTALL)
        return str(card["name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError("expression.onnx or expression.json is missing or damaged", Remedy.REINSTALL) from error


def _settings_file_words(path: Path) -> str:
    return str(path) if path.exists() else f"defaults; {path} does not exist and is optional"
