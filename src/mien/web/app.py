"""The routes: each takes a request, calls the session and returns the wire form. Importing this makes nothing."""

from __future__ import annotations

from collections.abc import Collection
from importlib import resources
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope
from starlette.websockets import WebSocket

from mien import __version__
from mien.errors import TrackNotFoundError
from mien.mood.circumplex import COORDINATES
from mien.music.recommender.filters import TrackFilter
from mien.session import Session
from mien.web.body import read_json
from mien.web.failures import FAILURES
from mien.web.live import make_pace, serve_live
from mien.web.media import audio_response, cover_response
from mien.web.security import SecurityMiddleware
from mien.web.wire import (
    BadRequestError,
    neutral_json,
    parse_play,
    parse_station,
    parse_track_id,
    parse_word,
    station_json,
    track_json,
    verdicts_json,
)

_STATIC_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def create_app(session: Session, *, hosts: Collection[str]) -> ASGIApp:
    """The whole web side of a session, its guard included, for a server that goes by ``hosts`` (``name:port``)."""
    page = _Page(directory=Path(str(resources.files("mien.web"))) / "static")
    app = Starlette(
        routes=[
            Route("/", page.index),
            Mount("/static", page),
            Mount("/api/v1", routes=_api(session)),
        ],
        exception_handlers=FAILURES,
    )
    # Outside of Starlette, so that its answer to a crash carries the security headers too.
    return SecurityMiddleware(app, hosts=hosts)


def _api(session: Session) -> list[BaseRoute]:
    pace = make_pace()

    async def live(websocket: WebSocket) -> None:
        await serve_live(websocket, session, pace)

    async def station(request: Request) -> Response:
        asked = parse_station(await read_json(request))
        track_filter = TrackFilter(like=asked.like)
        found = await run_in_threadpool(
            session.station,
            asked.mood,
            count=asked.count,
            played=asked.played,
            goal=asked.goal,
            track_filter=track_filter,
        )
        return JSONResponse(station_json(found))

    async def plays(request: Request) -> Response:
        play = parse_play(await read_json(request))
        await run_in_threadpool(session.report_play, play.track_id, play.event, position_s=play.position_s)
        return Response(status_code=204)

    async def say(request: Request) -> Response:
        word = parse_word(await read_json(request))
        await run_in_threadpool(session.rate, word.track_id, word.verdict)
        return Response(status_code=204)

    # Starlette runs these in threads of its own.
    def verdicts(_: Request) -> Response:
        return JSONResponse(verdicts_json(session.ratings()))

    def neutral(request: Request) -> Response:
        neutrals = session.neutrals
        if request.method == "DELETE":
            neutrals.delete()
            return Response(status_code=204)
        return JSONResponse(neutral_json(known=neutrals.neutral is not None, since=neutrals.since))

    def tracks(_: Request) -> Response:
        return JSONResponse({"tracks": [track_json(track) for track in session.library.tracks()]})

    def audio(request: Request) -> Response:
        return audio_response(session, _track_id(request), request)

    def cover(request: Request) -> Response:
        return cover_response(session, _track_id(request), request)

    def status(_: Request) -> Response:
        known = session.library.tracks()
        return JSONResponse(
            {
                "version": __version__,
                "model": session.model,
                "tracks": len(known),
                "starter_tracks": sum(track.source == "starter" for track in known),
                "steadiness": session.steadiness.value,
                "emotions": {str(emotion): list(point) for emotion, point in COORDINATES.items()},
            }
        )

    return [
        WebSocketRoute("/live", live),
        Route("/station", station, methods=["POST"]),
        Route("/plays", plays, methods=["POST"]),
        Route("/verdicts", verdicts, methods=["GET"]),
        Route("/verdicts", say, methods=["POST"]),
        Route("/tracks", tracks),
        Route("/tracks/{track_id}/audio", audio),
        Route("/tracks/{track_id}/cover", cover),
        Route("/neutral", neutral, methods=["GET", "DELETE"]),
        Route("/status", status),
    ]


def _track_id(request: Request) -> str:
    try:
        return parse_track_id(request.path_params["track_id"])
    except BadRequestError as error:
        raise TrackNotFoundError("There is no track of this name.") from error


class _Page(StaticFiles):
    """The page's own files, which the browser keeps and asks about each time."""

    async def index(self, request: Request) -> Response:
        return await self.get_response("index.html", request.scope)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        # What a system's registry says of .js differs from one to the next, and with nosniff a wrong type runs nothing.
        suffix = Path(path).suffix
        if response.status_code == 200 and suffix in _STATIC_TYPES:
            response.headers["Content-Type"] = f"{_STATIC_TYPES[suffix]}; charset=utf-8"
        return response
