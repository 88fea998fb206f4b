"""`/api/say` speaks what the page's owner typed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing

import msgspec
from aiohttp import web

from wyoming_kokoro import SAMPLE_RATE, SpeechError
from wyoming_kokoro_dashboard.context import DashboardContext

MAX_CHARACTERS = 1000
HEADERS = {"Content-Type": f"audio/L16;rate={SAMPLE_RATE};channels=1", "X-Sample-Rate": str(SAMPLE_RATE)}
"""Little-endian samples, unlike the registered type's: the page knows."""


class SayRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall be said."""

    text: str
    voice: str | None = None


def routes(context: DashboardContext) -> Iterable[web.AbstractRouteDef]:
    """Return the routes of this module."""

    async def say(request: web.Request) -> web.StreamResponse:
        if request.content_type != "application/json":  # which no form of another page can send unasked
            return _refused(415, 'send {"text": ..., "voice": ...} as application/json')
        try:
            wish = msgspec.json.decode(await request.read(), type=SayRequest)
        except msgspec.DecodeError as error:
            return _refused(400, f"this is no wish: {error}")
        if not 0 < len(wish.text) <= MAX_CHARACTERS:
            return _refused(400, f"text has 1 to {MAX_CHARACTERS} characters")
        return await _spoken(context, wish, request)

    return [web.post("/api/say", say)]


async def _spoken(context: DashboardContext, wish: SayRequest, request: web.Request) -> web.StreamResponse:
    """Answer with samples as they are made: s16le, mono. What fails before the first of them is told."""
    response = web.StreamResponse(headers=HEADERS)
    try:
        async with aclosing(context.server.speak(wish.text, wish.voice)) as sounds:
            async for sound in sounds:
                if not response.prepared:
                    await response.prepare(request)
                await response.write(sound)
    except SpeechError as error:
        if response.prepared:
            raise  # the connection breaks: what came is not all
        return _refused(400, str(error))
    return response


def _refused(status: int, why: str) -> web.Response:
    return web.Response(status=status, text=f"{why}\n")
