"""The command line as a whole: help for everything, quick to start, quiet at the end."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mien import __version__
from mien.cli.app import QuietGroup, app
from tests.waiting import HANG_S

MAIN = [sys.executable, "-c", "from mien.cli import main; main()"]


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


COMMANDS = dict(commands(app))
ARGUMENTS = {
    *("PATH…", "FILE…", "[FILE…]", "DIR…", "DIR", "FILE", "OUT"),
    *("TRACK", "PLAYLIST", "NAME", "[NAME…]", "ADDRESS", "[WORDS…]"),
}
LEAVES = {path: command for path, command in COMMANDS.items() if not isinstance(command, click.Group)}


def test_the_commands_exist() -> None:
    names = {
        "serve",
        "watch",
        "faces",
        "hear",
        "library",
        "source",
        "playlist",
        "recommend",
        "taste",
        "corrections",
        "evaluate",
        "doctor",
        "bench",
        "config",
    }
    assert set(app.commands) == names
    inside = {"add", "list", "remove", "mood", "correct", "write-moods", "duplicates", "forget"}
    assert {path[1] for path in COMMANDS if path[0] == "library" and len(path) > 1} == inside
    inside = {"add", "list", "check", "hear", "follow", "moods", "login", "remove"}
    assert {path[1] for path in COMMANDS if path[0] == "source" and len(path) > 1} == inside
    inside = {"import", "list", "show", "export", "remove", "send", "play"}
    assert {path[1] for path in COMMANDS if path[0] == "playlist" and len(path) > 1} == inside


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_and_option_has_help(path: tuple[str, ...], mien) -> None:
    command = COMMANDS[path]
    assert command.help, "say what it is for in its docstring"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.opts} has no help"
            assert parameter.help.endswith("."), parameter.help
        else:
            assert parameter.make_metavar(click.Context(command)) in ARGUMENTS
    shown = mien(*path, "--help").stdout
    assert "\\b" not in shown
    assert "Examples:" in shown
    # A first sentence that is too long is cut off in the list of commands.
    assert command.get_short_help_str(58) == command.help.split("\n\n")[0]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_example_can_be_typed(path: tuple[str, ...]) -> None:
    epilog = COMMANDS[path].epilog
    assert epilog
    examples = [line.strip() for line in epilog.splitlines() if line.startswith("  ")]
    assert examples
    for example in examples:
        words = shlex.split(re.split(r" [|>] ", example)[0])
        words = [word for word in words if not re.fullmatch(r"[A-Z_]+=\S+", word)]
        assert words[0] == "mien"
        assert tuple(words[1 : 1 + len(path)]) == path
        target = next((p for p in (tuple(words[1:4]), tuple(words[1:3]), tuple(words[1:2])) if p in LEAVES), path)
        known = {opt for parameter in COMMANDS[target].params for opt in parameter.opts}
        assert {word for word in words if re.match(r"-+[a-z]", word)} <= known


def test_the_guide_names_every_command_and_option(repository: Path) -> None:
    guide = (repository / "docs" / "cli.md").read_text(encoding="utf-8")
    for path, command in LEAVES.items():
        assert f"mien {' '.join(path)}" in guide
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert max(parameter.opts, key=len) in guide, f"mien {' '.join(path)} {parameter.opts}"


def test_the_version_is_printed(mien) -> None:
    assert mien("--version").stdout == f"mien {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["faces", "--help"], ["recommend", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    heavy = ["cv2", "onnxruntime", "ai_edge_litert", "av", "sqlalchemy", "starlette", "uvicorn", "numpy", "PIL", "rich"]
    program = (
        "import sys\nfrom mien.cli import main\n"
        f"try: main({arguments})\n"
        f"finally: print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stderr.strip() == "[]"


def test_without_arguments_the_help_is_shown(mien) -> None:
    result = mien()
    assert "Usage: mien" in result.output
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["fases"],
        ["faces"],
        ["faces", "--evry", "1", "x.jpg"],
        ["faces", "--every", "-1", "x.mp4"],
        ["hear"],
        ["library"],
        ["library", "add"],
        ["recommend"],
        ["recommend", "--mood", "happy", "--valence", "0.1", "--arousal", "0.1"],
        ["recommend", "--valence", "0.1"],
        ["recommend", "--valence", "2", "--arousal", "0"],
        ["recommend", "--valence", "nan", "--arousal", "0"],
        ["faces", "--every", "nan", "x.mp4"],
        ["faces", ""],
        ["library", "add", ""],
        ["recommend", "--mood", "quintessential"],
        ["recommend", "--mood", "happy", "-n", "0"],
        ["recommend", "--mood", "happy", "--goal", "sleep"],
        ["recommend", "--mood", "happy", "--minutes", "0"],
        ["taste"],
        ["taste", "like"],
        ["evaluate", "/nowhere/at/all"],
        ["serve", "--port", "70000"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2_and_says_what_is_wrong(arguments: list[str], mien) -> None:
    result = mien(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert "Usage: mien" in result.stderr


def test_an_unknown_command_names_a_near_one_or_the_help(command) -> None:
    result = command("fases")
    assert (result.returncode, result.stdout) == (2, "")
    assert "Usage: mien" in result.stderr
    assert "fases" in result.stderr


def test_a_refusal_is_1_and_one_sentence(command) -> None:
    result = command("faces", "x.jpg", MIEN_PORT="many")
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr == "Error: MIEN_PORT must be a whole number, not 'many'.\n"


def test_main_serves_and_passes_its_options_on(repository: Path, environment: dict[str, str]) -> None:
    result = subprocess.run(
        [sys.executable, repository / "main.py", "--help"], env=environment, capture_output=True, text=True, check=True
    )
    assert "--no-open" in result.stdout


@pytest.fixture
def many_photos(tmp_path: Path, photo: Path) -> Path:
    """More photographs than can be read before Ctrl-C is pressed: 400 names of one file."""
    folder = tmp_path / "many photos"
    folder.mkdir()
    for index in range(400):
        os.link(photo, folder / f"{index:03}.jpg")
    return folder


def test_ctrl_c_while_a_package_loads_is_ctrl_c() -> None:
    """NumPy and onnxruntime then say that they cannot be loaded."""

    @click.group(cls=QuietGroup)
    def group() -> None:
        pass

    @group.command()
    @click.option("--stopped", is_flag=True)
    def load(stopped: bool) -> None:
        try:
            raise ImportError("initialization failed") from (KeyboardInterrupt() if stopped else None)
        except ImportError as error:
            raise ImportError("see the documentation") from error

    assert CliRunner().invoke(group, ["load", "--stopped"]).exit_code == 130
    assert isinstance(CliRunner().invoke(group, ["load"]).exception, ImportError)


@pytest.mark.skipif(os.name != "posix", reason="signals and pipes of this kind are POSIX's")
class TestEndings:
    """Ways to end that are neither success nor refusal."""

    def test_ctrl_c_is_130_without_a_word(self, environment: dict[str, str], many_photos: Path) -> None:
        with subprocess.Popen(
            [*MAIN, "faces", "--json", many_photos],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            rest, errors = process.communicate(timeout=HANG_S)
        assert (process.returncode, errors) == (130, "")
        assert [json.loads(line)["faces"][0]["expression"] for line in [first, *rest.splitlines()]]

    def test_ctrl_c_keeps_the_rows_that_were_read(self, environment: dict[str, str], many_photos: Path) -> None:
        first = many_photos / "000.jpg"
        with subprocess.Popen(
            [*MAIN, "faces", first, many_photos / "missing.jpg", many_photos],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stderr is not None
            assert "missing.jpg" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=HANG_S)
        assert (process.returncode, errors) == (130, "")
        assert str(first) in output
        assert str(many_photos / "399.jpg") not in output

    @pytest.mark.parametrize("style", ["--json", "--csv"])
    def test_a_closed_pipe_ends_quietly(
        self, style: str, environment: dict[str, str], empty_photo: Path, tmp_path: Path
    ) -> None:
        folder = tmp_path / "many"
        folder.mkdir()
        for index in range(40):
            (folder / f"{index:02}.png").write_bytes(empty_photo.read_bytes())
        with subprocess.Popen(
            [*MAIN, "faces", style, folder], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == ""
            assert process.wait(timeout=HANG_S) == 0

    def test_a_table_into_a_closed_pipe_ends_quietly(self, environment: dict[str, str], empty_photo: Path) -> None:
        read_end, write_end = os.pipe()
        os.close(read_end)
        try:
            result = subprocess.run(
                [*MAIN, "faces", empty_photo], env=environment, stdout=write_end, stderr=subprocess.PIPE, check=False
            )
        finally:
            os.close(write_end)
        assert (result.returncode, result.stderr) == (0, b"")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    @pytest.mark.parametrize("arguments", [["faces", "PHOTO"], ["faces", "--json", "PHOTO"], ["--help"], ["config"]])
    def test_a_full_disk_is_one_sentence(
        self, arguments: list[str], environment: dict[str, str], empty_photo: Path
    ) -> None:
        words = [str(empty_photo) if word == "PHOTO" else word for word in arguments]
        with Path("/dev/full").open("w") as full:
            result = subprocess.run(
                [*MAIN, *words], env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )
        assert result.returncode == 1
        said = [line for line in result.stderr.splitlines() if not line.startswith("To change one")]
        assert said == [
            "Error: The output cannot be written (No space left on device); make room or write it elsewhere."
        ]

    @pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
    def test_commands_work_without_standard_streams(
        self, closed: str, environment: dict[str, str], empty_photo: Path
    ) -> None:
        command = f"{shlex.join(MAIN)} faces {shlex.quote(str(empty_photo))} {closed}"
        result = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, check=False)  # noqa: S602
        assert (result.returncode, result.stderr) == (0, "")
        assert ("no face" in result.stdout) == (closed == "2>&-")

    def test_control_characters_in_names_are_escaped(
        self, environment: dict[str, str], tmp_path: Path, empty_photo: Path
    ) -> None:
        good, bad = tmp_path / "a\x1b[31m\n\x9b2J.png", tmp_path / "b\x1b]0;title\x07\r.jpg"
        good.write_bytes(empty_photo.read_bytes())
        bad.write_text("not a picture")
        result = subprocess.run(
            [*MAIN, "faces", good, bad], env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 1
        assert "a\\x1b[31m\\n\\x9b2J.png" in result.stdout
        assert result.stderr.startswith(f"{tmp_path}/b\\x1b]0;title\\x07\\r.jpg is not a picture")
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", result.stdout + result.stderr)

    def test_an_unreadable_folder_does_not_stop_the_others(
        self, barred_command, tmp_path: Path, empty_photo: Path
    ) -> None:
        locked, secret = tmp_path / "locked", tmp_path / "secret.png"
        locked.mkdir()
        secret.write_bytes(empty_photo.read_bytes())
        locked.chmod(0)
        secret.chmod(0)
        try:
            result = barred_command("faces", locked / "a.png", locked, secret, empty_photo)
        finally:
            locked.chmod(0o700)
        assert result.returncode == 1
        assert str(empty_photo) in result.stdout
        assert sorted(result.stderr.splitlines()) == sorted(
            [
                f"{locked} cannot be listed (Permission denied); change its permissions.",
                f"{locked}/a.png cannot be opened: permission denied; change its permissions.",
                f"{secret} cannot be opened: permission denied; change its permissions.",
            ]
        )

    def test_characters_that_the_encoding_lacks_are_escaped(
        self, environment: dict[str, str], tmp_path: Path, empty_photo: Path
    ) -> None:
        path = tmp_path / "Dvořák.png"
        path.write_bytes(empty_photo.read_bytes())
        environ = environment | {"PYTHONIOENCODING": "ascii"}
        for style in ([], ["--json"], ["--csv"]):
            result = subprocess.run([*MAIN, "faces", *style, path], env=environ, capture_output=True, check=True)
            assert b"Dvo" in result.stdout
            if style == ["--json"]:
                assert json.loads(result.stdout)["path"] == str(path)

    def test_a_file_name_that_is_not_valid_text_is_escaped(
        self, environment: dict[str, str], tmp_path: Path, empty_photo: Path
    ) -> None:
        path = os.fsencode(tmp_path) + b"/caf\xe9.png"
        Path(os.fsdecode(path)).write_bytes(empty_photo.read_bytes())
        environ = environment | {"PYTHONIOENCODING": "utf-8"}
        for style in ([], ["--json"], ["--csv"]):
            result = subprocess.run([*MAIN, "faces", *style, path], env=environ, capture_output=True, check=True)
            result.stdout.decode()
            if style == ["--json"]:
                assert json.loads(result.stdout)["path"] == os.fsdecode(path)
