"""Restricts access to mien's own page. One ASGI middleware, in front of every route.

mien listens on loopback, where every page in the user's browser and every program of theirs can connect. It checks:

============================  ======================================================================================
Host                          must be one of the server's own addresses, with its port; any other name that was made
                              to resolve here (DNS rebinding) is refused
Origin                        if present, must be ``http://`` and that Host. A WebSocket must have one, since browsers
                              let any page open any WebSocket, and a handshake without it is not a browser's
Sec-Fetch-Site: same-origin   allowed
Sec-Fetch-Site: none          the user typed the address: a GET of a document in a tab is allowed
Sec-Fetch-Site: others        another site or another port: links to the page are allowed (a GET of a document in a
                              tab, outside of ``/api/``), nothing else
no Sec-Fetch-Site             an old browser, or a program such as curl: reading (GET, HEAD) is allowed; to change
                              something it must send mien's own Origin, which no other page can
============================  ======================================================================================

``Sec-Fetch-Site`` is not checked for a WebSocket, whose Origin is compared in full. A refused request is answered 403.
Every response has the security headers below.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mien.web.responses import message_json

API = "/api/"

_SAFE_METHODS = frozenset({"GET", "HEAD"})

_DISABLED_FEATURES = (
    "accelerometer",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "xr-spatial-tracking",
)
# mien needs the camera; autoplay lets the next track start in a hidden tab.
_PERMISSIONS = ", ".join(["camera=(self)", "autoplay=(self)", *(f"{feature}=()" for feature in _DISABLED_FEATURES)])


def loopback_hosts(port: int, *, host: str = "127.0.0.1") -> frozenset[str]:
    """The valid Host headers of a server. Browsers omit port 80.

    Args:
        port: The port that the server listens on.
        host: The address that it listens on.
    """
    names = {"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host}
    return frozenset({f"{name}:{port}" for name in names} | (names if port == 80 else set()))


class SecurityMiddleware:
    """Refuses requests by the rules in the table above, and adds security headers to every response.

    Args:
        app: The application to protect.
        hosts: The server's own addresses, from ``loopback_hosts``.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one connection on to the application, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        refusal = self.refusal(scope)
        if scope["type"] == "websocket":
            if refusal:
                await send({"type": "websocket.close", "code": 1008, "reason": refusal})
            else:
                await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(message, scope)
            await send(message)

        app = JSONResponse({"error": message_json("forbidden", refusal)}, status_code=403) if refusal else self._app
        await app(scope, receive, send_with_headers)

    def refusal(self, scope: Scope) -> str:
        """Why a connection is refused, in one sentence; empty if it is allowed."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return "This is not an address of mien; open the address that it printed when it started."
        origins = headers.getlist("origin")
        own_origin = origins == [f"http://{hosts[0].lower()}"]
        if origins and not own_origin:
            return "Only mien's own page may use mien, and this request comes from another page."
        if scope["type"] == "websocket":
            return "" if own_origin else "A live connection must have the header Origin."
        return self._fetch_refusal(scope, headers, own_origin=own_origin)

    def _fetch_refusal(self, scope: Scope, headers: Headers, *, own_origin: bool) -> str:
        sites = headers.getlist("sec-fetch-site")
        is_safe = scope["method"] in _SAFE_METHODS
        if not sites:
            return "" if is_safe or own_origin else "To change something, send mien's own address in the header Origin."
        if sites == ["same-origin"]:
            return ""
        opens_page = (
            scope["method"] == "GET"
            and headers.get("sec-fetch-mode") == "navigate"
            and headers.get("sec-fetch-dest") == "document"
        )
        if opens_page and (sites == ["none"] or not scope["path"].startswith(API)):
            return ""
        return "Only mien's own page may request this."

    def _add_headers(self, message: Message, scope: Scope) -> None:
        host = Headers(scope=scope).get("host", "").lower()
        headers = MutableHeaders(scope=message)
        # A refused name is not repeated in a header.
        headers["Content-Security-Policy"] = _content_security_policy(host if host in self._hosts else None)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Permissions-Policy"] = _PERMISSIONS
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers.setdefault("Cache-Control", "no-store")


def _content_security_policy(host: str | None) -> str:
    """Allows content from mien itself only, and no inline scripts or styles.

    The WebSocket is named in full, since older versions of Safari do not count it as ``'self'``.
    """
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "media-src 'self' blob:",
            f"connect-src 'self' ws://{host}" if host else "connect-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'none'",
        ]
    )
