"""Errors are values: a problem, a remedy and a subject."""

import ast
import pickle
import re
from pathlib import Path

import pytest

from mien.errors import AudioError, MienError, Remedy, sentence


def test_an_error_keeps_its_parts() -> None:
    error = AudioError("cannot be opened", Remedy.SCAN, subject=Path("/music/a.mp3"))
    assert (error.problem, error.remedy, error.subject) == ("cannot be opened", Remedy.SCAN, Path("/music/a.mp3"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MienError("cannot be read", subject=Path("/a.jpg")), "/a.jpg cannot be read."),
        (MienError("does not answer", "start it", subject="home"), "“home” does not answer; start it."),
        (MienError("The catalogue is damaged", "delete it"), "The catalogue is damaged; delete it."),
        (MienError("is unknown", "did you mean “port”?", subject="prot"), "“prot” is unknown; did you mean “port”?"),
    ],
)
def test_the_text_of_an_error_is_one_sentence(error: MienError, words: str) -> None:
    assert str(error) == words == sentence(error.problem, error.remedy, subject=error.subject)


def test_an_error_comes_back_whole_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(AudioError("cannot be opened", Remedy.SCAN, subject=Path("/music/a.mp3"))))  # noqa: S301
    assert type(error) is AudioError
    assert (error.problem, error.remedy, error.subject) == ("cannot be opened", Remedy.SCAN, Path("/music/a.mp3"))


SOURCE = Path(__file__).resolve().parent.parent / "src" / "mien"
COMMAND = re.compile(
    r"\bmien (bench|config|doctor|evaluate|faces|hear|library|playlist|recommend|serve|source|taste|watch)\b"
    r"|(?<!-)--[a-z]"
)
BELOW_CLI_AND_WEB = [
    path for path in sorted(SOURCE.rglob("*.py")) if path.relative_to(SOURCE).parts[0] not in {"cli", "web", "bench"}
]


def messages(path: Path) -> list[str]:
    """The texts in a module that are not docstrings or comments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in documentation]
    return [node.value for node in constants if isinstance(node.value, str)]


@pytest.mark.parametrize("path", BELOW_CLI_AND_WEB, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_below_the_command_line_and_the_page_names_a_command(path: Path) -> None:
    assert not [text for text in messages(path) if COMMAND.search(text)]


def test_nothing_parses_the_sentence_of_an_error() -> None:
    parsed = re.compile(r"str\(error\)\.(partition|removeprefix|split|replace|startswith)|\bin str\(error\)")
    found = [str(path) for path in sorted(SOURCE.rglob("*.py")) if parsed.search(path.read_text(encoding="utf-8"))]
    # SQLite has no error code for a lock that another process holds, only words.
    assert [Path(path).name for path in found] in ([], ["database.py"])
