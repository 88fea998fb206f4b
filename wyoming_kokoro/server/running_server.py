"""The running server, as service plugins see it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from wyoming_kokoro.api.memory import Pressure, Relief
from wyoming_kokoro.api.metrics import Advice, Figures, StageFacts
from wyoming_kokoro.api.observations import Observation, SettingsRead
from wyoming_kokoro.api.phrase_cache import CacheStats
from wyoming_kokoro.api.warmup import Phrase, Warmth, WarmupStrategy
from wyoming_kokoro.backend import Backend
from wyoming_kokoro.config import Config
from wyoming_kokoro.metrics.advice import Facts, advice
from wyoming_kokoro.plugins.manager import Plugins
from wyoming_kokoro.protocol.request_metrics import accounted
from wyoming_kokoro.server.endpoints import networks
from wyoming_kokoro.server.listener import Listener
from wyoming_kokoro.server.reload import fixed_changes
from wyoming_kokoro.server.startup_timeline import Timeline
from wyoming_kokoro.speech.phrase_cache import Nowhere
from wyoming_kokoro.types import Address, Voice


class RunningServer:
    """What service plugins see of the server."""

    def __init__(
        self, backend: Backend, listener: Listener, config: Config, timeline: Timeline, plugins: Plugins
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
        return self.backend.narrator.default

    @property
    def warmup_strategies(self) -> Sequence[WarmupStrategy]:
        """The strategies of all plugins; none when there is no phrase cache."""
        return self.backend.warmup_strategies

    @property
    def quiet_seconds(self) -> float:
        """How long nobody has been spoken to; 0 while somebody is."""
        return self.backend.narrator.quiet.seconds

    @property
    def is_stuck(self) -> bool:
        """Whether the model did not come back when it was last asked."""
        return self.backend.engine.is_stuck

    async def ready(self) -> None:
        """Wait until the model is open. Raises `StartupError` when it cannot be."""
        await asyncio.shield(self.backend.opening)

    async def warm(self, phrase: Phrase) -> Warmth:
        """Have `phrase` in the phrase cache, behind everybody who is spoken to."""
        return await self.backend.narrator.warm(phrase)

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
        return self.backend.narrator.voices

    @property
    def is_ready(self) -> bool:
        """Whether the model is open."""
        return self.backend.opened is not None

    @property
    def timeline(self) -> Mapping[str, float]:
        """What was ready when, in seconds since the process began."""
        return self._timeline.moments

    @property
    def figures(self) -> Figures:
        """What was counted since the server started."""
        return self.backend.tally.figures

    @property
    def stages(self) -> Sequence[StageFacts]:
        """Who runs each stage of the model; nothing before it is open."""
        return self.backend.opened.stages if self.backend.opened else ()

    @property
    def speaking(self) -> int:
        """How many requests are spoken at this moment."""
        return self.backend.narrator.quiet.speaking

    @property
    def waiting(self) -> int:
        """How many syntheses wait for the model."""
        return self.backend.engine.waiting

    @property
    def unit_seconds(self) -> float:
        """How long the model has been at the unit of work that runs."""
        return self.backend.engine.unit_seconds

    async def cache_stats(self) -> CacheStats:
        """Return how the phrase cache does."""
        return await self.backend.cache.stats()

    async def advice(self) -> Sequence[Advice]:
        """Return what the owner of the machine could do better."""
        return advice(await self.facts())

    async def facts(self) -> Facts:
        """Return what advice stands on."""
        pattern, made = await self.backend.missed.pattern()
        cache = None if isinstance(self.backend.cache, Nowhere) else await self.cache_stats()
        return Facts(self.figures, cache, tuple(self.stages), self._plugins.statuses, self.timeline, pattern, made)

    async def relieve(self, pressure: Pressure) -> AsyncGenerator[Relief, None]:
        """Have memory given back, step by step: by the plugins, then by the model, if it is open."""
        for relief in await asyncio.to_thread(self._plugins.relieve, pressure):
            yield relief
        synthesis = self.backend.opened
        if synthesis is not None:
            async with aclosing(synthesis.relieve(pressure, self.backend.engine)) as steps:
                async for relief in steps:
                    yield relief

    def observe(self, observation: Observation) -> None:
        """Count an observation, and tell the plugins."""
        self.backend.observe(observation)

    def speak(self, text: str, voice: str | None = None) -> AsyncGenerator[bytes, None]:
        """Speak as any client would be spoken to."""
        utterance = self.backend.narrator.utterance(voice)
        utterance.feed(text)
        utterance.finish()
        return accounted(utterance, self.backend.observe)

    def settle(self, config: Config) -> SettingsRead:
        """Let `config` hold for all who come from now on, as far as that can be without a restart.

        Raises `ConfigError` and `StartupError`; then everything stays as it was.
        """
        networks(config.server.allow)
        self.backend.narrator.settle(config)
        self.listener.settle(config.server)
        logging.getLogger().setLevel(config.log_level.upper())
        waiting = fixed_changes(self.config, config)
        self.config = config
        return SettingsRead(waiting=tuple(waiting))
