"""Fakes of the server and the model, and a server that runs with a fake model."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from wyoming_kokoro.api.context import PluginContext
from wyoming_kokoro.api.lexicon import Lexicon
from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.metrics import Advice, Metrics, ModelStatus, StageStatus
from wyoming_kokoro.api.observations import Observation
from wyoming_kokoro.api.phrase_cache import CacheStats, PhraseCache
from wyoming_kokoro.api.speech_models import Quality, SpeechModel, SpeechStyle, WordTiming
from wyoming_kokoro.api.text import TextFilter
from wyoming_kokoro.api.warmup import Phrase, WarmupResult, WarmupStrategy
from wyoming_kokoro.config import Config
from wyoming_kokoro.metrics.collector import MetricsCollector
from wyoming_kokoro.model.blend import Blend
from wyoming_kokoro.pcm import silence, to_pcm
from wyoming_kokoro.scheduling.admission import AdmissionControl
from wyoming_kokoro.scheduling.costs import MeasuredCosts, UnitCosts
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.server.listener import Listener, listen
from wyoming_kokoro.speech.model_selector import ModelSelector
from wyoming_kokoro.speech.pending_model import PendingModel
from wyoming_kokoro.speech.phrase_cache import NO_CACHE_STATS, NullPhraseCache
from wyoming_kokoro.speech.shared_synthesis import SharedSyntheses
from wyoming_kokoro.speech.synthesizer import SegmentSynthesizer
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro.text.word_timings.timing import SOUND_LEAD_SECONDS
from wyoming_kokoro.types import SAMPLE_RATE, Address, Advertised, Pcm, Voice, ignore

FAKE_VOICES = (
    Voice("af_heart", "en-US", "A, Heart (US, female)", "A"),
    Voice("bf_emma", "en-GB", "B-, Emma (British, female)", "B-"),
)
PHONEME_SECONDS = 0.05


@dataclass(slots=True)
class FakeServer:
    """A `Server` with settable properties that records all calls."""

    addresses: Sequence[Address] = ()
    advertised: Advertised = "own"
    voices: Sequence[Voice] = FAKE_VOICES
    default_voice: Voice = FAKE_VOICES[0]
    idle_seconds: float = 0.0
    is_stuck: bool = False
    warmup_strategies: Sequence[WarmupStrategy] = ()
    spoken: list[tuple[str, str | None]] = field(default_factory=list)
    styles: list[SpeechStyle | None] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)
    warmed: list[Phrase] = field(default_factory=list)
    is_ready: bool = True
    is_overloaded: bool = False
    problems: Sequence[str] = ()
    timeline: Mapping[str, float] = field(default_factory=lambda: {"listening": 0.4, "ready": 0.8})
    stages: Sequence[StageStatus] = ()
    models: Sequence[ModelStatus] = ()
    active_requests: int = 0
    waiting_syntheses: int = 0
    waiting_requests: int = 0
    running_unit_seconds: float = 0.0
    phrase_cache_stats: CacheStats = NO_CACHE_STATS
    recommendations: Sequence[Advice] = ()
    lexicon: Lexicon | None = None
    freed: Sequence[FreedMemory] = ()
    """The steps of `free_memory`."""
    pressures: list[MemoryPressure] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    collector: MetricsCollector = field(default_factory=MetricsCollector)
    """The source of `metrics`. Pass observations to it to change them."""

    @property
    def metrics(self) -> Metrics:
        """Return the metrics of `collector`."""
        return self.collector.metrics

    async def cache_stats(self) -> CacheStats:
        """Return `phrase_cache_stats`."""
        return self.phrase_cache_stats

    async def advice(self, *, with_text: bool) -> Sequence[Advice]:  # noqa: ARG002 they quote nothing
        """Return `recommendations`."""
        return self.recommendations

    async def synthesize(
        self,
        text: str,
        voice: str | None = None,
        *,
        rate: int = SAMPLE_RATE,  # noqa: ARG002 silence is the same at every rate
        style: SpeechStyle | None = None,
        on_words: Callable[[Sequence[WordTiming]], object] | None = None,  # noqa: ARG002 nothing is spoken
        client: str = "",
    ) -> AsyncGenerator[bytes, None]:
        """Record the text, the style and the client, and yield one sample of silence per character."""
        self.spoken.append((text, voice))
        self.styles.append(style)
        self.clients.append(client)
        yield bytes(2 * len(text))

    async def ready(self) -> None:
        """Return at once."""

    async def warm(self, phrase: Phrase) -> WarmupResult:
        """Record `phrase`. A new phrase takes 1 s and has 2 s of speech."""
        is_cached = phrase in self.warmed
        self.warmed.append(phrase)
        return WarmupResult() if is_cached else WarmupResult(1.0, 2.0)

    async def free_memory(self, pressure: MemoryPressure) -> AsyncGenerator[FreedMemory, None]:
        """Record `pressure`, and yield the steps in `freed`."""
        self.pressures.append(pressure)
        for step in self.freed:
            yield step

    def emit(self, observation: Observation) -> None:
        """Record and count an observation."""
        self.observations.append(observation)
        self.collector.observe(observation)


def plugin_context(name: str, folder: Path, table: Mapping[str, Any] | None = None) -> PluginContext:
    """Return a context with directories below `folder`."""
    log = logging.getLogger(f"wyoming_kokoro.plugins.{name}")
    return PluginContext(name, folder / "cache", folder / "state", log, table or {})


class FakePhonemizer:
    """Uses the letters of the text as phonemes."""

    def phonemize(self, text: str) -> str:
        """Return `text` in lower case."""
        return text.lower()


class FakeMachine(UnitCosts):
    """The measured speed of the full model."""

    def __init__(self, rtf: float = 0.01, first_seconds: float | None = 0.01) -> None:
        super().__init__()
        self.first_seconds = first_seconds
        self.set_rtf(rtf)

    def set_rtf(self, rtf: float) -> None:
        """Set the measured RTF; 0: it is unknown."""
        self.measured = MeasuredCosts([0.0] * 4, rtf, rtf, speech_seconds=60.0 if rtf else 0.0)

    def first_audio_seconds(self, phoneme_count: int) -> float | None:  # noqa: ARG002 any text takes as long
        """Return `first_seconds`."""
        return self.first_seconds


class FakeSpeechModel:
    """Synthesizes 50 ms of a tone for each phoneme. Each phoneme is one unit of work."""

    languages = frozenset({"en-US", "en-GB"})
    alphabet = ""
    trial_reports: Mapping[str, str] = MappingProxyType({})
    stages: Sequence[StageStatus] = ()

    def __init__(
        self, name: str = "fake", quality: Quality = "full", voices: Sequence[str] = ("af_heart", "bf_emma")
    ) -> None:
        self.name = self.fingerprint = name
        self.quality = quality
        self.voices = frozenset(voices)
        self.failure: Exception | None = None
        """Raised by `open` and by each unit."""
        self.open_count = 0
        self.units: list[str] = []
        """All synthesized phonemes in chronological order."""
        self.pressures: list[MemoryPressure] = []
        self.knows_times = True

    def open(self) -> None:
        """Count the call, or raise `failure`."""
        self.open_count += 1
        if self.failure:
            raise self.failure

    def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
        """Yield a tone for each phoneme. Its pitch depends on the voice. Raises `ValueError` for an unknown voice."""
        if not self.voices.issuperset(Blend.parse(voice).names):
            raise ValueError(f"no voice {voice}")
        time = np.arange(int(SAMPLE_RATE * PHONEME_SECONDS / speed)) / SAMPLE_RATE
        tone = to_pcm((0.3 * np.sin(2 * np.pi * (200 + 10 * len(voice)) * time)).astype(np.float32))
        for phoneme in phonemes:
            if self.failure:
                raise self.failure
            self.units.append(phoneme)
            yield tone

    def time_phonemes(self, phonemes: str, voice: str, speed: float) -> Generator[Pcm, None, Sequence[float]]:  # noqa: ARG002
        """Return the times of the tones if `knows_times`. Raises `failure`."""
        yield silence(0)
        if self.failure:
            raise self.failure
        seconds = int(SAMPLE_RATE * PHONEME_SECONDS / speed) / SAMPLE_RATE
        times = [count * seconds + SOUND_LEAD_SECONDS / speed for count in range(len(phonemes) + 1)]
        return times if self.knows_times else ()

    async def run_trials(self, scheduler: Scheduler, idle_timer: IdleTimer) -> None:
        """Do nothing."""

    async def free_memory(self, pressure: MemoryPressure, scheduler: Scheduler) -> AsyncGenerator[FreedMemory, None]:  # noqa: ARG002
        """Record `pressure`, and pretend to free one byte."""
        self.pressures.append(pressure)
        yield FreedMemory("synthesis", 1)

    def close(self) -> None:
        """Do nothing."""


@asynccontextmanager
async def fake_tts(
    model: SpeechModel,
    config: Config | None = None,
    voices: Sequence[Voice] = FAKE_VOICES,
    filters: Sequence[TextFilter] = (),
    *,
    cache: PhraseCache | None = None,
    observe: Callable[[Observation], object] = ignore,
    distilled: Sequence[SpeechModel] = (),
    machine: FakeMachine | None = None,
    chimes: Mapping[str, Pcm] | None = None,
) -> AsyncIterator[TextToSpeech]:
    """Open the real path from text to PCM. `model` speaks as the full model; `cache` must be open."""
    config, machine = config or Config(), machine or FakeMachine()
    cache = cache or NullPhraseCache()
    text = TextPipeline(filters, {voice.language: FakePhonemizer() for voice in voices}, cache, "fake")
    async with Scheduler() as scheduler:
        full = PendingModel(model)
        opened = [PendingModel(item) for item in distilled]
        selector = ModelSelector(full, opened, AdmissionControl(machine), machine.first_audio_seconds)
        synthesizer = SegmentSynthesizer(text, cache, selector, SharedSyntheses(scheduler), observe=observe)
        catalog = VoiceCatalog(voices, {voice.language for voice in voices}, config)
        try:
            yield TextToSpeech(synthesizer, catalog, config, chimes or {})
        finally:
            for pending in (full, *opened):
                await pending.close()
            await text.close()


@asynccontextmanager
async def running_server(model: SpeechModel, config: Config | None = None) -> AsyncIterator[Listener]:
    """Run a server with `model` on a free loopback port, or at the URI of `config`."""
    config = config or Config()
    server = config.server
    if server.uri == type(server)().uri:
        config = replace(config, server=replace(server, uri="tcp://127.0.0.1:0"))
    async with fake_tts(model, config) as tts, listen(config.server, tts) as listener:
        yield listener
