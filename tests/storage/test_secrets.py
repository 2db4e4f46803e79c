"""Passwords are stored where only their owner can read them, or not at all."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile

import keyring
import pytest
from keyring.backends import fail

from mien.errors import SourceError
from mien.storage.secrets import FILE_NAME, SecretBackend, Secrets, system_keyring
from tests.waiting import HANG_S


class FakeKeyring:
    """A keyring in memory, which may be locked."""

    def __init__(self):
        self.stored = {}
        self.locked = False

    def _open(self):
        if self.locked:
            raise RuntimeError("the keyring is locked")

    def get_password(self, service, username):
        self._open()
        return self.stored.get((service, username))

    def set_password(self, service, username, password):
        self._open()
        self.stored[service, username] = password

    def delete_password(self, service, username):
        self._open()
        del self.stored[service, username]


def test_without_a_keyring_a_file_of_mode_600_stores_secrets(tmp_path):
    secrets = Secrets(tmp_path / "new")
    assert secrets.get("home") is None
    assert secrets.put("home", "sésame") is SecretBackend.FILE
    assert secrets.put("work", "other") is SecretBackend.FILE
    path = tmp_path / "new" / FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Secrets(tmp_path / "new").get("home") == "sésame"
    secrets.delete("home")
    assert (secrets.get("home"), secrets.get("work")) == (None, "other")
    secrets.delete("work")
    assert not path.exists()


def test_a_keyring_takes_secrets_over_from_the_file(tmp_path):
    keyring = FakeKeyring()
    Secrets(tmp_path).put("home", "old")
    secrets = Secrets(tmp_path, find_keyring=lambda: keyring)
    assert secrets.get("home") == "old"
    assert secrets.put("home", "new") is SecretBackend.KEYRING
    assert not (tmp_path / FILE_NAME).exists()
    assert secrets.get("home") == "new"
    secrets.delete("home")
    assert keyring.stored == {}
    assert secrets.get("home") is None


def test_a_locked_keyring_is_not_used(tmp_path):
    keyring = FakeKeyring()
    keyring.locked = True
    secrets = Secrets(tmp_path, find_keyring=lambda: keyring)
    assert secrets.put("home", "secret") is SecretBackend.FILE
    assert secrets.get("home") == "secret"
    secrets.delete("home")
    assert secrets.get("home") is None


def test_an_empty_password_is_not_stored(tmp_path):
    with pytest.raises(ValueError, match="must not be empty"):
        Secrets(tmp_path).put("home", "")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_others_can_read_is_not_trusted(tmp_path):
    secrets = Secrets(tmp_path)
    secrets.put("home", "secret")
    (tmp_path / FILE_NAME).chmod(0o644)
    with pytest.raises(SourceError, match="can be read by others"):
        secrets.get("home")


@pytest.mark.parametrize("text", ["", "null", "[1]", "{", "\x80"])
def test_a_damaged_file_is_an_error(tmp_path, text):
    secrets = Secrets(tmp_path)
    secrets.put("home", "secret")
    (tmp_path / FILE_NAME).write_text(text, encoding="latin-1")
    with pytest.raises(SourceError, match="is damaged; delete it"):
        secrets.get("home")


def test_the_systems_keyring_is_used_if_there_is_one(tmp_path):
    class Memory(keyring.backend.KeyringBackend):
        priority = 5
        stored = {}  # noqa: RUF012

        def get_password(self, service, username):
            return self.stored.get((service, username))

        def set_password(self, service, username, password):
            self.stored[service, username] = password

        def delete_password(self, service, username):
            del self.stored[service, username]

    before = keyring.get_keyring()
    try:
        keyring.set_keyring(Memory())
        secrets = Secrets(tmp_path, find_keyring=system_keyring)
        assert secrets.put("home", "secret") is SecretBackend.KEYRING
        assert secrets.get("home") == "secret"
        keyring.set_keyring(fail.Keyring())
        assert system_keyring() is None
    finally:
        keyring.set_keyring(before)
    assert list(tmp_path.iterdir()) == []


TRY_THE_SERVICE = """
import sys
from pathlib import Path
from mien.storage.secrets import Secrets, system_keyring

folder = Path(sys.argv[1])
secrets = Secrets(folder, find_keyring=system_keyring)
print(secrets.put("home", "sésame & Öl"), Secrets(folder, find_keyring=system_keyring).get("home") == "sésame & Öl")
secrets.delete("home")
print(secrets.get("home"), folder.exists())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is that of Linux's desktops")
def test_a_real_secret_service_stores_secrets(tmp_path):
    assert shutil.which("gnome-keyring-daemon"), "this test needs it: sudo apt-get install gnome-keyring dbus"
    opened = 'printf "word\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 && exec "$@"'
    command = ["dbus-run-session", "--", "sh", "-c", opened, "sh", sys.executable, "-c", TRY_THE_SERVICE]
    # A socket's path may be no longer than a hundred letters, which those of pytest are.
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="mien-") as short:
        homes = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data"), "XDG_RUNTIME_DIR": short}
        told = subprocess.run(
            [*command, str(tmp_path / "mien")],
            env={**os.environ, **homes, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
        )
    assert told.stdout == "keyring True\nNone False\n", told.stderr
