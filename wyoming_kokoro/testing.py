"""Fakes and a running server, for our own tests and for those of plugin authors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from wyoming_kokoro.config import Config
from wyoming_kokoro.context import PluginContext
from wyoming_kokoro.listener import Listener, listen
from wyoming_kokoro.speech.engine import Engine, Steps
from wyoming_kokoro.speech.narrator import Narrator
from wyoming_kokoro.speech.pcm import to_pcm
from wyoming_kokoro.speech.sharing import Sharing
from wyoming_kokoro.speech.speaker import Manner, Speaker
from wyoming_kokoro.speech.synthesis import Synthesis
from wyoming_kokoro.speech.utterance import Patience
from wyoming_kokoro.text.phonemes import TextPipeline
from wyoming_kokoro.types import SAMPLE_RATE, TextFilter, Voice

__all__ = [
    "FAKE_VOICES",
    "FakePhonemizer",
    "FakeSynthesis",
    "fake_narrator",
    "plugin_context",
    "running_server",
]

FAKE_VOICES = (
    Voice("af_heart", "en-US", "A, Heart (US, female)", "A"),
    Voice("bf_emma", "en-GB", "B-, Emma (British, female)", "B-"),
)
PHONEME_SECONDS = 0.05


def plugin_context(name: str, folder: Path, table: Mapping[str, Any] | None = None) -> PluginContext:
    """Return a context for a plugin's constructor, with its directories under `folder`."""
    log = logging.getLogger(f"wyoming_kokoro.plugins.{name}")
    return PluginContext(name, folder / "cache", folder / "state", log, table or {})


class FakePhonemizer:
    """Says every letter of the text as it is written."""

    def phonemize(self, text: str) -> str:
        """Return `text` in lower case."""
        return text.lower()


class FakeSynthesis:
    """Speaks 50 ms of tone a phoneme, a phoneme a unit of work, and keeps account of what it did."""

    fingerprint = "fake"

    def __init__(self) -> None:
        self.units: list[str] = []
        """Every phoneme that was made, in the order of the work."""

    def steps(self, phonemes: str, voice: str, speed: float) -> Steps:
        """Yield a tone for each phoneme; the pitch is the voice's."""
        time = np.arange(int(SAMPLE_RATE * PHONEME_SECONDS / speed)) / SAMPLE_RATE
        tone = to_pcm((0.3 * np.sin(2 * np.pi * (200 + 10 * len(voice)) * time)).astype(np.float32))
        for phoneme in phonemes:
            self.units.append(phoneme)
            yield tone

    def close(self) -> None:
        """There is nothing to give back."""


@asynccontextmanager
async def fake_narrator(
    synthesis: Synthesis,
    config: Config | None = None,
    voices: Sequence[Voice] = FAKE_VOICES,
    filters: Sequence[TextFilter] = (),
) -> AsyncIterator[Narrator]:
    """Open the real path from text to sound around `synthesis`."""
    config = config or Config()
    text = TextPipeline(filters, {voice.language: FakePhonemizer() for voice in voices})
    async with Engine() as engine:
        opened = asyncio.create_task(_opened(synthesis))
        speaker = Speaker(text, opened, Sharing(engine), Manner(config.voice.speed, config.voice.volume))
        server = config.server
        patience = Patience(server.pause_seconds, server.idle_seconds, server.max_text_characters)
        try:
            yield Narrator(speaker, voices, config.voice.name, config.speech, patience)
        finally:
            await opened
            await text.close()


@asynccontextmanager
async def running_server(synthesis: Synthesis, config: Config | None = None) -> AsyncIterator[Listener]:
    """Serve `synthesis` on a free port of the loopback interface, or where `config` says."""
    config = config or Config()
    server = config.server
    if server.uri == type(server)().uri:
        config = replace(config, server=replace(server, uri="tcp://127.0.0.1:0"))
    async with (
        fake_narrator(synthesis, config) as narrator,
        listen(config.server, narrator) as listener,
    ):
        yield listener


async def _opened(synthesis: Synthesis) -> Synthesis:
    return synthesis
