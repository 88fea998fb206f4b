"""The models and the voices."""

from __future__ import annotations

from aiohttp import web

from wyoming_kokoro_openai.context import ApiContext
from wyoming_kokoro_openai.speech_request import MODELS, is_known_model, unknown_model

# The day on which Kokoro 1.0 was published.
CREATED_AT = 1_737_936_000


async def get_models(_: ApiContext, __: web.Request) -> web.Response:
    """Answer with all models."""
    return web.json_response({"object": "list", "data": [_model(name) for name in MODELS]})


async def get_model(_: ApiContext, request: web.Request) -> web.Response:
    """Answer with one model."""
    name = request.match_info["id"]
    if not is_known_model(name):
        raise unknown_model(name)
    return web.json_response(_model(name))


async def get_audio_models(_: ApiContext, __: web.Request) -> web.Response:
    """Answer with the models as Open WebUI reads them."""
    return web.json_response({"models": [{"id": name, "name": name} for name in MODELS]})


async def get_voices(context: ApiContext, request: web.Request) -> web.Response:
    """Answer with the voices of the server, then with OpenAI's names for them."""
    voices = [
        {"id": voice.name, "name": voice.description, "language": voice.language} for voice in context.server.voices
    ]
    languages = {voice["id"]: voice["language"] for voice in voices}
    voices += [
        {"id": name, "name": f"{name} ({target})", "language": languages[target]}
        for name, target in context.settings.voices.items()
        if target in languages and name not in languages
    ]
    if request.query.get("legacy", "").lower() in ("1", "true"):
        return web.json_response({"voices": [voice["id"] for voice in voices]})
    return web.json_response({"voices": voices})


async def get_test(_: ApiContext, __: web.Request) -> web.Response:
    """Answer as Kokoro-FastAPI, so that wyoming_openai asks for the list of voices."""
    return web.json_response({"status": "ok"})


async def get_health(context: ApiContext, _: web.Request) -> web.Response:
    """Answer as Kokoro-FastAPI, for scripts that wait until it can speak."""
    is_healthy = context.server.is_ready and not context.server.is_stuck
    return web.json_response({"status": "healthy" if is_healthy else "unhealthy"}, status=200 if is_healthy else 503)


def _model(name: str) -> dict[str, str | int]:
    return {"id": name, "object": "model", "created": CREATED_AT, "owned_by": "wyoming-kokoro"}
