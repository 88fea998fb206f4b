"""`POST /dev/captioned_speech`: audio with the time of each word."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from aiohttp import web

from wyoming_kokoro import WordTiming
from wyoming_kokoro.subtitles import json_word
from wyoming_kokoro_openai.context import ApiContext
from wyoming_kokoro_openai.speech import encoded, limit_requests, send
from wyoming_kokoro_openai.speech_request import SpeechRequest, read_speech_request


async def post_captioned_speech(context: ApiContext, request: web.Request) -> web.StreamResponse:
    """Answer with one JSON object, or with one in each line while the audio is synthesized."""
    speech = await read_speech_request(context, request)
    with limit_requests(context):
        answer = _lines if speech.is_streamed else _object
        kind = "application/x-ndjson" if speech.is_streamed else "application/json"
        headers = {"Content-Type": kind, "X-Accel-Buffering": "no"}
        return await send(context, request, headers, answer(context, speech))


class _Words:
    """Collects the words of the segments, in the time of the decoded audio."""

    def __init__(self, speech: SpeechRequest) -> None:
        self._delay = speech.audio_format.delay_samples / speech.rate
        self._words: list[dict[str, str | float]] = []

    def add(self, words: Sequence[WordTiming]) -> None:
        """Add the words of a segment."""
        delayed = (replace(word, start=word.start + self._delay, end=word.end + self._delay) for word in words)
        self._words += map(json_word, delayed)

    def take(self) -> list[dict[str, str | float]]:
        """Return the words since the last call."""
        words, self._words = self._words, []
        return words


async def _lines(context: ApiContext, speech: SpeechRequest) -> AsyncGenerator[bytes, None]:
    words = _Words(speech)
    async with aclosing(encoded(context, speech, words.add if speech.has_timestamps else None)) as audio:
        async for data in audio:
            yield _line(speech, data, words)
    # The words of the last segment come after its audio.
    yield _line(speech, b"", words)


def _line(speech: SpeechRequest, data: bytes, words: _Words) -> bytes:
    content = {
        "audio": base64.b64encode(data).decode(),
        "audio_format": speech.audio_format.content_type,
        "timestamps": words.take(),
    }
    return json.dumps(content, ensure_ascii=False).encode() + b"\n"


async def _object(context: ApiContext, speech: SpeechRequest) -> AsyncGenerator[bytes, None]:
    """Yield the parts of one object, so that long audio needs no memory."""
    words, start, rest = _Words(speech), b'{"audio": "', b""
    timestamps: list[dict[str, str | float]] = []
    async with aclosing(encoded(context, speech, words.add if speech.has_timestamps else None)) as audio:
        async for data in audio:
            rest += data
            # Base64 has four characters for three bytes.
            end = len(rest) - len(rest) % 3
            yield start + base64.b64encode(rest[:end])
            start, rest = b"", rest[end:]
            timestamps += words.take()
    timestamps += words.take()
    fields = {"audio_format": speech.audio_format.content_type, "timestamps": timestamps}
    yield base64.b64encode(rest) + b'", ' + json.dumps(fields, ensure_ascii=False).encode()[1:]
