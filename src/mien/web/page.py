"""Serves the page: its script and styles linked and compressed, and its other files as they are."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from mien.web.linker import link_modules, link_styles

INDEX: Final = "index.html"
SCRIPT: Final = "js/page.js"
STYLES: Final = "css/page.css"

_MAIN: Final = "js/main.js"
_TYPES: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_COMPRESSED_FROM_BYTES: Final = 500
#: The browser caches every file and asks each time whether it has changed.
_CACHING: Final = {"Cache-Control": "no-cache"}


def page_routes() -> list[BaseRoute]:
    """The routes of the page and its files."""
    files = _PageFiles(directory=_folder())
    return [
        Route("/", _linked_file),
        Route(f"/static/{SCRIPT}", _linked_file),
        Route(f"/static/{STYLES}", _linked_file),
        Mount("/static", GZipMiddleware(files, minimum_size=_COMPRESSED_FROM_BYTES)),
    ]


class _PageFiles(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_CACHING)
        # The type of .js in a system's registry varies, and with nosniff a browser runs no script of a wrong type.
        suffix = Path(path).suffix
        if response.status_code == 200 and suffix in _TYPES:
            response.headers["Content-Type"] = f"{_TYPES[suffix]}; charset=utf-8"
        return response


def _linked_file(request: Request) -> Response:
    path = request.url.path.removeprefix("/static").lstrip("/") or INDEX
    content, compressed, etag = _linked(path, _changed_ns())
    headers = _CACHING | {"ETag": etag, "Vary": "Accept-Encoding"}
    if request.headers.get("If-None-Match") == etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        content, headers["Content-Encoding"] = compressed, "gzip"
    return Response(content, headers=headers, media_type=_TYPES[Path(path).suffix])


@lru_cache(maxsize=8)
def _linked(path: str, changed_ns: int) -> tuple[bytes, bytes, str]:  # noqa: ARG001 (part of the key)
    """A linked file, the same compressed, and its ETag; linked again when a file has changed at ``changed_ns``."""
    if path == SCRIPT:
        content = link_modules(_MAIN, _read).encode()
    elif path == STYLES:
        content = link_styles(STYLES, _read).encode()
    else:
        content = _read(path).encode()
    return content, gzip.compress(content, mtime=0), f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _changed_ns() -> int:
    """When a file of the page changed last: only while somebody works on it."""
    return max(file.stat().st_mtime_ns for file in _folder().rglob("*.*"))


def _read(path: str) -> str:
    return (_folder() / path).read_text(encoding="utf-8")


def _folder() -> Path:
    return Path(str(resources.files("mien.web"))) / "static"
