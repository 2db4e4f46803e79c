"""``mien source`` with real servers: add, list, check, hear, follow, log in and remove."""

import json
import logging
import os
import signal
import subprocess
import sys

from mien.music.connections import Connection, Connections
from mien.music.servers.mpd import MpdClient
from mien.storage.secrets import FILE_NAME, Secrets
from tests.broken_plugin import install_broken_plugin
from tests.servers import http
from tests.waiting import HANG_S


def run(environment, *arguments, typed=""):
    return subprocess.run(
        [sys.executable, "-c", "from mien.cli import main; main()", "source", *map(str, arguments)],
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=HANG_S,
        check=False,
    )


def test_a_subsonic_server_is_added_listed_and_removed(environment, home, subsonic_server):
    given = ("add", "subsonic", subsonic_server.address, "--user", subsonic_server.user, "--name", "home")
    added = run(environment, *given, typed=f"{subsonic_server.password}\n")
    assert added.returncode == 0, added.stderr
    assert "“home” is Subsonic (Subsonic 1.12.0, signed in by password)" in added.stderr
    (row,) = map(json.loads, run(environment, "list", "--json").stdout.splitlines())
    assert (row["name"], row["kind"], row["user"], row["password"]) == ("home", "subsonic", "ada", "file")
    for said in (added.stdout, added.stderr, run(environment, "list").stdout):
        assert subsonic_server.password not in said
    assert oct((home / FILE_NAME).stat().st_mode)[-3:] == "600"

    wrong = run(environment, "login", "home", typed="wrong\n")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "refused the name or the password" in wrong.stderr
    assert run(environment, "login", "home", typed=f"{subsonic_server.password}\n").returncode == 0

    heard = run(environment, "hear", "home")
    assert (heard.returncode, "“home”: 3 added." in heard.stderr) == (0, True), heard.stderr
    removed = run(environment, "remove", "home")
    assert "its 3 tracks are removed" in removed.stderr
    assert run(environment, "list", "--json").stdout == ""
    assert not (home / FILE_NAME).exists()


def test_a_server_that_refuses_is_not_stored(environment, subsonic_server):
    refused = run(environment, "add", "subsonic", subsonic_server.address, "--user", "eve", typed="x\n")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "refused the name or the password; enter the password again." in refused.stderr
    assert "No server was added yet" in run(environment, "list").stderr


def test_an_mpd_is_added_by_its_socket_and_by_its_port(environment, mpd_server):
    assert "MPD 0." in run(environment, "add", "mpd", mpd_server.socket).stderr
    plain = run(environment, "add", "mpd", mpd_server.address, "--name", "hifi")
    assert "--folder DIR" in plain.stderr
    names = [json.loads(line)["name"] for line in run(environment, "list", "--json").stdout.splitlines()]
    assert names == ["hifi", "mpd"]


def test_all_servers_are_checked_and_analysed(mien, mpd_server, tmp_path):
    assert "No server was added yet" in mien("source", "check").stderr
    assert mien("source", "add", "mpd", mpd_server.address, "--folder", mpd_server.music).exit_code == 0
    assert "“mpd” is MPD 0." in (checked := mien("source", "check")).stderr
    assert checked.exit_code == 0
    added = mien("source", "add", "mpd", mpd_server.address, "--name", "hifi")
    assert "Hear its music with: mien source hear hifi" in added.stderr
    heard = mien("source", "hear")
    assert (heard.exit_code, "“mpd”: 3 added." in heard.stderr) == (1, True)
    assert heard.stderr.count("MPD sends no files") == 1
    assert f"mien source add mpd {mpd_server.address} --name hifi --folder DIR" in heard.stderr


