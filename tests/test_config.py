"""Settings: their sources, what is refused, and the messages."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.config import Settings, explain_settings, load_settings
from mien.errors import ConfigError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def write(home: Path, toml: str) -> dict[str, str]:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(toml, encoding="utf-8")
    return {"MIEN_HOME": str(home)}


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(environ)
    return str(caught.value)


def test_defaults_need_neither_file_nor_folder(home: Path) -> None:
    settings = load_settings({"MIEN_HOME": str(home)})
    assert (settings.host, settings.port, settings.camera) == ("127.0.0.1", 8765, 0)
    assert (settings.starter, settings.threads, settings.classifier) == (True, 2, "mien")
    assert settings.steadiness == 0.5
    assert not home.exists(), "reading the settings must not make anything"


def test_home_moves_every_path(home: Path) -> None:
    settings = load_settings({"MIEN_HOME": str(home)})
    for path in (settings.config_path, settings.data_dir, settings.library_path):
        assert path == home or home in path.parents


def test_without_a_home_the_platforms_folders_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    for environ in ({}, {"MIEN_HOME": ""}):
        settings = load_settings(environ)
        assert settings.data_dir.name == "mien"
        assert tmp_path in settings.config_path.parents
        assert settings.library_path == settings.data_dir / "library.sqlite3"


def test_the_environment_overrides_the_file(home: Path) -> None:
    environ = write(home, "port = 9001\nstarter = false\nsteadiness = 1\n")
    assert load_settings(environ).port == 9001
    assert load_settings(environ).starter is False
    assert load_settings(environ).steadiness == 1.0
    settings = load_settings(environ | {"MIEN_PORT": "9002", "MIEN_STARTER": "Yes"})
    assert (settings.port, settings.starter) == (9002, True)


def test_the_origin_of_each_value_is_explained(home: Path) -> None:
    origins = explain_settings(write(home, "threads = 1") | {"MIEN_PORT": "1234"})
    assert list(origins) == [field.name for field in dataclasses.fields(Settings)]
    assert origins["threads"].words == str(home / "config.toml")
    assert origins["port"].words == "MIEN_PORT"
    assert origins["camera"].words == "default"
    assert "MIEN_HOME" in origins["data_dir"].words


def test_the_library_follows_the_data_folder_unless_it_is_set(home: Path) -> None:
    environ = write(home, 'data_dir = "music"')
    assert load_settings(environ).library_path == home / "music" / "library.sqlite3"
    environ = write(home, f'data_dir = "music"\nlibrary_path = "{(home / "a.sqlite3").as_posix()}"')
    assert load_settings(environ).library_path == home / "a.sqlite3"


def test_paths_are_absolute_and_expand_the_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert load_settings(write(home, 'data_dir = "~/kept"')).data_dir == tmp_path / "kept"
    assert load_settings({"MIEN_HOME": "relative"}).data_dir == tmp_path / "relative"


def test_variables_without_the_prefix_are_ignored(home: Path) -> None:
    assert load_settings({"MIEN_HOME": str(home), "PORT": "1", "HOMIEN_PORT": "2", "MIEN": "3"}).port == 8765


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("prot = 1", ["“prot”", "config.toml", "did you mean “port”?"]),
        ("steadyness = 1", ["did you mean “steadiness”?"]),
        ("zzzzzz = 1", ["the settings are", "camera", "threads"]),
        ('config_path = "x"', ["is not a setting"]),
        ("[server]\nport = 1", ["“server”", "is not a setting"]),
        ('port = "9000"', ["port in", "must be a whole number", "'9000'"]),
        ("port = true", ["must be a whole number", "True"]),
        ("port = 1.5", ["must be a whole number"]),
        ("starter = 1", ["must be true or false"]),
        ("host = 1", ["must be text"]),
        ("data_dir = 5", ["must be a path"]),
        ('data_dir = ""', ["data_dir in", "must be a path, not ''"]),
        ('library_path = "a\\u0000b"', ["must be a path"]),
        ('data_dir = "~nobody-of-this-name/x"', ["no such user"]),
        ("port = 65536", ["must be between 0 and 65535, not 65536"]),
        ("threads = 0", ["must be between 1 and 64"]),
        ("steadiness = nan", ["must be between 0 and 1"]),
        ("follow = 'later'", ["must be one of gently, promptly, at once"]),
        ("starter_until = 0", ["must be between 1 and"]),
        ('host = "0.0.0.0"', ["loopback", "'0.0.0.0'"]),
        ('host = "example.org"', ["loopback"]),
        ("port = \nthreads = 1", ["is not valid TOML", "line 1", "correct or delete the file"]),
    ],
)
def test_an_invalid_file_is_one_sentence(home: Path, toml: str, words: list[str]) -> None:
    message = refusal(write(home, toml))
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("variable", "text", "words"),
    [
        ("MIEN_PROT", "1", ["MIEN_PROT", "did you mean “MIEN_PORT”?"]),
        ("MIEN_HOM", "1", ["did you mean “MIEN_HOME”?"]),
        ("MIEN_PORT", "abc", ["MIEN_PORT must be a whole number", "'abc'"]),
        ("MIEN_STARTER", "perhaps", ["MIEN_STARTER must be true or false"]),
        ("MIEN_LIBRARY_PATH", "", ["MIEN_LIBRARY_PATH must be a path, not ''"]),
        ("MIEN_HOME", "~nobody-of-this-name", ["MIEN_HOME is '~nobody-of-this-name'", "give the whole path"]),
        ("MIEN_CAMERA", "-1", ["MIEN_CAMERA must be between 0 and 99"]),
        ("MIEN_HOST", "192.168.1.5", ["MIEN_HOST must be a loopback address"]),
    ],
)
def test_an_invalid_variable_is_one_sentence(home: Path, variable: str, text: str, words: list[str]) -> None:
    message = refusal({"MIEN_HOME": str(home), variable: text})
    for word in words:
        assert word in message


def test_a_file_in_another_encoding_or_a_folder_is_refused(home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_bytes(b"\xff\xfe\x00")
    assert "is not valid TOML" in refusal({"MIEN_HOME": str(home)})
    (home / "config.toml").unlink()
    (home / "config.toml").mkdir()
    assert "cannot be read (Is a directory); move that folder away" in refusal({"MIEN_HOME": str(home)})
    (home / "file").touch()
    assert "; choose a folder of yours" in refusal({"MIEN_HOME": str(home / "file")})


def test_a_changed_setting_is_checked(home: Path) -> None:
    settings = load_settings({"MIEN_HOME": str(home)})
    assert dataclasses.replace(settings, host="::1", port=0).host == "::1"
    with pytest.raises(ConfigError, match="port must be between"):
        dataclasses.replace(settings, port=70000)
    with pytest.raises(ConfigError, match="loopback"):
        dataclasses.replace(settings, host="0.0.0.0")


def test_settings_are_frozen(home: Path) -> None:
    with pytest.raises((AttributeError, TypeError)):
        load_settings({"MIEN_HOME": str(home)}).port = 1  # type: ignore[misc]


def test_every_setting_has_a_title_and_a_description() -> None:
    for field in dataclasses.fields(Settings):
        assert field.metadata["title"][0].isupper()
        assert field.metadata["description"].endswith(".")


@given(port=st.integers(0, 65535), threads=st.integers(1, 64), steadiness=st.floats(0, 1))
def test_values_survive_the_environment(port: int, threads: int, steadiness: float) -> None:
    settings = load_settings(
        {
            "MIEN_HOME": "/nowhere/at/all",
            "MIEN_PORT": str(port),
            "MIEN_THREADS": str(threads),
            "MIEN_STEADINESS": repr(steadiness),
        }
    )
    assert (settings.port, settings.threads, settings.steadiness) == (port, threads, steadiness)
