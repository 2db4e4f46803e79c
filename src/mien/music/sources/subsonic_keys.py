"""Converts between the ids of a Subsonic server's songs and keys that are safe in a URL."""

from __future__ import annotations

import base64
import binascii
import re

from mien.errors import AudioError, Remedy

_PLAIN_ID = re.compile(r"[A-Za-z0-9-]{1,120}")
_MAX_ENCODED_ID_BYTES = 90


def key_of(song_id: str) -> str | None:
    """Encode a server's id as a key; None if the id is empty or too long."""
    if _PLAIN_ID.fullmatch(song_id):
        return song_id
    if not song_id or len(song_id.encode()) > _MAX_ENCODED_ID_BYTES:
        return None
    return "_" + base64.urlsafe_b64encode(song_id.encode()).decode().rstrip("=")


def id_in(key: str) -> str:
    """Decode the server's id in a key; raises ``AudioError`` if the key is invalid."""
    if not key.startswith("_"):
        return key
    try:
        return base64.urlsafe_b64decode(key[1:] + "=" * (-(len(key) - 1) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise AudioError("No song of the server has this key", Remedy.SCAN) from error
