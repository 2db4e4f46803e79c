"""Decides which requests may reach mien: its own page's, and nobody else's. One ASGI middleware, no exceptions.

mien answers on loopback, where every page in the person's browser and every program of theirs can knock. It lets in:

============================  ======================================================================================
Host                          one of the addresses that the server goes by, with its port: a foreign name that was made
                              to resolve here (DNS rebinding) is refused
Origin                        where there is one it must be ``http://`` and that Host; a WebSocket must have one, for
                              browsers let any page open any WebSocket, and a handshake without it is no browser's
Sec-Fetch-Site: same-origin   welcome
Sec-Fetch-Site: none          the person typed the address: a GET of a document in its own tab is welcome
Sec-Fetch-Site: others        another site, or another port: a link to the page may be followed (a GET of a document in
                              its own tab, outside of ``/api/``), nothing else
no Sec-Fetch-Site             an old browser, or a program such as curl: it may read (GET, HEAD); to change something
                              it must send mien's own Origin, which no foreign page can
============================  ======================================================================================

``Sec-Fetch-Site`` is not asked of a WebSocket, for its Origin, compared in full, says as much. Whatever is refused is
answered 403; every answer carries the headers below.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/api/"

_READING = frozenset({"GET", "HEAD"})

_OFF = (
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
# The camera is what mien is for; autoplay lets the next track follow the last one in a hidden tab.
_PERMISSIONS = ", ".join(["camera=(self)", "autoplay=(self)", *(f"{feature}=()" for feature in _OFF)])


def loopback_hosts(port: int, *, host: str = "127.0.0.1") -> frozenset[str]:
    """The Host headers of a server that listens on ``host`` and ``port``; browsers leave the port 80 out."""
    names = {"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host}
    return frozenset({f"{name}:{port}" for name in names} | (names if port == 80 else set()))


class SecurityMiddleware:
    """Lets through what the table above says and puts the headers of a careful server on every answer."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one connection."""
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

        app = JSONResponse({"error": refusal}, status_code=403) if refusal else self._app
        await app(scope, receive, send_with_headers)

    def refusal(self, scope: Scope) -> str:
        """Why a connection is refused, in one sentence; empty when it is let in."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return "mien does not go by this name; open it at the address that it printed when it started."
        origins = headers.getlist("origin")
        own_origin = origins == [f"http://{hosts[0].lower()}"]
        if origins and not own_origin:
            return "Only mien's own page may talk to mien, and this request comes from another one."
        if scope["type"] == "websocket":
            return "" if own_origin else "A live connection must say which page it comes from (Origin)."
        return self._fetch_refusal(scope, headers, own_origin=own_origin)

    def _fetch_refusal(self, scope: Scope, headers: Headers, *, own_origin: bool) -> str:
        sites = headers.getlist("sec-fetch-site")
        reads = scope["method"] in _READING
        if not sites:
            return "" if reads or own_origin else "To change something, send mien's own address as Origin."
        if sites == ["same-origin"]:
            return ""
        opens_page = (
            scope["method"] == "GET"
            and headers.get("sec-fetch-mode") == "navigate"
            and headers.get("sec-fetch-dest") == "document"
        )
        if opens_page and (sites == ["none"] or not scope["path"].startswith(API)):
            return ""
        return "Only mien's own page may ask for this."

    def _add_headers(self, message: Message, scope: Scope) -> None:
        host = Headers(scope=scope).get("host", "").lower()
        headers = MutableHeaders(scope=message)
        # A name that was refused is not repeated in a header.
        headers["Content-Security-Policy"] = _content_security_policy(host if host in self._hosts else None)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Permissions-Policy"] = _PERMISSIONS
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers.setdefault("Cache-Control", "no-store")


def _content_security_policy(host: str | None) -> str:
    """Everything from mien itself and nothing from anywhere else, no inline script or style.

    The WebSocket is named in full, since older Safaris do not count it as ``'self'``.
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
