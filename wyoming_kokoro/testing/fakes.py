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
from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.metrics import Advice, Metrics, StageStatus
from wyoming_kokoro.api.observations import Observation
from wyoming_kokoro.api.phrase_cache import CacheStats, PhraseCache
from wyoming_kokoro.api.text import TextFilter
from wyoming_kokoro.api.warmup import Phrase, WarmupResult, WarmupStrategy
from wyoming_kokoro.config import Config
from wyoming_kokoro.metrics.collector import MetricsCollector
from wyoming_kokoro.pcm import to_pcm
from wyoming_kokoro.scheduling.admission import AdmissionControl
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.server.listener import Listener, listen
from wyoming_kokoro.speech.pending_model import PendingModel
from wyoming_kokoro.speech.phrase_cache import NO_CACHE_STATS, NullPhraseCache
from wyoming_kokoro.speech.shared_synthesis import SharedSyntheses
from wyoming_kokoro.speech.synthesizer import SegmentSynthesizer
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog
from wyoming_kokoro.synthesis.speech_model import SpeechModel
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro.types import SAMPLE_RATE, Address, Voice

T = TypeVar("T")
FAKE_VOICES = (
    Voice("af_heart", "en-US", "A, Heart (US, female)", "A"),
    Voice("bf_emma", "en-GB", "B-, Emma (British, female)", "B-"),
)
PHONEME_SECONDS = 0.05
FAKE_RTF = 0.01
"""Seconds of work that a second of tone is taken to cost."""


@dataclass(slots=True)
class FakeServer:
    """A server as a service plugin sees it, which keeps account of what it is asked for."""

    addresses: Sequence[Address] = ()
    voices: Sequence[Voice] = FAKE_VOICES
    default_voice: Voice = FAKE_VOICES[0]
    idle_seconds: float = 0.0
    is_stuck: bool = False
    warmup_strategies: Sequence[WarmupStrategy] = ()
    spoken: list[tuple[str, str | None]] = field(default_factory=list)
    warmed: list[Phrase] = field(default_factory=list)
    is_ready: bool = True
    timeline: Mapping[str, float] = field(default_factory=lambda: {"listening": 0.4, "ready": 0.8})
    stages: Sequence[StageStatus] = ()
    speaking: int = 0
    waiting: int = 0
    running_unit_seconds: float = 0.0
    phrase_cache_stats: CacheStats = NO_CACHE_STATS
    recommendations: Sequence[Advice] = ()
    freed: Sequence[FreedMemory] = ()
    """What there is to be given back."""
    pressures: list[MemoryPressure] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    collector: MetricsCollector = field(default_factory=MetricsCollector)
    """What `figures` shows: let it observe what shall have happened."""

    @property
    def metrics(self) -> Metrics:
        """What `tally` observed."""
        return self.collector.metrics

    async def cache_stats(self) -> CacheStats:
        """Return `kept`."""
        return self.phrase_cache_stats

    async def advice(self) -> Sequence[Advice]:
        """Return `advised`."""
        return self.recommendations

    async def speak(self, text: str, voice: str | None = None) -> AsyncGenerator[bytes, None]:
        """Note the text and yield a sample of silence for each of its letters."""
        self.spoken.append((text, voice))
        yield bytes(2 * len(text))

    async def ready(self) -> None:
        """Return: it can speak."""

    async def warm(self, phrase: Phrase) -> WarmupResult:
        """Note `phrase`; each takes a second for two of speech, but once only."""
        known = phrase in self.warmed
        self.warmed.append(phrase)
        return WarmupResult() if known else WarmupResult(1.0, 2.0)

    async def free_memory(self, pressure: MemoryPressure) -> AsyncGenerator[FreedMemory, None]:
        """Note how short memory is, and give back in turn what `reliefs` says."""
        self.pressures.append(pressure)
        for relief in self.freed:
            yield relief

    def emit(self, observation: Observation) -> None:
        """Note what happened, and count it."""
        self.observations.append(observation)
        self.collector.observe(observation)


def plugin_context(name: str, folder: Path, table: Mapping[str, Any] | None = None) -> PluginContext:
    """Return a context for a plugin's constructor, with its directories under `folder`."""
    log = logging.getLogger(f"wyoming_kokoro.plugins.{name}")
    return PluginContext(name, folder / "cache", folder / "state", log, table or {})


class FakePhonemizer:
    """Says every letter of the text as it is written."""

    def phonemize(self, text: str) -> str:
        """Return `text` in lower case."""
        return text.lower()


class FakeSpeechModel:
    """Speaks 50 ms of tone a phoneme, a phoneme a unit of work, and keeps account of what it did."""

    fingerprint = "fake"
    trial_reports: Mapping[str, str] = MappingProxyType({})
    stages: Sequence[StageStatus] = ()

    def __init__(self) -> None:
        self.units: list[str] = []
        """Every phoneme that was made, in the order of the work."""
        self.pressures: list[MemoryPressure] = []

    def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
        """Yield a tone for each phoneme; the pitch is the voice's."""
        time = np.arange(int(SAMPLE_RATE * PHONEME_SECONDS / speed)) / SAMPLE_RATE
        tone = to_pcm((0.3 * np.sin(2 * np.pi * (200 + 10 * len(voice)) * time)).astype(np.float32))
        for phoneme in phonemes:
            self.units.append(phoneme)
            yield tone

    async def run_trials(self, scheduler: Scheduler, idle_timer: IdleTimer) -> None:
        """There is nothing to try."""

    async def free_memory(self, pressure: MemoryPressure, scheduler: Scheduler) -> AsyncGenerator[FreedMemory, None]:  # noqa: ARG002
        """Note how short memory is, and give back a byte."""
        self.pressures.append(pressure)
        yield FreedMemory("synthesis", 1)

    def close(self) -> None:
        """There is nothing to give back."""


@asynccontextmanager
async def fake_tts(
    synthesis: SpeechModel,
    config: Config | None = None,
    voices: Sequence[Voice] = FAKE_VOICES,
    filters: Sequence[TextFilter] = (),
    *,
    cache: PhraseCache | None = None,
    observe: Callable[[Observation], object] = id,
) -> AsyncIterator[TextToSpeech]:
    """Open the real path from text to sound around `synthesis`; `cache` is open already."""
    config = config or Config()
    cache = cache or NullPhraseCache()
    text = TextPipeline(filters, {voice.language: FakePhonemizer() for voice in voices}, cache, "fake")
    async with Scheduler() as engine:
        model = PendingModel(asyncio.create_task(_given(synthesis)), asyncio.create_task(_given(synthesis.fingerprint)))
        admission = AdmissionControl(lambda: FAKE_RTF)
        sharing = SharedSyntheses(engine)
        speaker = SegmentSynthesizer(
            text, cache, model, sharing, admission=admission, defaults=config.voice, observe=observe
        )
        try:
            yield TextToSpeech(speaker, VoiceCatalog(voices, {voice.language for voice in voices}, config), config)
        finally:
            await asyncio.gather(model.opening, model.expected_fingerprint)
            await text.close()


@asynccontextmanager
async def running_server(synthesis: SpeechModel, config: Config | None = None) -> AsyncIterator[Listener]:
    """Serve `synthesis` on a free port of the loopback interface, or where `config` says."""
    config = config or Config()
    server = config.server
    if server.uri == type(server)().uri:
        config = replace(config, server=replace(server, uri="tcp://127.0.0.1:0"))
    async with (
        fake_tts(synthesis, config) as narrator,
        listen(config.server, narrator) as listener,
    ):
        yield listener


async def _given(thing: T) -> T:
    return thing
