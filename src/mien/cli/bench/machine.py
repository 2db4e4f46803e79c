"""Describes the machine and the version of the code that a benchmark ran on."""

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
    """Processor, cores, load, system, Python and the versions of numeric packages."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        # Other load makes every figure worse.
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def describe_code() -> str:
    """The commit of the checkout that mien runs from, with "-dirty" if that has changes; otherwise the version."""
    here = Path(__file__).resolve()
    git = shutil.which("git")
    if git is None:
        return f"v{__version__}"
    # If mien is installed within the checkout of another project, its files are not tracked there.
    tracked = _run(git, "-C", str(here.parent), "ls-files", "--error-unmatch", here.name)
    commit = _run(git, "-C", str(here.parent), "describe", "--always", "--dirty", "--exclude", "*")
    return commit if tracked and commit else f"v{__version__}"


def is_dirty(code: str) -> bool:
    """Whether the code that ``describe_code`` describes had uncommitted changes."""
    return code.endswith("-dirty")


def _run(*command: str) -> str:
    """The output of a command; empty if it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  fixed arguments
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
