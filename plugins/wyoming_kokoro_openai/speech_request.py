"""The body of a request for speech."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from wyoming_kokoro import SAMPLE_RATE, SpeechStyle, parse_json
from wyoming_kokoro_openai.context import ApiContext
from wyoming_kokoro_openai.encoders import FORMATS, AudioFormat
from wyoming_kokoro_openai.errors import ApiError

MODELS = ("kokoro", "tts-1", "tts-1-hd", "gpt-4o-mini-tts")
BODY_TIMEOUT_SECONDS = 20.0
# The letters of Kokoro's own text pipeline.
LANGUAGE_LETTERS = {
    "a": "en-US", "b": "en-GB", "e": "es", "f": "fr", "h": "hi", "i": "it", "j": "ja", "p": "pt-BR", "z": "zh",
}  # fmt: skip
_DATE = re.compile(r"-\d{4}(-\d\d-\d\d)?\Z")
_PARAM = re.compile(r"missing required field `(\w+)`| - at `\$\.(\w+)")


class VoiceObject(msgspec.Struct, frozen=True):
    """A voice as `{"id": ...}`."""

    id: str


class SpeechBody(msgspec.Struct, frozen=True):
    """The JSON object of a request. Unknown keys are ignored."""

    input: str
    model: str | None = None
    voice: str | VoiceObject | None = None
    response_format: str | None = None
    speed: Annotated[float, Meta(ge=0.25, le=4.0)] | None = None
    stream_format: str | None = None
    lang_code: str | None = None
    volume_multiplier: Annotated[float, Meta(ge=0.0, le=4.0)] | None = None
    sample_rate: int | None = None
    stream: bool | None = None
    """Of `/dev/captioned_speech` only, as `return_timestamps`."""
    return_timestamps: bool | None = None


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """A valid request."""

    text: str
    voice: str | None
    style: SpeechStyle
    audio_format: AudioFormat
    rate: int
    is_sse: bool
    is_streamed: bool
    has_timestamps: bool
    client: str
    """The address of the client."""


async def read_speech_request(context: ApiContext, request: web.Request) -> SpeechRequest:
    """Return the request in the body. Raises `ApiError`."""
    if request.content_type != "application/json":
        raise ApiError(415, "unsupported content type; send application/json", "unsupported_media_type")
    try:
        content = await asyncio.wait_for(request.read(), BODY_TIMEOUT_SECONDS)
    except asyncio.TimeoutError:
        raise ApiError(408, f"the body took longer than {BODY_TIMEOUT_SECONDS:g} s", "request_timeout") from None
    except (web.RequestPayloadError, ConnectionError):
        raise ApiError(400, "the body is damaged: wrong compression or chunks, or cut", "invalid_body") from None
    return parse_speech_request(context, content, request.remote or "")


def parse_speech_request(context: ApiContext, content: bytes, client: str = "") -> SpeechRequest:
    """Return the request in a JSON object. Raises `ApiError`."""
    try:
        # Templates make strings of numbers, which OpenAI and Kokoro-FastAPI accept.
        body = parse_json(content, SpeechBody, strict=False)
    except msgspec.ValidationError as error:
        found = _PARAM.search(str(error))
        param = found[1] or found[2] if found else None
        raise ApiError(400, f"invalid request body: {error}", "invalid_value", param) from None
    except ValueError as error:
        raise ApiError(400, f"invalid JSON: {error}", "invalid_json") from None
    if not body.input.strip():
        raise ApiError(400, "input is empty; send the text to speak", "invalid_value", "input")
    if body.model and not is_known_model(body.model):
        raise unknown_model(body.model)
    audio_format = FORMATS.get((body.response_format or "mp3").lower())
    if audio_format is None:
        raise _unsupported("response_format", FORMATS)
    if reason := audio_format.unavailable_reason:
        raise ApiError(400, reason, "unsupported_format", "response_format")
    if body.stream_format not in (None, "audio", "sse"):
        raise _unsupported("stream_format", ("audio", "sse"))
    rate = body.sample_rate or SAMPLE_RATE
    if rate not in audio_format.rates:
        raise _unsupported("sample_rate", map(str, audio_format.rates))
    volume = 1.0 if body.volume_multiplier is None else body.volume_multiplier
    language = LANGUAGE_LETTERS.get((body.lang_code or "").lower(), body.lang_code or "")
    return SpeechRequest(
        # Half of a surrogate pair is no character.
        text=body.input.encode("utf-8", "replace").decode(),
        voice=_find_voice(context, body.voice),
        style=SpeechStyle(body.speed or 1.0, volume, language),
        audio_format=audio_format,
        rate=rate,
        is_sse=body.stream_format == "sse",
        is_streamed=body.stream is not False,
        has_timestamps=body.return_timestamps is not False,
        client=client,
    )


def is_known_model(name: str) -> bool:
    """Return whether `name` is a model, or a dated one such as `tts-1-1106` and `gpt-4o-mini-tts-2025-12-15`."""
    return _DATE.sub("", name.lower()) in MODELS


def unknown_model(model: str) -> ApiError:
    """Return the error for a model that does not exist."""
    return ApiError(404, f"unknown model: {model[:80]!r}; use one of {', '.join(MODELS)}", "model_not_found", "model")


def _find_voice(context: ApiContext, voice: str | VoiceObject | None) -> str | None:
    name = voice.id if isinstance(voice, VoiceObject) else voice
    if not name:
        return None
    # A voice of the operator may have one of OpenAI's names.
    names = {**context.settings.voices, **{known.name: known.name for known in context.server.voices}}
    return names.get(name) or {known.lower(): target for known, target in names.items()}.get(name.lower(), name)


def _unsupported(param: str, known: Iterable[str]) -> ApiError:
    return ApiError(400, f"unsupported {param}; use one of {', '.join(known)}", "invalid_value", param)
