"""The settings: one frozen value, read from a TOML file and the environment, and validated.

A setting comes from the environment (``MIEN_PORT=9000``), else from ``config.toml``, else it has its default.
``MIEN_HOME`` puts everything that mien stores, the file included, into one folder; without it the platform's folders
are used. An unknown key is an error that names the most similar known one, so that typing errors are noticed.
"""

from __future__ import annotations

import dataclasses
import difflib
import ipaddress
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

import platformdirs

from mien.errors import ConfigError, Remedy, file_remedy

PREFIX = "MIEN_"
HOME = "MIEN_HOME"

_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text", Path: "a path"}
_WORDS_FOR_BOOL = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


FOLLOW_POLICIES = ("gently", "promptly", "at once")
"""The values of the setting ``follow``: how promptly the page's music follows the mood."""

PRIORS = ("everyday", "uniform", "fer2013")
"""The values of the setting ``prior``: those of ``mien.mood.prior.Prior``, which is not imported to start quickly."""


def _about(title: str, description: str, **limits: float | tuple[str, ...]) -> dict[str, Any]:
    return {"title": title, "description": description, **limits}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. ``dataclasses.replace`` validates too; ``ConfigError`` for a value out of range.

    ``field.metadata`` holds a ``title`` and a ``description`` for people, ``minimum`` and ``maximum`` of numbers, and
    ``choices`` of words.
    """

    config_path: Path = field(
        metadata=_about(
            "Settings file", "Where these settings are read from; it is optional, and only MIEN_HOME moves it."
        )
    )
    data_dir: Path = field(metadata=_about("Data folder", "Where mien stores its data."))
    library_path: Path = field(
        metadata=_about("Library", "The SQLite file with the catalogue; library.sqlite3 in the data folder unless set.")
    )
    host: str = field(
        default="127.0.0.1",
        metadata=_about("Address", "The loopback address that serves the page; other computers cannot reach it."),
    )
    port: int = field(
        default=8765,
        metadata=_about("Port", "The port that serves the page; 0 takes any free one.", minimum=0, maximum=65535),
    )
    camera: int = field(
        default=0,
        metadata=_about("Camera", "Which local camera to open; the page asks the browser.", minimum=0, maximum=99),
    )
    starter: bool = field(
        default=True, metadata=_about("Starter library", "Whether the pieces that ship with mien are offered.")
    )
    threads: int = field(
        default=2,
        metadata=_about("Threads", "How many processor threads a network may use.", minimum=1, maximum=64),
    )
    classifier: str = field(
        default="mien",
        metadata=_about("Classifier", "Reads the expression: mien, or another that is installed, such as deepface."),
    )
    prior: str = field(
        default="everyday",
        metadata=_about(
            "Prior",
            "How often each expression is expected: everyday (neutral most often), uniform (all equally), or fer2013 "
            "(as in the training set).",
            choices=PRIORS,
        ),
    )
    steadiness: float = field(
        default=0.5,
        metadata=_about(
            "Steadiness", "How calmly the mood follows a face: 0 at once, 1 over seconds.", minimum=0, maximum=1
        ),
    )

    follow: str = field(
        default="promptly",
        metadata=_about(
            "Following",
            "How promptly the page's music follows a mood that has changed: gently (no song is cut), promptly (after "
            "ten seconds the song fades at a quiet place) or at once.",
            choices=FOLLOW_POLICIES,
        ),
    )
    starter_until: int = field(
        default=50,
        metadata=_about(
            "Starter library until",
            "The pieces that ship with mien are no longer chosen once so many tracks of your own were heard; 1 for "
            "never beside your own.",
            minimum=1,
            maximum=1_000_000,
        ),
    )

    def __post_init__(self) -> None:
        for entry in dataclasses.fields(self):
            _check(entry, getattr(self, entry.name), entry.name)


@dataclass(frozen=True, slots=True)
class SettingSource:
    """A setting's ``value``, and in ``words`` where it comes from ("MIEN_PORT", a file, "default")."""

    value: Any
    words: str


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Load the settings with this environment; raises ``ConfigError``."""
    return Settings(**{name: origin.value for name, origin in explain_settings(environ).items()})


def explain_settings(environ: Mapping[str, str]) -> dict[str, SettingSource]:
    """Every setting's value and where it comes from, in the order of ``Settings``; raises ``ConfigError``."""
    home = _path(environ[HOME], label=HOME) if environ.get(HOME) else None
    config_dir, data_dir = (home, home) if home else _platform_folders()
    config_path = config_dir / "config.toml"
    given = _from_file(config_path) | _from_environment(environ)

    moved = f"default in {HOME}" if home else "default"
    data = given.pop("data_dir", SettingSource(data_dir, moved))
    settled = {
        "config_path": SettingSource(config_path, moved),
        "data_dir": data,
        "library_path": given.pop("library_path", SettingSource(data.value / "library.sqlite3", "default in data_dir")),
    }
    for entry in dataclasses.fields(Settings)[len(settled) :]:
        settled[entry.name] = given.get(entry.name, SettingSource(entry.default, "default"))
    return settled