def test_a_rating_on_an_mpd_counts_for_taste(mien, environment, mpd_server):
    assert mien("source", "add", "mpd", mpd_server.socket, "--name", "hifi").exit_code == 0
    assert mien("source", "hear", "hifi").exit_code == 0
    mpd = MpdClient(mpd_server.address)
    mpd.ask("clear")
    mpd.ask("add", "apple.m4a")
    mpd.ask("single", 1)
    mpd.ask("play")
    mpd.ask("pause", 1)
    command = [sys.executable, "-c", "from mien.cli import main; main()", "source", "follow", "hifi"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        lines = [process.stderr.readline(), process.stderr.readline()]
        mpd.ask("sendmessage", "mien", "never")
        lines.append(process.stderr.readline())
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == ""
    mpd.ask("single", 0)
    assert process.returncode == 0
    assert lines[1:] == ["Apple: started at 0:00\n", "Apple: never again at 0:00\n"]
    told = [json.loads(line) for line in mien("taste", "export").stdout.splitlines()]
    assert [(row["kind"], row.get("rating") or row["event"]) for row in told] == [
        ("rating", "never"),
        ("play", "started"),
    ]


def test_adding_never_replaces_another_server(mien, mpd_server, tmp_path):
    assert mien("source", "add", "mpd", mpd_server.address).exit_code == 0
    other = mien("source", "add", "mpd", mpd_server.socket)
    assert (other.exit_code, f"“mpd” already refers to {mpd_server.address}" in other.stderr) == (1, True)
    away = mien("source", "add", "mpd", mpd_server.address, "--folder", tmp_path / "none")
    assert (away.exit_code, "is not a folder on this computer" in away.stderr) == (1, True)
    assert mien("source", "add", "mpd", mpd_server.address, "--folder", tmp_path).exit_code == 0
    (row,) = map(json.loads, mien("source", "list", "--json").stdout.splitlines())
    assert row["folder"] == str(tmp_path)


def test_invalid_arguments_and_unknown_servers_are_refused(mien):
    assert mien("source", "add", "subsonic", "http://127.0.0.1:1", "--user", "ada", "--api-key").exit_code == 2
    assert mien("source", "add", "mpd", "127.0.0.1:1", "--ca", "x.pem").exit_code == 2
    assert mien("source", "add", "subsonic", "http://127.0.0.1:1").exit_code == 2
    assert mien("source", "add", "gramophone", "x").exit_code == 2
    gone = mien("source", "login", "home")
    assert (gone.exit_code, "There is no server called “home”" in gone.stderr) == (1, True)


def test_signing_in_does_not_log_secrets(tmp_path, caplog, subsonic_server):
    kept = Connections(tmp_path, secrets=Secrets(tmp_path))
    connection = Connection("home", "subsonic", subsonic_server.address, {"user": subsonic_server.user}, "password")
    with caplog.at_level(logging.DEBUG):
        kept.put(connection, secret=subsonic_server.password)
        source = kept.source(kept.find("home"))
        source.sign_in()
        assert list(source.items())
    for secret in (subsonic_server.password, subsonic_server.password.encode().hex()):
        assert secret not in caplog.text


def test_a_password_can_be_given_later(mien, environment, mpd_server):
    assert mien("source", "add", "mpd", mpd_server.address).exit_code == 0
    wrong = run(environment, "login", "mpd", typed="not this\n")
    assert (wrong.returncode, "refused the password; run again: mien source login mpd" in wrong.stderr) == (1, True)


def test_an_unknown_kind_of_server_names_the_installed_ones(mien):
    unknown = mien("source", "add", "cassette", "x")
    assert unknown.exit_code == 2
    assert "There is no kind of server called “cassette”; choose one of mpd, subsonic." in unknown.stderr


def test_an_empty_password_is_refused(environment, subsonic_server):
    given = ("add", "subsonic", subsonic_server.address, "--user", subsonic_server.user)
    refused = run(environment, *given)
    assert (refused.returncode, "on standard input is empty; send it as one line" in refused.stderr) == (1, True)


def test_an_error_names_its_server_once(mien, home):
    Connections.open(home, portable=True).put(Connection("hifi", "gramophone", "x"), secret="")
    for action in ("check", "hear"):
        failed = mien("source", action)
        assert (failed.exit_code, failed.stderr.count("hifi")) == (1, 1), failed.stderr


def test_a_broken_plug_in_breaks_nothing_else(environment, tmp_path, mpd_server, photo):
    path = os.pathsep.join([str(install_broken_plugin(tmp_path)), environment.get("PYTHONPATH", "")])
    broken = environment | {"PYTHONPATH": path}
    added = run(broken, "add", "mpd", mpd_server.socket)
    assert (added.returncode, added.stderr.count("The plug-in “bad” cannot be loaded")) == (0, 1), added.stderr
    assert run(broken, "list").returncode == 0
    command = [sys.executable, "-c", "from mien.cli import main; main()", "faces", str(photo)]
    read = subprocess.run(
        command,
        env=broken | {"MIEN_CLASSIFIER": "bad"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=HANG_S,
        check=False,
    )
    sentence = "Error: The plug-in “bad” cannot be loaded (tape heads are dirty); update or uninstall its package."
    assert (read.returncode, read.stderr.strip()) == (1, sentence)


def test_a_server_that_accepted_tokens_is_remembered(environment, odd_server):
    def answer(line, headers):
        refused = {"status": "failed", "error": {"code": 41, "message": "No tokens."}}
        fields = refused if changed and "&t=" in line else {"status": "ok", "type": "honest"}
        return http(json.dumps({"subsonic-response": fields | {"version": "1.16.1"}}))

    changed = []
    server = odd_server(answer)
    given = ("add", "subsonic", server.address, "--user", "ada", "--name", "home")
    assert "signed in by token" in run(environment, *given, typed="s3cret-word\n").stderr
    changed.append(True)
    for arguments in (("check",), ("hear", "home"), ("login", "home"), given):
        refused = run(environment, *arguments, typed="s3cret-word\n")
        assert refused.returncode == 1
        assert "so the password is not sent to it" in refused.stderr
    assert not [line for line in server.asked if "&p=" in line or "?p=" in line]
