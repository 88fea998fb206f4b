"""`POST /v1/audio/speech`."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager

from aiohttp import web

from wyoming_kokoro import SpeechError, WordTiming
from wyoming_kokoro_openai.context import ApiContext
from wyoming_kokoro_openai.encoders import FORMATS, PcmEncoder
from wyoming_kokoro_openai.errors import ApiError
from wyoming_kokoro_openai.speech_request import SpeechRequest, read_speech_request

MAX_ACTIVE_REQUESTS = 32

OnWords = Callable[[Sequence[WordTiming]], object]


async def post_speech(context: ApiContext, request: web.Request) -> web.StreamResponse:
    """Answer with the encoded audio, or with server-sent events, while it is synthesized."""
    # A slow body takes no place of another request.
    speech = await read_speech_request(context, request)
    with limit_requests(context):
        audio = encoded(context, speech)
        if speech.is_sse:
            headers = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
            return await send(context, request, headers, _events(audio))
        extension = next(name for name, known in FORMATS.items() if known is speech.audio_format)
        disposition = f"attachment; filename=speech.{extension}"
        headers = {"Content-Type": speech.audio_format.content_type, "Content-Disposition": disposition}
        return await send(context, request, headers, audio)


@contextmanager
def limit_requests(context: ApiContext) -> Iterator[None]:
    """Count a request for speech. Raises `ApiError` if there are too many."""
    if context.active_requests >= MAX_ACTIVE_REQUESTS:
        raise ApiError(429, f"more than {MAX_ACTIVE_REQUESTS} requests at once; try again shortly", "too_many_requests")
    context.active_requests += 1
    try:
        yield
    finally:
        context.active_requests -= 1


async def encoded(
    context: ApiContext, speech: SpeechRequest, on_words: OnWords | None = None
) -> AsyncGenerator[bytes, None]:
    """Yield the encoded audio. The text is synthesized no faster than the client takes it. Raises `SpeechError`."""
    loop = asyncio.get_running_loop()
    # The import of its package takes longer than the first sound of a distilled voice.
    creation = context.executor.submit(speech.audio_format.create, speech.rate)
    created = asyncio.wrap_future(creation)
    try:
        pcm = context.server.synthesize(
            speech.text,
            speech.voice,
            rate=speech.rate,
            style=speech.style,
            on_words=on_words,
            client=speech.client,
        )
        async with aclosing(pcm) as chunks:
            async for chunk in chunks:
                encoder = await created
                data = (
                    encoder.encode(chunk)
                    if isinstance(encoder, PcmEncoder)
                    else await loop.run_in_executor(context.executor, encoder.encode, chunk)
                )
                if data:
                    yield data
        encoder = await created
        if data := await loop.run_in_executor(context.executor, encoder.finish):
            yield data
    finally:
        # It may wait for a thread that still encodes.
        context.executor.submit(lambda: creation.result().close())


async def send(
    context: ApiContext, request: web.Request, headers: Mapping[str, str], parts: AsyncGenerator[bytes, None]
) -> web.StreamResponse:
    """Answer with `parts`. An error after the first one cuts the connection. Raises `ApiError` before it."""
    response = web.StreamResponse(headers=dict(headers))
    async with aclosing(parts):
        try:
            async for part in parts:
                if not response.prepared:
                    await response.prepare(request)
                await response.write(part)
        except SpeechError as error:
            if not response.prepared:
                raise ApiError.of_speech(error) from None
            context.log.warning("Speech failed after its beginning (%s); connection closed", error.code)
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError:
            context.log.debug("Client left")
    return response


async def _events(audio: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(audio):
        async for data in audio:
            yield _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})
    # Nothing is billed.
    usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    yield _event({"type": "speech.audio.done", "usage": usage})


def _event(event: Mapping[str, object]) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()
