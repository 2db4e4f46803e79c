"""Imports follow the layers of ``ARCHITECTURE.md``: none points up or sideways."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "mien"

#: The parts that each part may import, besides itself. A part is a package or a module of ``mien``.
ALLOWED: dict[str, set[str]] = {
    "types": set(),
    "errors": set(),
    "plugins": {"errors"},
    "models": set(),
    "onnx_runtime": set(),
    "storage": {"errors"},
    "mood": {"types", "errors"},
    "config": {"types", "errors"},
    "capture": {"types", "errors"},
    "face": {"types", "errors", "plugins", "mood", "onnx_runtime"},
    "evaluation": {"types", "errors", "mood", "face", "capture"},
    "music": {"types", "errors", "plugins", "mood", "storage", "onnx_runtime"},
    "live": {"types", "errors", "mood", "face", "storage"},
    "bench": {"types", "errors", "mood", "capture", "face", "live"},
    "session": {"types", "errors", "mood", "capture", "face", "music", "live", "config"},
    "web": {"types", "errors", "mood", "capture", "face", "music", "live", "session", "config"},
    "cli": {
        "types",
        "errors",
        "mood",
        "capture",
        "face",
        "music",
        "live",
        "session",
        "config",
        "storage",
        "evaluation",
        "bench",
        "web",
    },
}

MODULES = sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def part_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_parts(path: Path) -> set[str]:
    """The parts of mien that a file imports; "" stands for the package itself."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively; name the module in full"
            if node.module == "mien":
                names.update(f"mien.{alias.name}" for alias in node.names)
            else:
                names.add(node.module or "")
    inside = [name.split(".") for name in names if name == "mien" or name.startswith("mien.")]
    return {parts[1] if len(parts) > 1 else "" for parts in inside} - {"__version__", ""}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_down(path: Path) -> None:
    part = part_of(path)
    assert part in ALLOWED, f"{part} has no layer: give it one in ALLOWED and in ARCHITECTURE.md"
    beyond = imported_parts(path) - ALLOWED[part] - {part}
    assert not beyond, f"{path.relative_to(SOURCE)} may not import {sorted(beyond)}"


#: What each folder of ``music`` may import of its siblings; ``text``, ``names``, ``formats``, ``spelling``, ``cue``,
#: ``wave``, ``location``, ``sound_code`` and ``connections`` are modules.
MUSIC: dict[str, set[str]] = {
    "text": set(),
    "names": set(),
    "formats": set(),
    "spelling": {"names"},
    "cue": {"text", "names", "formats", "location"},
    "wave": {"location"},
    "location": set(),
    "sound_code": set(),
    "recommender": {"sound_code", "names"},
    "requests": {"recommender", "names"},
    "analysis": {"sound_code", "formats", "cue", "wave"},
    "tagging": {"text", "names"},
    "servers": {"text"},
    "sources": {"text", "names", "formats", "cue", "wave", "location", "tagging", "servers", "playlists"},
    "playlists": {"text", "names", "spelling", "cue", "location"},
    "players": {"text", "names", "location", "servers", "playlists"},
    "library": {
        "text",
        "names",
        "spelling",
        "cue",
        "location",
        "analysis",
        "recommender",
        "sources",
        "playlists",
        "tagging",
    },
    "connections": {"servers", "sources", "players"},
}


def music_parts(path: Path) -> set[str]:
    """The parts of ``mien.music`` that a file imports."""
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    modules = [node for node in tree if isinstance(node, ast.ImportFrom)]
    names = [node.module for node in modules if node.module and node.module.startswith("mien.music.")]
    names += [f"mien.music.{alias.name}" for node in modules if node.module == "mien.music" for alias in node.names]
    return {name.split(".")[2] for name in names}


@pytest.mark.parametrize(
    "path", sorted((SOURCE / "music").rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE))
)
def test_imports_within_music_have_no_circle(path: Path) -> None:
    part = path.relative_to(SOURCE / "music").parts[0].removesuffix(".py")
    if part == "__init__":
        return
    beyond = music_parts(path) - MUSIC[part] - {part}
    assert not beyond, f"{path.relative_to(SOURCE)} may not import {sorted(beyond)} of mien.music"


def test_the_allowed_imports_have_no_circle() -> None:
    for allowed in (ALLOWED, MUSIC):
        assert list(TopologicalSorter(allowed).static_order())


@pytest.mark.parametrize("path", sorted((SOURCE / "music" / "recommender").glob("*.py")), ids=lambda path: path.stem)
def test_the_recommender_sees_values_only(path: Path) -> None:
    assert imported_parts(path) <= {"types", "errors", "music"}
    assert music_parts(path) <= {"recommender", "sound_code", "names"}


def test_no_module_has_a_meaningless_name() -> None:
    meaningless = {"utils", "util", "helpers", "helper", "misc", "common", "stuff"}
    assert not [path for path in SOURCE.rglob("*") if path.stem in meaningless]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_mien_imports_nothing_that_builds_it(path: Path) -> None:
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    modules = {name for node in tree if isinstance(node, ast.ImportFrom) for name in [node.module or ""]}
    assert not {name.split(".")[0] for name in modules} & {"training", "starter", "benchmarks", "tests", "torch"}
