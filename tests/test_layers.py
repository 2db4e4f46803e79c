"""The house stands on its layers: an import that points up, or sideways, fails here."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "mien"

#: What each part may import of the others, besides itself. A part is a package or a module of ``mien``.
ALLOWED: dict[str, set[str]] = {
    "types": set(),
    "errors": set(),
    "mood": {"types", "errors"},
    "evaluate": {"types", "errors"},
    "plots": {"types", "errors", "evaluate"},
    "corrupt": set(),
    "framing": {"types"},
    "camera": {"types", "errors"},
    "photo": {"types", "errors"},
    "onnx_runtime": set(),
    "face": {"types", "errors", "mood", "onnx_runtime"},
    "music": {"types", "errors", "mood", "onnx_runtime"},
    "config": {"types", "errors"},
    "me": {"types", "errors", "mood"},
    "live": {"types", "errors", "mood", "me", "face"},
    "private_file": set(),
    "neutral_store": {"types", "errors", "mood", "private_file"},
    "secrets": {"errors", "private_file"},
    "connections": {"types", "errors", "music", "private_file", "secrets"},
    "session": {
        "types",
        "errors",
        "mood",
        "camera",
        "photo",
        "face",
        "music",
        "config",
        "live",
        "neutral_store",
        "connections",
    },
    "bench": {"types", "errors", "mood", "camera", "photo", "face", "live"},
    "web": {"types", "errors", "mood", "live", "session", "config", "music", "photo", "face"},
    "cli": {
        "types",
        "errors",
        "mood",
        "evaluate",
        "plots",
        "corrupt",
        "framing",
        "camera",
        "photo",
        "face",
        "music",
        "session",
        "config",
        "live",
        "neutral_store",
        "connections",
        "web",
        "bench",
    },
    "models": set(),
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
    assert part in ALLOWED, f"{part} has no place in the house: give it one in ALLOWED and in ARCHITECTURE.md"
    beyond = imported_parts(path) - ALLOWED[part] - {part}
    assert not beyond, f"{path.relative_to(SOURCE)} may not import {sorted(beyond)}"


#: The modules of ``music`` that choose: pure, so that they see values and each other only.
CHOOSING = (
    "recommend",
    "goals",
    "route",
    "grid",
    "shelf",
    "wish",
    "score",
    "timetable",
    "reasons",
    "taste",
    "listening",
    "offpolicy",
)


@pytest.mark.parametrize("module", CHOOSING)
def test_choosing_knows_values_only(module: str) -> None:
    tree = ast.walk(ast.parse((SOURCE / "music" / f"{module}.py").read_text(encoding="utf-8")))
    names = {node.module for node in tree if isinstance(node, ast.ImportFrom) and "mien" in (node.module or "")}
    assert names <= {"mien.types", "mien.errors", *(f"mien.music.{other}" for other in CHOOSING)}


def test_nothing_is_named_for_nothing() -> None:
    nameless = {"utils", "util", "helpers", "helper", "misc", "common", "stuff"}
    assert not [path for path in SOURCE.rglob("*") if path.stem in nameless]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_mien_never_imports_what_makes_it(path: Path) -> None:
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    modules = {name for node in tree if isinstance(node, ast.ImportFrom) for name in [node.module or ""]}
    assert not {name.split(".")[0] for name in modules} & {"training", "starter", "benchmarks", "tests", "torch"}
