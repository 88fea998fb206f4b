"""The HTTP application: its routes and limits."""

from __future__ import annotations

import asyncio
from functools import partial

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from wyoming_kokoro.http.connections import ConnectionLimiter
from wyoming_kokoro.http.host_check import host_check_middleware
from wyoming_kokoro_openai.captions import post_captioned_speech
from wyoming_kokoro_openai.context import ApiContext
from wyoming_kokoro_openai.errors import ApiError
from wyoming_kokoro_openai.listings import get_audio_models, get_health, get_model, get_models, get_test, get_voices
from wyoming_kokoro_openai.speech import post_speech

# The longest text that a server accepts by default, with six bytes for each character.
MAX_REQUEST_BYTES = 1024 * 1024
KEEP_ALIVE_TIMEOUT_SECONDS = 30.0
SHUTDOWN_TIMEOUT_SECONDS = 1.0
# Open WebUI and others send no key with lists.
OPEN_ROUTES = {
    "/v1/models": get_models,
    "/v1/models/{id}": get_model,
    "/v1/audio/models": get_audio_models,
    "/v1/audio/voices": get_voices,
    "/v1/audio/speech/voices": get_voices,
    "/v1/voices": get_voices,
    "/v1/test": get_test,
    "/health": get_health,
}
SPEECH_ROUTES = {"/v1/audio/speech": post_speech, "/dev/captioned_speech": post_captioned_speech}
CORS_HEADERS = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


def create_runner(context: ApiContext, limiter: ConnectionLimiter) -> web.AppRunner:
    """Return a runner of the application, whose routes are all behind the host check."""
    settings = context.settings
    host_check = host_check_middleware("openai", settings.allowed_hosts, settings.cors_origins, _forbid)
    middlewares = [limiter.middleware, _errors(context), host_check, _preflight(context), _key_check(context)]
    application = web.Application(middlewares=middlewares, client_max_size=MAX_REQUEST_BYTES)
    application.add_routes([web.get(path, partial(handler, context)) for path, handler in OPEN_ROUTES.items()])
    application.add_routes([web.post(path, partial(handler, context)) for path, handler in SPEECH_ROUTES.items()])
    application.on_response_prepare.append(partial(_add_headers, context))
    application.on_cleanup.append(partial(_close, context))
    return web.AppRunner(
        application,
        access_log=None,
        logger=limiter.request_log,
        handle_signals=False,
        # The synthesis for a client that leaves stops at once.
        handler_cancellation=True,
        keepalive_timeout=KEEP_ALIVE_TIMEOUT_SECONDS,
        shutdown_timeout=SHUTDOWN_TIMEOUT_SECONDS,
    )


def _errors(context: ApiContext) -> Middleware:
    @web.middleware
    async def report_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            return error.response()
        except web.HTTPException as error:
            message = f"{error.reason.lower()}: {request.method} {request.path[:80]}"
            if error.status == 404:
                message += "; speech is POST /v1/audio/speech"
            response = ApiError(error.status, message, error.reason.lower().replace(" ", "_")).response()
            if isinstance(error, web.HTTPMethodNotAllowed):
                response.headers["Allow"] = error.headers["Allow"]
            return response
        except Exception:
            context.log.exception("Request failed: %s %s", request.method, request.path[:80])
            return ApiError(500, "internal error; the log of the server has the cause", "internal_error").response()

    return report_errors


def _preflight(context: ApiContext) -> Middleware:
    @web.middleware
    async def answer_preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "OPTIONS" and request.headers.get("Origin") in context.settings.cors_origins:
            return web.Response(status=204, headers=CORS_HEADERS)
        return await handler(request)

    return answer_preflight


def _key_check(context: ApiContext) -> Middleware:
    @web.middleware
    async def check_key(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in SPEECH_ROUTES and not context.keys.accept(request.headers.get("Authorization", "")):
            raise ApiError(401, "missing or wrong key; send the header Authorization: Bearer KEY", "invalid_api_key")
        return await handler(request)

    return check_key


def _forbid(reason: str) -> web.StreamResponse:
    return ApiError(403, reason, "forbidden").response()


async def _add_headers(context: ApiContext, request: web.Request, response: web.StreamResponse) -> None:
    # aiohttp's default value would reveal the versions of Python and aiohttp.
    response.headers["Server"] = "wyoming-kokoro"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    origin = request.headers.get("Origin")
    if origin in context.settings.cors_origins:
        response.headers["Access-Control-Allow-Origin"] = origin or ""
        response.headers["Vary"] = "Origin"


async def _close(context: ApiContext, _: web.Application) -> None:
    await asyncio.to_thread(context.executor.shutdown)
