"""Fakes and a running server, for our own tests and for those of plugin authors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from wyoming_kokoro.api.context import PluginContext
from wyoming_kokoro.api.memory import Pressure, Relief
from wyoming_kokoro.api.metrics import Advice, Figures, StageFacts
from wyoming_kokoro.api.observations import Observation
from wyoming_kokoro.api.phrase_cache import CacheStats, PhraseCache
from wyoming_kokoro.api.text import TextFilter
from wyoming_kokoro.api.warmup import Phrase, Warmth, WarmupStrategy
from wyoming_kokoro.config import Config
from wyoming_kokoro.metrics.collector import Tally
from wyoming_kokoro.pcm import to_pcm
from wyoming_kokoro.scheduling.admission import Admission
from wyoming_kokoro.scheduling.idle import Quiet
from wyoming_kokoro.scheduling.scheduler import Engine
from wyoming_kokoro.scheduling.worker import Steps
from wyoming_kokoro.server.listener import Listener, listen
from wyoming_kokoro.speech.phrase_cache import NOTHING, Nowhere
from wyoming_kokoro.speech.shared_synthesis import Sharing
from wyoming_kokoro.speech.synthesizer import Manner, Model, Speaker
from wyoming_kokoro.speech.tts import Narrator
from wyoming_kokoro.speech.voice_catalog import Cast
from wyoming_kokoro.synthesis.speech_model import Synthesis
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro.types import SAMPLE_RATE, Address, Voice

T = TypeVar("T")
FAKE_VOICES = (
    Voice("af_heart", "en-US", "A, Heart (US, female)", "A"),
    Voice("bf_emma", "en-GB", "B-, Emma (British, female)", "B-"),
)
PHONEME_SECONDS = 0.05
FAKE_FACTOR = 0.01
"""Seconds of work that a second of tone is taken to cost."""


@dataclass(slots=True)
class FakeServer:
    """A server as a service plugin sees it, which keeps account of what it is asked for."""

    addresses: Sequence[Address] = ()
    voices: Sequence[Voice] = FAKE_VOICES
    default_voice: Voice = FAKE_VOICES[0]
    quiet_seconds: float = 0.0
    is_stuck: bool = False
    warmup_strategies: Sequence[WarmupStrategy] = ()
    spoken: list[tuple[str, str | None]] = field(default_factory=list)
    warmed: list[Phrase] = field(default_factory=list)
    is_ready: bool = True
    timeline: Mapping[str, float] = field(default_factory=lambda: {"listening": 0.4, "ready": 0.8})
    stages: Sequence[StageFacts] = ()
    speaking: int = 0
    waiting: int = 0
    unit_seconds: float = 0.0
    kept: CacheStats = NOTHING
    advised: Sequence[Advice] = ()
    reliefs: Sequence[Relief] = ()
    """What there is to be given back."""
    pressures: list[Pressure] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    """What `figures` shows: let it observe what shall have happened."""

    @property
    def figures(self) -> Figures:
        """What `tally` observed."""
        return self.tally.figures

    async def cache_stats(self) -> CacheStats:
        """Return `kept`."""
        return self.kept

    async def advice(self) -> Sequence[Advice]:
        """Return `advised`."""
        return self.advised

    async def speak(self, text: str, voice: str | None = None) -> AsyncGenerator[bytes, None]:
        """Note the text and yield a sample of silence for each of its letters."""
        self.spoken.append((text, voice))
        yield bytes(2 * len(text))

    async def ready(self) -> None:
        """Return: it can speak."""

    async def warm(self, phrase: Phrase) -> Warmth:
        """Note `phrase`; each takes a second for two of speech, but once only."""
        known = phrase in self.warmed
        self.warmed.append(phrase)
        return Warmth() if known else Warmth(1.0, 2.0)

    async def relieve(self, pressure: Pressure) -> AsyncGenerator[Relief, None]:
        """Note how short memory is, and give back in turn what `reliefs` says."""
        self.pressures.append(pressure)
        for relief in self.reliefs:
            yield relief

    def observe(self, observation: Observation) -> None:
        """Note what happened, and count it."""
        self.observations.append(observation)
        self.tally.observe(observation)


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
    measured: Mapping[str, str] = MappingProxyType({})
    stages: Sequence[StageFacts] = ()

    def __init__(self) -> None:
        self.units: list[str] = []
        """Every phoneme that was made, in the order of the work."""
        self.pressures: list[Pressure] = []

    def steps(self, phonemes: str, voice: str, speed: float) -> Steps:
        """Yield a tone for each phoneme; the pitch is the voice's."""
        time = np.arange(int(SAMPLE_RATE * PHONEME_SECONDS / speed)) / SAMPLE_RATE
        tone = to_pcm((0.3 * np.sin(2 * np.pi * (200 + 10 * len(voice)) * time)).astype(np.float32))
        for phoneme in phonemes:
            self.units.append(phoneme)
            yield tone

    async def improve(self, engine: Engine, quiet: Quiet) -> None:
        """There is nothing to try."""

    async def relieve(self, pressure: Pressure, engine: Engine) -> AsyncGenerator[Relief, None]:  # noqa: ARG002
        """Note how short memory is, and give back a byte."""
        self.pressures.append(pressure)
        yield Relief("synthesis", 1)

    def close(self) -> None:
        """There is nothing to give back."""


@asynccontextmanager
async def fake_narrator(
    synthesis: Synthesis,
    config: Config | None = None,
    voices: Sequence[Voice] = FAKE_VOICES,
    filters: Sequence[TextFilter] = (),
    *,
    cache: PhraseCache | None = None,
    observe: Callable[[Observation], object] = id,
) -> AsyncIterator[Narrator]:
    """Open the real path from text to sound around `synthesis`; `cache` is open already."""
    config = config or Config()
    cache = cache or Nowhere()
    text = TextPipeline(filters, {voice.language: FakePhonemizer() for voice in voices}, cache, "fake")
    async with Engine() as engine:
        model = Model(asyncio.create_task(_given(synthesis)), asyncio.create_task(_given(synthesis.fingerprint)))
        manner = Manner(config.voice.speed, config.voice.volume)
        admission = Admission(lambda: FAKE_FACTOR)
        sharing = Sharing(engine)
        speaker = Speaker(text, cache, model, sharing, admission=admission, manner=manner, observe=observe)
        try:
            yield Narrator(speaker, Cast(voices, {voice.language for voice in voices}, config), config)
        finally:
            await asyncio.gather(model.opening, model.expected)
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


async def _given(thing: T) -> T:
    return thing
