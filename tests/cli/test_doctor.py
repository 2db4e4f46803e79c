"""``mien doctor``: each check with something that is healthy, missing or broken."""

from __future__ import annotations

import json
import shutil
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import resources
from pathlib import Path

import pytest

from benchmarks.stand_in import make_stand_in
from mien.cli.checks import (
    FACE_NETWORKS,
    CheckStatus,
    check_camera,
    check_folder,
    check_library,
    check_models,
    check_port,
    check_python,
    verified_network,
)
from mien.config import load_settings
from mien.errors import ModelError


@pytest.fixture
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_every_check_passes_on_a_healthy_machine(mien, free_port: int, home: Path) -> None:
    result = mien("doctor", "--json", MIEN_PORT=str(free_port))
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["healthy"] is True
    checks = {check["name"]: check for check in report["checks"]}
    names = ["Python", "settings", "data folder", "networks", "library", "port", "camera", "browser"]
    assert list(checks) == names
    for name in ("Python", "settings", "data folder", "networks", "port"):
        assert checks[name]["status"] == "good", checks[name]
    for check in checks.values():
        assert set(check) == {"name", "status", "found", "remedy"}
        assert (check["status"] == "good") == (check["remedy"] == "")


def test_glyphs_for_people(mien, free_port: int) -> None:
    result = mien("doctor", MIEN_PORT=str(free_port))
    assert result.exit_code == 0
    assert "✓ networks" in result.stdout
    assert "✗" not in result.stdout


def test_a_mien_that_runs_is_known_by_its_port() -> None:
    class Status(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"version": "9.8.7", "emotions": {}}')

    with HTTPServer(("127.0.0.1", 0), Status) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        found = check_port("127.0.0.1", server.server_port)
        thread.join()
    assert (found.status, found.found) == (
        CheckStatus.GOOD,
        f"{server.server_port} on 127.0.0.1 is where mien 9.8.7 runs",
    )


def test_a_taken_port_is_reported(mien) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = mien("doctor", MIEN_PORT=str(port))
    assert result.exit_code == 1
    assert f"✗ port         {port} on 127.0.0.1 is taken" in result.stdout
    assert "mien serve --port 0" in result.stdout
    assert check_port("127.0.0.1", 0).status is CheckStatus.GOOD


def test_invalid_settings_are_reported(mien) -> None:
    result = mien("doctor", MIEN_PROT="1")
    assert result.exit_code == 1
    assert "✗ settings" in result.stdout
    assert "did you mean “MIEN_PORT”?" in result.stdout


def test_a_damaged_library(mien, home: Path, free_port: int) -> None:
    home.mkdir()
    (home / "library.sqlite3").write_bytes(b"not a database at all" * 99)
    result = mien("doctor", "--json", MIEN_PORT=str(free_port))
    assert result.exit_code == 1
    (library,) = [check for check in json.loads(result.stdout)["checks"] if check["name"] == "library"]
    assert library["status"] == "broken"
    assert "library.sqlite3" in library["remedy"]


def test_a_library_without_music_is_a_warning(home: Path) -> None:
    settings = load_settings({"MIEN_HOME": str(home), "MIEN_STARTER": "no"})
    check = check_library(settings)
    assert check.status is CheckStatus.WARNING
    assert "mien library add DIR" in check.remedy


def test_a_data_folder_that_is_a_file_is_reported(tmp_path: Path) -> None:
    assert check_folder(tmp_path / "not" / "yet" / "made").status is CheckStatus.GOOD
    assert not (tmp_path / "not").exists()
    (tmp_path / "file").touch()
    check = check_folder(tmp_path / "file" / "home")
    assert check.status is CheckStatus.BROKEN
    assert "MIEN_HOME" in check.remedy


def test_an_old_python_is_reported() -> None:
    assert check_python((3, 11, 0)).status is CheckStatus.GOOD
    check = check_python((3, 10, 12))
    assert (check.status, check.found) == (CheckStatus.BROKEN, "3.10.12")


def test_missing_and_damaged_networks_are_reported(tmp_path: Path) -> None:
    assert check_models("mien", threads=1).status is CheckStatus.GOOD
    with resources.as_file(resources.files("mien.models")) as folder:
        for name in ("expression.onnx", "expression.json"):
            shutil.copy(folder / name, tmp_path)
    assert verified_network(tmp_path).startswith("mien-")
    with (tmp_path / "expression.onnx").open("ab") as network:
        network.write(b"\0")
    with pytest.raises(ModelError, match="is not the network"):
        verified_network(tmp_path)
    (tmp_path / "expression.onnx").unlink()
    with pytest.raises(ModelError, match="missing or damaged"):
        verified_network(tmp_path)


def test_networks_with_deepface_and_a_stand_in_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    stand_in = make_stand_in(tmp_path)
    check = check_models("deepface", threads=1)
    assert check.status is CheckStatus.GOOD
    assert check.found == "deepface; for faces: detection, mesh, presence, blendshapes"
    stand_in.write_bytes(b"damaged")
    check = check_models("deepface", threads=1)
    assert check.status is CheckStatus.BROKEN
    assert str(stand_in) in check.remedy


def test_an_unknown_classifier() -> None:
    check = check_models("oracle", threads=1)
    assert check.status is CheckStatus.BROKEN
    assert "choose one of" in check.remedy


def test_a_missing_camera_is_a_warning_with_a_remedy() -> None:
    check = check_camera(99)
    assert check.status is CheckStatus.WARNING
    assert "by hand" in check.remedy


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a browser")
def test_a_browser_is_found_or_the_way_without_one_told(command, tmp_path: Path, free_port: int) -> None:
    def browser(**environ: str) -> dict[str, str]:
        report = json.loads(command("doctor", "--json", MIEN_PORT=str(free_port), DISPLAY="", **environ).stdout)
        return report["checks"][-1]

    assert browser(BROWSER="/bin/cat %s")["status"] == "good"
    without = browser(BROWSER="", PATH=str(tmp_path))
    assert without["status"] == "warning"
    assert "mien serve prints" in without["remedy"]


def test_every_network_that_reads_a_face_is_named() -> None:
    files = [file.name for file in (resources.files("mien.models") / "third_party").iterdir()]
    assert len(FACE_NETWORKS) == len([name for name in files if name.endswith(".tflite")])
