"""`/api/say`: speaks a text that the user types on the dashboard."""

from __future__ import annotations

from contextlib import aclosing

import msgspec
from aiohttp import web

from wyoming_kokoro import SAMPLE_RATE, LexiconError, SpeechError
from wyoming_kokoro_dashboard.context import DashboardContext
from wyoming_kokoro_dashboard.json_requests import read_json, reject
from wyoming_kokoro_dashboard.words import WordRequest, preview_text

MAX_CHARACTERS = 1000
# The registered type audio/L16 is big-endian. These samples are little-endian, which the page expects.
AUDIO_HEADERS = {"Content-Type": f"audio/L16;rate={SAMPLE_RATE};channels=1", "X-Sample-Rate": str(SAMPLE_RATE)}


class SayRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request."""

    text: str
    voice: str | None = None
    word: WordRequest | None = None
    """A word to hear in the text before it is taught."""


async def post_say(context: DashboardContext, request: web.Request) -> web.StreamResponse:
    """Answer with 16-bit little-endian mono samples while they are synthesized.

    An error before the first sample is answered with status 400; a later one closes the connection.
    """
    say_request = await read_json(request, SayRequest)
    text = say_request.text
    if not 0 < len(text) <= MAX_CHARACTERS:
        return reject(f"text must have 1 to {MAX_CHARACTERS} characters")
    response, client = web.StreamResponse(headers=AUDIO_HEADERS), request.remote or ""
    try:
        if say_request.word:
            text = await preview_text(context, text, say_request.word)
        async with aclosing(context.server.synthesize(text, say_request.voice, client=client)) as chunks:
            async for chunk in chunks:
                if not response.prepared:
                    await response.prepare(request)
                await response.write(chunk)
    except (LexiconError, SpeechError) as error:
        if response.prepared:
            raise
        return reject(error)
    return response
