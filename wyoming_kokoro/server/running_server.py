"""Implements the `Server` role, through which service plugins use the server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing

from wyoming_kokoro.api.lexicon import Lexicon
from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.metrics import Advice, Metrics, ModelStatus, StageStatus
from wyoming_kokoro.api.observations import Observation
from wyoming_kokoro.api.phrase_cache import CacheStats
from wyoming_kokoro.api.speech_models import SpeechStyle, WordTiming
from wyoming_kokoro.api.warmup import Phrase, WarmupResult, WarmupStrategy
from wyoming_kokoro.backend import Backend
from wyoming_kokoro.config import Config
from wyoming_kokoro.metrics.advice import AdviceInput, recommend
from wyoming_kokoro.metrics.advice_file import redact
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.protocol.request_metrics import timed
from wyoming_kokoro.server.endpoints import parse_networks
from wyoming_kokoro.server.listener import Listener
from wyoming_kokoro.server.startup_timeline import StartupTimeline
from wyoming_kokoro.speech.chimes import load_chimes
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.types import SAMPLE_RATE, Address, Advertised, Voice


class RunningServer:
    """The running server, as its service plugins see it."""

    def __init__(
        self, backend: Backend, listener: Listener, config: Config, timeline: StartupTimeline, plugins: PluginManager
    ) -> None:
        self.backend = backend
        self.listener = listener
        self.config = config
        self._timeline = timeline
        self._plugins = plugins

    @property
    def default_voice(self) -> Voice:
        """The voice of requests that name none."""
        return self.backend.tts.default_voice

    @property
    def warmup_strategies(self) -> Sequence[WarmupStrategy]:
        """The strategies of all plugins; empty without a phrase cache."""
        return self.backend.warmup_strategies

    @property
    def idle_seconds(self) -> float:
        """Seconds since the last active request; 0 while one is active."""
        return self.backend.tts.idle_timer.seconds

    @property
    def is_stuck(self) -> bool:
        """Whether the last inference did not return."""
        return self.backend.scheduler.is_stuck

    async def ready(self) -> None:
        """Wait until new text can be spoken in the default voice. Raises `StartupError` if no model can be opened."""
        await asyncio.shield(self.backend.ready_task)

    async def warm(self, phrase: Phrase) -> WarmupResult:
        """Synthesize `phrase` into the phrase cache. Requests of clients go first."""
        return await self.backend.tts.warm(phrase)

    @property
    def addresses(self) -> Sequence[Address]:
        """The bound TCP addresses; empty for `unix://` and `stdio://`."""
        return self.listener.addresses

    @property
    def advertised(self) -> Advertised:
        """What Home Assistant discovers."""
        return self.listener.advertised

    @property
    def voices(self) -> Sequence[Voice]:
        """The advertised voices."""
        return self.backend.tts.voices

    @property
    def is_ready(self) -> bool:
        """Whether new text can be spoken in the default voice."""
        return self.backend.is_ready

    @property
    def problems(self) -> Sequence[str]:
        """What does not work, one line each."""
        return self.backend.problems

    @property
    def is_overloaded(self) -> bool:
        """Whether a new request would wait for too long."""
        return self.backend.overload.is_overloaded

    @property
    def lexicon(self) -> Lexicon | None:
        """The words that users can teach; None without a plugin for them."""
        return self.backend.lexicon

    @property
    def timeline(self) -> Mapping[str, float]:
        """When each part became ready, in seconds since the process started."""
        return self._timeline.moments

    @property
    def metrics(self) -> Metrics:
        """What the server has counted since it started."""
        return self.backend.metrics.metrics

    @property
    def stages(self) -> Sequence[StageStatus]:
        """The provider of each model stage; empty before the model is open."""
        return self.backend.model.stages if self.backend.model else ()

    @property
    def models(self) -> Sequence[ModelStatus]:
        """The full model, then the distilled ones."""
        return self.backend.models.statuses

    @property
    def active_requests(self) -> int:
        """The number of active requests."""
        return self.backend.tts.idle_timer.active_count

    @property
    def waiting_syntheses(self) -> int:
        """The number of syntheses that wait for the model."""
        return self.backend.scheduler.waiting_count

    @property
    def waiting_requests(self) -> int:
        """The number of requests that wait until the full model has time for them."""
        return self.backend.models.admission.waiting_count

    @property
    def running_unit_seconds(self) -> float:
        """Seconds that the current unit of work has run."""
        return self.backend.scheduler.running_unit_seconds

    async def cache_stats(self) -> CacheStats:
        """Return the size and the hit rate of the phrase cache."""
        return await self.backend.cache.stats()

    async def advice(self, *, with_text: bool) -> Sequence[Advice]:
        """Return recommendations for the operator; `with_text`: they may quote speech."""
        facts = await self.advice_input()
        return recommend(facts if with_text else redact(facts))

    async def advice_input(self) -> AdviceInput:
        """Return the facts that the recommendations are based on."""
        pattern, missed_count = await self.backend.missed_phrases.find_pattern()
        cache = None if isinstance(self.backend.cache, NullPhraseCache) else await self.cache_stats()
        return AdviceInput(
            self.metrics,
            cache,
            tuple(self.stages),
            self._plugins.statuses,
            self.timeline,
            pattern,
            missed_count,
            self.backend.model_facts,
            tuple(self.problems),
        )

    async def free_memory(self, pressure: MemoryPressure) -> AsyncGenerator[FreedMemory, None]:
        """Free memory step by step: first the plugins, then the model if it is open."""
        for freed in await asyncio.to_thread(self._plugins.free_memory, pressure):
            yield freed
        if model := self.backend.model:
            async with aclosing(model.free_memory(pressure, self.backend.scheduler)) as steps:
                async for freed in steps:
                    yield freed

    def emit(self, observation: Observation) -> None:
        """Count `observation` and pass it to the plugins."""
        self.backend.observe(observation)

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
        """Yield the audio of `text`. Limits and metrics are those of a client's request."""
        utterance = self.backend.tts.utterance(voice, rate=rate, style=style, on_words=on_words, client=client)
        utterance.feed(text)
        utterance.finish()
        return timed(utterance, self.backend.observe)

    async def apply_config(self, config: Config) -> None:
        """Apply to new requests and connections what `config` can change without a restart.

        Raises `ConfigError` and `StartupError`, and then changes nothing.
        """
        # The listener repeats these checks, but only after the default voice has changed.
        parse_networks(config.server.allowed_networks)
        parse_networks(config.server.proxies, "server.proxies")
        chimes = await asyncio.to_thread(load_chimes, config)
        self.backend.tts.apply_config(config, chimes)
        self.listener.apply_config(config.server)
        logging.getLogger().setLevel(config.log_level.upper())
        self.config = config