def _platform_folders() -> tuple[Path, Path]:
    dirs = platformdirs.PlatformDirs("mien", appauthor=False)
    return dirs.user_config_path, dirs.user_data_path


def _from_file(path: Path) -> dict[str, SettingSource]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"is not valid TOML ({error})", "correct or delete the file", subject=path) from error
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", _file_remedy(error), subject=path) from error
    settable = _settable()
    given = {}
    for name, value in table.items():
        if name not in settable:
            raise ConfigError(f"“{name}” in {path} is not a setting", _suggestion(name, settable))
        entry, kind = settable[name]
        label = f"{name} in {path}"
        converted = _from_toml(value, kind=kind, label=label, base=path.parent)
        _check(entry, converted, label)
        given[name] = SettingSource(converted, str(path))
    return given


def _file_remedy(error: OSError) -> Remedy | str:
    if isinstance(error, NotADirectoryError):
        return Remedy.CHOOSE_DATA_FOLDER
    return "move that folder away" if isinstance(error, IsADirectoryError) else file_remedy(error)


def _from_environment(environ: Mapping[str, str]) -> dict[str, SettingSource]:
    settable = {PREFIX + name.upper(): (name, *rest) for name, rest in _settable().items()}
    given = {}
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable == HOME:
            continue
        if variable not in settable:
            problem = f"{variable} in the environment is not a setting"
            raise ConfigError(problem, _suggestion(variable, [*settable, HOME]))
        name, entry, kind = settable[variable]
        converted = _from_text(environ[variable], kind=kind, label=variable)
        _check(entry, converted, variable)
        given[name] = SettingSource(converted, variable)
    return given


def _settable() -> dict[str, tuple[dataclasses.Field[Any], type]]:
    kinds = get_type_hints(Settings)
    return {
        entry.name: (entry, kinds[entry.name]) for entry in dataclasses.fields(Settings) if entry.name != "config_path"
    }


def _suggestion(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean “{close[0]}”?" if close else f"the settings are {', '.join(sorted(known))}"


def _from_toml(value: Any, *, kind: type, label: str, base: Path) -> Any:
    if kind is Path and isinstance(value, str):
        return _path(value, label=label, base=base)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ConfigError(f"{label} must be {_KINDS[kind]}, not {value!r}")
    return value


def _from_text(text: str, *, kind: type, label: str) -> Any:
    try:
        if kind is Path:
            return _path(text, label=label)
        return _WORDS_FOR_BOOL[text.strip().lower()] if kind is bool else kind(text)
    except (KeyError, ValueError) as error:
        raise ConfigError(f"{label} must be {_KINDS[kind]}, not {text!r}") from error


def _path(text: str, *, label: str, base: Path | None = None) -> Path:
    if not text or "\0" in text:
        raise ConfigError(f"{label} must be a path, not {text!r}")
    try:
        return (base or Path.cwd()) / Path(text).expanduser()
    except RuntimeError as error:
        raise ConfigError(f"{label} is {text!r}, but there is no such user", "give the whole path") from error


def _check(entry: dataclasses.Field[Any], value: Any, label: str) -> None:
    low, high = entry.metadata.get("minimum"), entry.metadata.get("maximum")
    # NaN fails this comparison too.
    if low is not None and not low <= value <= high:
        raise ConfigError(f"{label} must be between {low} and {high}, not {value}")
    choices = entry.metadata.get("choices")
    if choices is not None and value not in choices:
        raise ConfigError(f"{label} must be one of {', '.join(choices)}, not {value!r}")
    if entry.name == "host" and not _is_loopback(value):
        raise ConfigError(
            f"{label} must be a loopback address (127.0.0.1, ::1 or localhost), not {value!r}: "
            "mien shows a camera's pictures, so only this computer may reach it"
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
