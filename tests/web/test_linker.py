"""Linking modules into one script, and styles into one sheet."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping

import pytest

from mien.web.linker import LinkError, link_modules, link_styles

MODULES = {
    "js/main.js": """import { twice, UNIT as ONE } from "./numbers.js";
import "./side.js";
import {
  Box,
} from "./parts/box.js";
import { answer } from "./side.js";

console.log(JSON.stringify([twice(ONE), new Box(ONE).doubled(), answer, await later(), globalThis.runs]));

async function later() {
  return "import { text } from this line";
}
""",
    "js/numbers.js": "export const UNIT = 21;\n\nexport function twice(value) {\n  return 2 * value;\n}\n",
    "js/parts/box.js": """import { twice } from "../numbers.js";

const later = "a name that other modules have too";

export class Box {
  constructor(value) {
    this.value = value;
  }
  doubled() {
    return twice(this.value) + later.length * 0;
  }
}
""",
    "js/side.js": "globalThis.runs = (globalThis.runs ?? 0) + 1;\nexport const answer = 42;\n",
}


def reader(sources: Mapping[str, str]):
    return lambda path: sources[path]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_linked_modules_do_what_the_modules_do(tmp_path) -> None:
    script = link_modules("js/main.js", reader(MODULES | {"js/main.js": MODULES["js/main.js"].replace("await ", "")}))
    (tmp_path / "page.mjs").write_text(script)
    ended = subprocess.run(["node", tmp_path / "page.mjs"], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout == "[42,42,42,{},1]\n"


def test_each_module_is_linked_once_and_after_what_it_imports() -> None:
    script = link_modules("js/main.js", reader(MODULES))
    places = [script.index(f"// {path}\n") for path in ("js/numbers.js", "js/parts/box.js", "js/main.js")]
    assert places == sorted(places)
    assert script.count("// js/numbers.js\n") == 1
    assert "export" not in script


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('import anything from "./b.js";\n', "not understood"),
        ('import * as b from "./b.js";\n', "not understood"),
        ("export default 1;\n", "not understood"),
        ("export let changes = 1;\n", "not understood"),
        ('import { a } from "./a.js";\nexport const b = a;\n', "circle"),
    ],
)
def test_what_is_not_understood_is_refused(source: str, words: str) -> None:
    with pytest.raises(LinkError, match=words):
        link_modules("a.js", reader({"a.js": 'import { b } from "./b.js";\nexport const a = b;\n', "b.js": source}))


def test_sheets_take_the_place_of_their_imports_in_order() -> None:
    sheets = {
        "css/page.css": '/* all */\n@import url("one.css");\n@import url("two.css");\n',
        "css/one.css": "a { color: red; }\n",
        "css/two.css": "a { color: blue; }\n",
    }
    linked = link_styles("css/page.css", reader(sheets))
    assert linked.split("\n\n") == ["/* all */\na { color: red; }", "a { color: blue; }", ""]
