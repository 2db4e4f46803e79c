"""The package of ``docs/plugins.md``, installed and used through every command and through the page."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from tests.waiting import HANG_S

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "plugins.md"
PASSWORD = "open sesame"  # noqa: S105 - that of the guide
PAGE = """
import os
from starlette.testclient import TestClient
from mien.config import load_settings
from mien.session.session import Session
from mien.web.app import create_app

with Session.open(load_settings(os.environ)) as session:
    app = create_app(session, hosts={"testserver"})
    client = TestClient(app, base_url="http://testserver", headers={"Origin": "http://testserver"})
    tracks = client.get("/api/v1/tracks").json()
    tracks = tracks["tracks"] if isinstance(tracks, dict) else tracks
    assert {track["id"] for track in tracks} == {"tapes:one", "tapes:two"}, tracks
    sound = client.get("/api/v1/tracks/tapes:one/audio")
    assert (sound.status_code, sound.content[:4]) == (200, b"fLaC"), sound
    part = client.get("/api/v1/tracks/tapes:one/audio", headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"LaC"), part
    cover = client.get("/api/v1/tracks/tapes:one/cover")
    assert (cover.status_code, cover.headers["content-type"]) == (200, "image/png"), cover
    assert client.get("/api/v1/tracks/tapes:two/cover").status_code == 404
    station = client.post("/api/v1/station", json={"valence": 0.5, "arousal": 0.5, "count": 2}).json()
    assert {pick["track"]["id"] for pick in station["picks"]} == {"tapes:one", "tapes:two"}, station
"""

Mien = Callable[..., "subprocess.CompletedProcess[str]"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the guide's module is an installed package."""
    site = tmp_path_factory.mktemp("site")
    (module,) = blocks("python")
    (site / "mien_tape.py").write_text(module, encoding="utf-8")
    about = site / "mien_tape-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: mien-tape\nVersion: 1.0\n", encoding="utf-8")
    groups = tomllib.loads(blocks("toml")[0])["project"]["entry-points"]
    lines = []
    for group, names in groups.items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in names.items())]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    others = {name: value for name, value in os.environ.items() if not name.startswith("MIEN_")}
    path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH", "")]))
    home = tmp_path_factory.mktemp("home")
    return {**others, "PYTHONPATH": path, "MIEN_HOME": str(home), "MIEN_STARTER": "false", "NO_COLOR": "1"}


@pytest.fixture(scope="module")
def tapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tapes, the first with a cover."""
    folder = tmp_path_factory.mktemp("tapes")
    time_s = np.arange(12 * 22_050) / 22_050
    for name, pitch_hz in (("one", 220.0), ("two", 330.0)):
        tone = np.sin(2 * np.pi * pitch_hz * time_s) * np.exp(-8 * (time_s % 0.5))
        soundfile.write(folder / f"{name}.flac", 0.3 * tone, 22_050)
    Image.new("RGB", (8, 8), "teal").save(folder / "one.png")
    return folder


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the toy player writes."""
    return tmp_path_factory.mktemp("deck")


