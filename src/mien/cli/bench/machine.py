"""Names the machine that figures were measured on, and the code that was measured."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from mien import __version__

_PACKAGES = ("numpy", "opencv-contrib-python-headless", "ai-edge-litert", "onnxruntime")


def describe_machine() -> dict[str, Any]:
    """Processor, cores, load, system, Python, versions of the packages that compute."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        # What else the machine was doing: figures taken under load are worse than they need be.
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def describe_code() -> str:
    """The commit of the checkout that mien runs from, marked when it was changed since; otherwise its version."""
    here = Path(__file__).resolve()
    git = shutil.which("git")
    if git is None:
        return f"v{__version__}"
    # Installed into somebody's checkout, mien is no part of it: its file is not tracked there.
    tracked = _run(git, "-C", str(here.parent), "ls-files", "--error-unmatch", here.name)
    commit = _run(git, "-C", str(here.parent), "describe", "--always", "--dirty", "--exclude", "*")
    return commit if tracked and commit else f"v{__version__}"


def _run(*command: str) -> str:
    """What a command prints, or nothing when it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own words
    return result.stdout.strip() if result.returncode == 0 else ""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
