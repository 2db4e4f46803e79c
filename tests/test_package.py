"""The public names of the package, and what importing it loads."""

import subprocess
import sys
from pathlib import Path

import pytest

import mien


def test_every_public_name_exists() -> None:
    assert len(mien.__all__) <= 15
    for name in mien.__all__:
        assert getattr(mien, name) is not None
    assert set(mien.__all__) <= set(dir(mien))


def test_importing_loads_no_heavy_module() -> None:
    heavy = ["cv2", "onnxruntime", "ai_edge_litert", "av", "sqlalchemy", "starlette", "numpy"]
    program = f"import sys, mien; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(mien, "mood_ring")


def test_nothing_that_git_ignores_is_committed() -> None:
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        pytest.skip("needs a git checkout")
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout == ""
