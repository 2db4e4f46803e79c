"""Runs the code blocks of all documents, and checks their links and the parts that ARCHITECTURE.md names."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from PIL import Image

from tests.test_layers import ALLOWED, MUSIC
from tests.waiting import HANG_S

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "mien"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RUN = {"python", "console"}
SHOWN = {"", "text", "json", "mermaid", "toml"}


@dataclass(frozen=True)
class Block:
    document: Path
    line: int
    language: str
    text: str


def blocks(document: Path) -> list[Block]:
    text = document.read_text(encoding="utf-8")
    found = re.finditer(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [Block(document, text[: m.start()].count("\n") + 1, m[1], m[2]) for m in found]


BLOCKS = [block for document in DOCUMENTS for block in blocks(document)]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the documents name: photo.jpg, song.wav and music/."""
    from skimage import data

    folder = tmp_path_factory.mktemp("desk")
    astronaut: NDArray[np.uint8] = data.astronaut()
    Image.fromarray(astronaut).save(folder / "photo.jpg")
    time_s = np.arange(30 * 22050) / 22050
    for index, path in enumerate((folder / "song.wav", folder / "music" / "one.flac", folder / "music" / "two.ogg")):
        path.parent.mkdir(exist_ok=True)
        beat = np.sin(2 * np.pi * 220 * (1 + index / 4) * time_s) * np.exp(-8 * (time_s % 0.5))
        soundfile.write(path, 0.3 * beat, 22050)
    return folder


def environment(desk: Path) -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "MIEN_HOME": str(desk / "home"), "PATH": path, "NO_COLOR": "1"}


@pytest.mark.long
@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_the_code_in_a_document_runs(document: Path, desk: Path) -> None:
    for block in blocks(document):
        if block.language == "python":
            commands = [[sys.executable, "-c", block.text]]
        elif block.language == "console":
            lines = block.text.replace("\\\n", " ").splitlines()
            commands = [["bash", "-c", line[2:]] for line in lines if line.startswith("$ ")]
        else:
            continue
        for command in commands:
            result = subprocess.run(
                command, cwd=desk, env=environment(desk), capture_output=True, text=True, timeout=HANG_S, check=False
            )
            assert result.returncode == 0, f"{relative(document)}:{block.line} {shlex.join(command)}\n{result.stderr}"


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{relative(block.document)}:{block.line}")
def test_every_block_has_a_language_that_is_run_or_shown(block: Block) -> None:
    assert block.language in RUN | SHOWN, f"name a language the tests run or show: {block.language}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_relative_links_have_targets(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))
    missing = [
        t for t in targets if "://" not in t and not t.startswith("mailto:") and not (document.parent / t).exists()
    ]
    assert not missing, f"{relative(document)} links to {missing}"


ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_the_architecture_lists_the_imports_that_the_layer_test_allows() -> None:
    rows = [line.split("|")[1:4] for line in ARCHITECTURE.splitlines() if line.count("|") == 4]
    allowed = {part.strip(" `"): set(re.findall(r"`(\w+)`", imports)) for part, imports, _ in rows}
    listed = {part: imports for part, imports in allowed.items() if part in ALLOWED}
    assert listed == ALLOWED


def test_the_modules_that_the_architecture_names_exist() -> None:
    named = set(re.findall(r"`((?:\w+/)+\w+)`", ARCHITECTURE))
    missing = [name for name in named if not (SOURCE / name).exists() and not (SOURCE / f"{name}.py").exists()]
    assert named
    assert not missing


def test_the_architecture_names_every_folder_of_music() -> None:
    folders = {part for part in MUSIC if (SOURCE / "music" / part).is_dir()}
    assert folders <= set(re.findall(r"`(\w+)`", ARCHITECTURE))


LOGS = {ROOT / "CHANGELOG.md", ROOT / "training" / "LOG.md"}
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
NOTES = [path for folder in ("src", "training", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.md")]
PATH_IN_TEXT = re.compile(r"`((?:[\w.-]+/)+(?:[\w-]+\.(?:py|md|ts|js|css|html|toml))?)`")


@pytest.mark.parametrize("document", sorted({*DOCUMENTS, *NOTES} - {*DECISIONS} - LOGS), ids=relative)
def test_the_paths_that_a_document_names_exist(document: Path) -> None:
    places = (ROOT, ROOT / "src", SOURCE, document.parent)
    parts = {path.name for place in places for path in place.iterdir() if path.is_dir()}
    named = {path for path in PATH_IN_TEXT.findall(document.read_text(encoding="utf-8")) if path.split("/")[0] in parts}
    missing = [path for path in sorted(named) if not any((place / path).exists() for place in places)]
    assert not missing, f"{relative(document)} names {missing}"


def test_the_numbers_of_decisions_are_unique() -> None:
    numbers = [path.name.partition("-")[0] for path in DECISIONS]
    assert len(numbers) == len(set(numbers))
