"""`/api/say`: speaks a text that the user types on the dashboard."""

from __future__ import annotations

from contextlib import aclosing

import msgspec
from aiohttp import web

from wyoming_kokoro import SAMPLE_RATE, SpeechError
from wyoming_kokoro_dashboard.context import DashboardContext

MAX_CHARACTERS = 1000
# The registered type audio/L16 is big-endian. These samples are little-endian, which the page expects.
AUDIO_HEADERS = {"Content-Type": f"audio/L16;rate={SAMPLE_RATE};channels=1", "X-Sample-Rate": str(SAMPLE_RATE)}


class SayRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request."""

    text: str
    voice: str | None = None


async def post_say(context: DashboardContext, request: web.Request) -> web.StreamResponse:
    """Answer with 16-bit little-endian mono samples while they are synthesized.

    An error before the first sample is answered with status 400; a later one closes the connection.
    """
    # HTML forms of other websites cannot send this content type.
    if request.content_type != "application/json":
        return _reject(415, 'send {"text": ..., "voice": ...} as application/json')
    try:
        say_request = msgspec.json.decode(await request.read(), type=SayRequest)
    except msgspec.DecodeError as error:
        return _reject(400, f"invalid request body: {error}")
    if not 0 < len(say_request.text) <= MAX_CHARACTERS:
        return _reject(400, f"text must have 1 to {MAX_CHARACTERS} characters")
    response = web.StreamResponse(headers=AUDIO_HEADERS)
    try:
        async with aclosing(context.server.synthesize(say_request.text, say_request.voice)) as chunks:
            async for chunk in chunks:
                if not response.prepared:
                    await response.prepare(request)
                await response.write(chunk)
    except SpeechError as error:
        if response.prepared:
            raise
        return _reject(400, str(error))
    return response


def _reject(status: int, reason: str) -> web.Response:
    return web.Response(status=status, text=f"{reason}\n")
