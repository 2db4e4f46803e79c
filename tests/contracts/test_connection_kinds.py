"""What every kind of server that can be added promises, tried on each one that is installed."""

from __future__ import annotations

import inspect
import re

import pytest

from mien.music.connections import connection_kinds
from mien.music.players.player import find_player, player_names
from mien.music.servers.server import OptionKind
from mien.music.sources.source import find_source, source_names

KINDS = connection_kinds()
CLASSES = {
    **{f"source {name}": find_source(name) for name in source_names() if name in KINDS},
    **{f"player {name}": find_player(name) for name in player_names()},
}


def test_built_in_kinds_are_installed():
    assert {"mpd", "subsonic"} <= set(KINDS)
    assert "folder" not in KINDS


@pytest.mark.parametrize("made", CLASSES.values(), ids=CLASSES)
def test_a_class_takes_what_it_declares(made):
    parameters = inspect.signature(made).parameters
    assert {"name", *(option.name for option in getattr(made, "options", ()))} <= set(parameters)
    assert callable(made.sign_in)


@pytest.mark.parametrize("kind", KINDS)
def test_options_can_be_asked_for(kind):
    names = {option.name for option in KINDS[kind]}
    assert "name" not in names
    for option in KINDS[kind]:
        assert re.fullmatch(r"[a-z_]+", option.name)
        assert option.help.endswith(".")
        assert not option.asked_with or (option.kind is OptionKind.SECRET and option.asked_with in names)
