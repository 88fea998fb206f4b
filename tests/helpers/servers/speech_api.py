"""A running speech API, on a fake server or on the whole path with a fake model."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from wyoming_kokoro import SpeechStyle, WordTiming
from wyoming_kokoro.api.observations import Observation
from wyoming_kokoro.config import Config
from wyoming_kokoro.protocol.request_metrics import timed
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.testing import FakeServer, FakeSpeechModel, fake_tts
from wyoming_kokoro.types import SAMPLE_RATE
from wyoming_kokoro_openai import openai_service
from wyoming_kokoro_openai.api_keys import ApiKeys
from wyoming_kokoro_openai.context import ApiContext
from wyoming_kokoro_openai.settings import Settings

LOG = logging.getLogger("wyoming_kokoro.plugins.openai")


class SpeakingServer(FakeServer):
    """Speaks with a fake model, on the path of a real server."""

    def __init__(self, tts: TextToSpeech, observations: list[Observation]) -> None:
        super().__init__(voices=tts.voices, observations=observations)
        self.tts = tts

    def synthesize(
        self,
        text: str,
        voice: str | None = None,
        *,
        rate: int = SAMPLE_RATE,
        style: SpeechStyle | None = None,
        on_words: Callable[[Sequence[WordTiming]], object] | None = None,
        client: str = "",
    ) -> AsyncGenerator[bytes, None]:
        utterance = self.tts.utterance(voice, rate=rate, style=style, on_words=on_words, client=client)
        utterance.feed(text)
        utterance.finish()
        return timed(utterance, self.observations.append)


class SpeechApi:
    """An HTTP client of the API."""

    def __init__(self, client: httpx.AsyncClient, port: int, server: FakeServer) -> None:
        self.client = client
        self.port = port
        self.server = server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def speak(self, text: str = "hello there.", **options: Any) -> httpx.Response:
        return await self.client.post("/v1/audio/speech", json={"model": "tts-1", "input": text, **options})


def raw_request(body: bytes, length: int | None = None) -> bytes:
    """Return a request for speech as it is sent. `length` is the length that its head states."""
    return (
        "POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
    ).encode() + body


@asynccontextmanager
async def running_api(
    server: FakeServer | None = None, keys: Sequence[str] = (), **table: Any
) -> AsyncIterator[SpeechApi]:
    """Run the API of `server` on a free port, with the settings of `table`."""
    server = server or FakeServer()
    context = ApiContext(server, Settings(**{"port": 0, **table}), ApiKeys(keys), LOG)
    async with openai_service(context) as service:
        await asyncio.wait_for(service.is_listening.wait(), 60)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.port}", timeout=30) as client:
            yield SpeechApi(client, service.port, server)


@asynccontextmanager
async def speaking_api(
    model: FakeSpeechModel | None = None, config: Config | None = None, **options: Any
) -> AsyncIterator[SpeechApi]:
    """Run the API on the whole path with a fake model."""
    observations: list[Observation] = []
    async with (
        fake_tts(model or FakeSpeechModel(), config, observe=observations.append) as tts,
        running_api(SpeakingServer(tts, observations), **options) as api,
    ):
        yield api