@pytest.fixture(scope="module")
def run(environment: dict[str, str]) -> Mien:
    def run(*arguments: str | Path, typed: str = "", status: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from mien.cli import main; main()", *map(str, arguments)]
        result = subprocess.run(
            command, env=environment, input=typed, capture_output=True, text=True, encoding="utf-8", timeout=HANG_S
        )
        assert result.returncode == status, result.stderr
        return result

    return run


@pytest.fixture(scope="module")
def mien(run: Mien, tapes: Path, deck: Path) -> Mien:
    """``mien`` with both toys added, and the tapes analysed."""
    added = run("source", "add", "tape", tapes, "--user", "ada", "--name", "tapes", typed=f"{PASSWORD}\n")
    assert "“tapes” is Tape 1.0; the password is stored in a file that only you can read." in added.stderr
    player = run("source", "add", "deck", deck, "--side", "b").stderr
    assert "“deck” is Deck 1.0, side b; without a password." in player
    assert "source hear" not in player
    assert "“tapes”: 2 added." in run("source", "hear", "tapes").stderr
    return run


def test_each_kind_has_its_own_options(run: Mien) -> None:
    shown = run("source", "add", "tape", "--help").stdout
    assert "--user" in shown
    assert "--password" not in shown  # it is asked for with the user
    assert "Which side of the tape to play." in run("source", "add", "deck", "--help").stdout
    assert "tape" in run("source", "add", "--help").stdout
    run("source", "add", "deck", "x", "--user", "ada", status=2)


def test_a_wrong_password_is_refused_in_words_that_help(run: Mien, tapes: Path) -> None:
    refused = run("source", "add", "tape", tapes, "--user", "ada", "--name", "no", typed="wrong\n", status=1)
    assert "“no” refused the password; enter the password again." in refused.stderr
    assert "“no”" not in run("source", "list").stdout


def test_servers_are_listed_checked_and_signed_in_to_again(mien: Mien, tapes: Path, deck: Path) -> None:
    rows = [json.loads(line) for line in mien("source", "list", "--json").stdout.splitlines()]
    assert [(row["name"], row["kind"], row["address"]) for row in rows] == [
        ("deck", "deck", str(deck)),
        ("tapes", "tape", str(tapes)),
    ]
    assert (rows[0]["side"], rows[1]["user"]) == ("b", "ada")
    checked = mien("source", "check").stderr
    assert "“deck” is Deck 1.0, side b, and answered" in checked
    assert "“tapes” is Tape 1.0, and answered" in checked
    assert "run again: mien source login tapes" in mien("source", "login", "tapes", typed="wrong\n", status=1).stderr
    mien("source", "login", "tapes", typed=f"{PASSWORD}\n")


def test_a_recommendation_plays_on_it(mien: Mien, deck: Path) -> None:
    mien("recommend", "--mood", "happy", "--on", "deck", "--save", "evening")
    assert set((deck / "queue").read_text().splitlines()) == {"One", "Two"}
    mien("playlist", "send", "evening", "--to", "deck", "--name", "Evening")
    assert set((deck / "Evening").read_text().splitlines()) == {"One", "Two"}
    assert "“deck” plays 2 tracks." in mien("playlist", "play", "evening", "--on", "deck").stderr


def test_what_a_server_cannot_do_is_said(mien: Mien) -> None:
    assert "does not play by itself" in mien("recommend", "--mood", "happy", "--on", "tapes", status=1).stderr
    assert "has none" in mien("source", "hear", "deck", status=1).stderr
    mien("recommend", "--mood", "happy", "--save", "night")
    refused = mien("playlist", "send", "night", "--to", "tapes", status=2).stderr
    assert "“tapes” stores no playlists; choose one of deck." in refused


def test_analysing_all_servers_skips_those_without_music(mien: Mien) -> None:
    analysed = mien("source", "hear").stderr
    assert "“tapes”: " in analysed
    assert "deck" not in analysed


def test_it_is_followed_and_its_songs_get_their_moods(mien: Mien, deck: Path) -> None:
    (deck / "queue").write_text("One\n")
    followed = mien("source", "follow", "deck").stderr
    assert "One: finished at 0:12" in followed
    assert "The tape is at its end." in followed
    assert "Moods of 2 tracks stored on “deck”." in mien("source", "moods", "deck").stderr
    assert len((deck / "moods").read_text().splitlines()) == 2


def test_the_page_plays_from_it(mien: Mien, environment: dict[str, str]) -> None:
    result = subprocess.run(
        [sys.executable, "-c", PAGE], env=environment, capture_output=True, text=True, timeout=HANG_S, check=False
    )
    assert result.returncode == 0, result.stderr


def test_a_classifier_reads_faces(run: Mien, tmp_path: Path, smiling_person: np.ndarray) -> None:
    Image.fromarray(smiling_person).save(tmp_path / "photo.png")
    (row,) = map(
        json.loads, run("faces", tmp_path / "photo.png", "--classifier", "always-happy", "--json").stdout.splitlines()
    )
    assert {face["expression"] for face in row["faces"]} == {"happy"}


def test_a_server_is_removed(run: Mien, tapes: Path) -> None:
    run("source", "add", "tape", tapes, "--name", "spare")
    assert "“spare”, its password and its 0 tracks are removed." in run("source", "remove", "spare").stderr
    assert "spare" not in run("source", "list").stdout
