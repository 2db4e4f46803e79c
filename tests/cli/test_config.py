"""``mien config`` shows what holds and why."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from mien.config import Settings


def test_every_setting_with_its_origin(mien, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("threads = 1")
    shown = json.loads(mien("config", "--json", MIEN_PORT="9000").stdout)
    assert list(shown) == [field.name for field in dataclasses.fields(Settings)]
    assert shown["port"] == {"value": 9000, "from": "MIEN_PORT"}
    assert shown["threads"] == {"value": 1, "from": str(home / "config.toml")}
    assert shown["camera"] == {"value": 0, "from": "default"}


def test_a_table_for_people(mien, home: Path) -> None:
    result = mien("config")
    assert result.exit_code == 0
    for field in dataclasses.fields(Settings):
        assert field.name in result.stdout
        assert field.metadata["description"] in result.stdout
    assert str(home / "config.toml") in result.stderr


def test_a_wrong_setting_is_refused(mien) -> None:
    result = mien("config", MIEN_PROT="1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "did you mean “MIEN_PORT”?" in result.stderr
