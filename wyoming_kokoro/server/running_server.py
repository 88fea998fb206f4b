"""The running server, as service plugins see it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.metrics import Advice, Metrics, StageStatus
from wyoming_kokoro.api.observations import ConfigReloaded, Observation
from wyoming_kokoro.api.phrase_cache import CacheStats
from wyoming_kokoro.api.warmup import Phrase, WarmupResult, WarmupStrategy
from wyoming_kokoro.backend import Backend
from wyoming_kokoro.config import Config
from wyoming_kokoro.metrics.advice import AdviceInput, recommend
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.protocol.request_metrics import timed
from wyoming_kokoro.server.endpoints import networks
from wyoming_kokoro.server.listener import Listener
from wyoming_kokoro.server.reload import fixed_changes
from wyoming_kokoro.server.startup_timeline import StartupTimeline
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.types import Address, Voice


class RunningServer:
    """What service plugins see of the server."""

    def __init__(
        self, backend: Backend, listener: Listener, config: Config, timeline: StartupTimeline, plugins: PluginManager
    ) -> None:
        self.backend = backend
        self.listener = listener
        self.config = config
        """What holds for new requests."""
        self._timeline = timeline
        self._plugins = plugins

    @property
    def default_voice(self) -> Voice:
        """The voice of those who name none."""
        return self.backend.tts.default_voice

    @property
    def warmup_strategies(self) -> Sequence[WarmupStrategy]:
        """The strategies of all plugins; none when there is no phrase cache."""
        return self.backend.warmup_strategies

    @property
    def idle_seconds(self) -> float:
        """How long nobody has been spoken to; 0 while somebody is."""
        return self.backend.tts.idle_timer.seconds

    @property
    def is_stuck(self) -> bool:
        """Whether the model did not come back when it was last asked."""
        return self.backend.scheduler.is_stuck

    async def ready(self) -> None:
        """Wait until the model is open. Raises `StartupError` when it cannot be."""
        await asyncio.shield(self.backend.opening)

    async def warm(self, phrase: Phrase) -> WarmupResult:
        """Have `phrase` in the phrase cache, behind everybody who is spoken to."""
        return await self.backend.tts.warm(phrase)

    @property
    def where(self) -> str:
        """Where the server listens, for the log."""
        return self.listener.where

    @property
    def addresses(self) -> Sequence[Address]:
        """The bound TCP addresses; empty for `unix://` and `stdio://`."""
        return self.listener.addresses

    @property
    def voices(self) -> Sequence[Voice]:
        """The advertised voices."""
        return self.backend.tts.voices

    @property
    def is_ready(self) -> bool:
        """Whether the model is open."""
        return self.backend.opened is not None

    @property
    def timeline(self) -> Mapping[str, float]:
        """What was ready when, in seconds since the process began."""
        return self._timeline.moments

    @property
    def metrics(self) -> Metrics:
        """What was counted since the server started."""
        return self.backend.metrics.metrics

    @property
    def stages(self) -> Sequence[StageStatus]:
        """Who runs each stage of the model; nothing before it is open."""
        return self.backend.opened.stages if self.backend.opened else ()

    @property
    def speaking(self) -> int:
        """How many requests are spoken at this moment."""
        return self.backend.tts.idle_timer.active_count

    @property
    def waiting(self) -> int:
        """How many syntheses wait for the model."""
        return self.backend.scheduler.waiting_count

    @property
    def running_unit_seconds(self) -> float:
        """How long the model has been at the unit of work that runs."""
        return self.backend.scheduler.running_unit_seconds

    async def cache_stats(self) -> CacheStats:
        """Return how the phrase cache does."""
        return await self.backend.cache.stats()

    async def advice(self) -> Sequence[Advice]:
        """Return what the owner of the machine could do better."""
        return recommend(await self.advice_input())

    async def advice_input(self) -> AdviceInput:
        """Return what advice stands on."""
        pattern, made = await self.backend.missed.pattern()
        cache = None if isinstance(self.backend.cache, NullPhraseCache) else await self.cache_stats()
        return AdviceInput(
            self.metrics, cache, tuple(self.stages), self._plugins.statuses, self.timeline, pattern, made
        )

    async def free_memory(self, pressure: MemoryPressure) -> AsyncGenerator[FreedMemory, None]:
        """Have memory given back, step by step: by the plugins, then by the model, if it is open."""
        for relief in await asyncio.to_thread(self._plugins.free_memory, pressure):
            yield relief
        synthesis = self.backend.opened
        if synthesis is not None:
            async with aclosing(synthesis.free_memory(pressure, self.backend.scheduler)) as steps:
                async for relief in steps:
                    yield relief

    def emit(self, observation: Observation) -> None:
        """Count an observation, and tell the plugins."""
        self.backend.observe(observation)

    def speak(self, text: str, voice: str | None = None) -> AsyncGenerator[bytes, None]:
        """Speak as any client would be spoken to."""
        utterance = self.backend.tts.utterance(voice)
        utterance.feed(text)
        utterance.finish()
        return timed(utterance, self.backend.observe)

    def apply_config(self, config: Config) -> ConfigReloaded:
        """Let `config` hold for all who come from now on, as far as that can be without a restart.

        Raises `ConfigError` and `StartupError`; then everything stays as it was.
        """
        networks(config.server.allowed_networks)
        self.backend.tts.apply_config(config)
        self.listener.apply_config(config.server)
        logging.getLogger().setLevel(config.log_level.upper())
        waiting = fixed_changes(self.config, config)
        self.config = config
        return ConfigReloaded(needs_restart=tuple(waiting))
