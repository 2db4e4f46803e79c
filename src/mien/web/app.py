"""The HTTP routes: each decodes a request, calls the session and encodes the answer."""

from __future__ import annotations

from collections.abc import Collection

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from mien import __version__
from mien.errors import TrackNotFoundError
from mien.mood.circumplex import COORDINATES
from mien.music.recommender.filters import TrackFilter
from mien.session.radio_seeds import ArtistSeed, PlaylistSeed, RadioSeeds, SongSeed
from mien.session.session import Session
from mien.types import Mood
from mien.web.access_log import AccessLog
from mien.web.body import read_body
from mien.web.decoder import BadRequestError
from mien.web.failures import FAILURES
from mien.web.live import make_pacer, serve_live
from mien.web.media import audio_response, cover_response
from mien.web.page import page_routes
from mien.web.requests import (
    PLAY_EVENT_DECODER,
    RATING_DECODER,
    STATION_DECODER,
    RadioRequest,
    StationRequest,
    parse_span,
    parse_track_id,
)
from mien.web.responses import (
    Json,
    away_json,
    corrections_json,
    neutral_json,
    ratings_json,
    requested_station_json,
    station_json,
    track_json,
)
from mien.web.security import SecurityMiddleware
from mien.web.server_threads import IterateChunks, ServerThreads


def create_app(session: Session, *, hosts: Collection[str]) -> ASGIApp:
    """The ASGI application of a session, with its security checks.

    Args:
        session: What the routes read and control.
        hosts: The server's own addresses as ``name:port``; requests for any other are refused.
    """
    app = Starlette(
        routes=[*page_routes(), Mount("/api/v1", routes=_api(session))],
        exception_handlers=FAILURES,
    )
    # Outside of Starlette, so that its answer to an unexpected error has the security headers too.
    return AccessLog(SecurityMiddleware(app, hosts=hosts))


def _api(session: Session) -> list[BaseRoute]:
    pacer = make_pacer()
    threads = ServerThreads(session)

    async def live(websocket: WebSocket) -> None:
        await serve_live(websocket, session, pacer)

    async def station(request: Request) -> Response:
        wanted = STATION_DECODER.decode(await read_body(request))
        return JSONResponse(await run_in_threadpool(_station, session, wanted))

    async def report_play(request: Request) -> Response:
        play = PLAY_EVENT_DECODER.decode(await read_body(request))
        await run_in_threadpool(session.report_play, play.track, play.event, position_s=play.position_s)
        return Response(status_code=204)

    async def rate(request: Request) -> Response:
        rated = RATING_DECODER.decode(await read_body(request))
        await run_in_threadpool(session.rate, rated.track, rated.rating)
        return Response(status_code=204)

    # Starlette runs these synchronous routes in threads.
    def ratings(_: Request) -> Response:
        return JSONResponse(ratings_json(session.ratings()))

    def neutral(request: Request) -> Response:
        neutrals = session.neutrals
        if request.method == "DELETE":
            neutrals.delete()
            return Response(status_code=204)
        return JSONResponse(neutral_json(known=neutrals.neutral is not None, since=neutrals.since))

    def corrections(request: Request) -> Response:
        if request.method == "DELETE":
            session.corrections.delete()
            return Response(status_code=204)
        return JSONResponse(corrections_json(session.corrections.summary()))

    def undo_correction(_: Request) -> Response:
        session.corrections.undo()
        return Response(status_code=204)

    def export_corrections(_: Request) -> Response:
        headers = {"Content-Disposition": 'attachment; filename="mien-corrections.json"'}
        return Response(session.corrections.export(), media_type="application/json", headers=headers)

    def tracks(_: Request) -> Response:
        return JSONResponse({"tracks": [track_json(track) for track in session.library.placed_tracks()]})

    async def audio(request: Request) -> Response:
        track_id = _track_id(request)
        return await threads.run(request, track_id, lambda chunks: audio_response(session, track_id, request, chunks))

    async def cover(request: Request) -> Response:
        track_id = _track_id(request)
        return await threads.run(request, track_id, lambda _: cover_response(session, track_id, request))

    async def exit_point(request: Request) -> Response:
        span, track_id = parse_span(request.query_params), _track_id(request)

        def find(_: IterateChunks) -> Response:
            found = session.exit_point(track_id, from_s=span.from_s, until_s=span.until_s)
            return JSONResponse({"position_s": found.position_s, "kind": found.kind})

        return await threads.run(request, track_id, find)

    def status(_: Request) -> Response:
        known = session.library.tracks()
        return JSONResponse(
            {
                "version": __version__,
                "model": session.model,
                "tracks": len(known),
                "starter_tracks": sum(track.source == "starter" for track in known),
                "away": [away_json(one) for one in session.library.away()],
                "steadiness": session.steadiness.value,
                "follow": session.follow,
                "emotions": {str(emotion): list(point) for emotion, point in COORDINATES.items()},
            }
        )

    return [
        WebSocketRoute("/live", live),
        Route("/station", station, methods=["POST"]),
        Route("/plays", report_play, methods=["POST"]),
        Route("/ratings", ratings, methods=["GET"]),
        Route("/ratings", rate, methods=["POST"]),
        Route("/tracks", tracks),
        Route("/tracks/{track_id}/audio", audio),
        Route("/tracks/{track_id}/cover", cover),
        Route("/tracks/{track_id}/exit", exit_point),
        Route("/neutral", neutral, methods=["GET", "DELETE"]),
        Route("/corrections", corrections, methods=["GET", "DELETE"]),
        Route("/corrections/last", undo_correction, methods=["DELETE"]),
        Route("/corrections/export", export_corrections),
        Route("/status", status),
    ]


def _station(session: Session, wanted: StationRequest) -> Json:
    """The station that was asked for: by a mood, by tracks to resemble, in words, as a path or as a radio."""
    if wanted.path is not None:
        path = session.path(wanted.path.start, wanted.path.end, count=wanted.count, played=wanted.played)
        return station_json(path)
    if wanted.radio is not None:
        return station_json(session.radio(_seeds_of(wanted.radio), count=wanted.count, played=wanted.played))
    mood = Mood(wanted.valence, wanted.arousal)
    count, played, goal = wanted.count, wanted.played, wanted.goal
    if wanted.words.strip():
        asked = session.ask(wanted.words, mood, count=count, played=played, goal=goal)
        return requested_station_json(asked)
    like = TrackFilter(like=wanted.like)
    return station_json(session.station(mood, count=count, played=played, goal=goal, track_filter=like))


def _seeds_of(radio: RadioRequest) -> RadioSeeds:
    if radio.track is not None:
        return SongSeed(radio.track)
    return ArtistSeed(radio.artist) if radio.artist is not None else PlaylistSeed(radio.playlist or "")


def _track_id(request: Request) -> str:
    try:
        return parse_track_id(request.path_params["track_id"])
    except BadRequestError as error:
        raise TrackNotFoundError("There is no track with this id.") from error
