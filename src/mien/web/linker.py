"""Links the page's modules into one script and its styles into one sheet, so that the page loads in few requests.

The sources stay plain ES modules and CSS, which any browser and type checker reads as they are. Only what they use is
understood: static imports of names, and exports of functions, classes and constants where they are declared. Such
exports never change after their module has run, so a constant in the importing module stands for each of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

_IMPORT: Final = re.compile(r'^import (?:\{(?P<names>[^}]*)\} from )?"(?P<path>\.[^"]*)";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?P<kind>async function|function|class|const) (?P<name>[\w$]+))", re.MULTILINE)
_EMPTY_EXPORT: Final = re.compile(r"^export \{\};\n", re.MULTILINE)
_OTHER: Final = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_RENAMED: Final = re.compile(r"([\w$]+) as ([\w$]+)")
_STYLE_IMPORT: Final = re.compile(r'^@import url\("(?P<path>[^"]*)"\);\n', re.MULTILINE)

Read = Callable[[str], str]
"""Reads a source by its path, such as "js/main.js"."""


class LinkError(Exception):
    """A source uses what the linker does not understand."""


@dataclass(frozen=True, slots=True)
class _Module:
    number: int
    imports: Mapping[str, str]
    body: str


def link_modules(entry: str, read: Read) -> str:
    """Link a module and all that it imports into one module.

    Args:
        entry: The path of the module. ``import.meta.url`` stands for the linked module, so that it has to be served
            from the folder of those that use it.
        read: Reads a module.

    Returns:
        The script. Each module runs once, after those that it imports.

    Raises:
        LinkError: On a circle of imports, or an import or export that is not understood.
    """
    linked: dict[str, _Module] = {}
    _link(entry, read, linked, within=())
    return "".join(_as_constant(path, module, linked) for path, module in linked.items())


def link_styles(path: str, read: Read) -> str:
    """The style sheet with each sheet that it imports in place of the import."""

    def replaced(found: re.Match[str]) -> str:
        return read(_resolved(path, found["path"])) + "\n"

    return _STYLE_IMPORT.sub(replaced, read(path))


def _link(path: str, read: Read, linked: dict[str, _Module], *, within: tuple[str, ...]) -> None:
    if path in linked:
        return
    if path in within:
        raise LinkError(f"the modules {', '.join((*within, path))} import each other in a circle")
    source = read(path)
    imports: dict[str, str] = {}
    for found in _IMPORT.finditer(source):
        imported = _resolved(path, found["path"])
        _link(imported, read, linked, within=(*within, path))
        names = " ".join((found["names"] or "").split())
        imports[imported] = ", ".join(
            filter(None, (imports.get(imported), _RENAMED.sub(r"\1: \2", names).rstrip(", ")))
        )
    body = _EMPTY_EXPORT.sub("", _IMPORT.sub("", source))
    exports = [found["name"] for found in _EXPORT.finditer(body)]
    body = _EXPORT.sub("", body)
    if (other := _OTHER.search(body)) is not None:
        raise LinkError(f"{path}: “{other[0]}” is not understood")
    linked[path] = _Module(len(linked), imports, f"{body}return {{ {', '.join(exports)} }};\n")


def _as_constant(path: str, module: _Module, linked: Mapping[str, _Module]) -> str:
    """The module as a constant, which holds what it exports."""
    imports = [
        f"const {{ {names} }} = module{linked[imported].number};\n"
        for imported, names in module.imports.items()
        if names != ""
    ]
    return f"// {path}\nconst module{module.number} = (() => {{\n{''.join(imports)}{module.body}}})();\n"


def _resolved(importer: str, path: str) -> str:
    """The path of what a source imports, relative to the same folder as the source's own."""
    parts: list[str] = list(PurePosixPath(importer).parent.parts)
    for part in path.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
