"""Synthesizes phrases in idle time, so that they are cached when a client requests them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timezone

from wyoming_kokoro import MemoryPressure, Phrase, PhraseQueue, PluginContext, Server, Voice, WarmupStrategy, hookimpl
from wyoming_kokoro.api.observations import LexiconChanged, Observation, SegmentFinished
from wyoming_kokoro_warmup.home_assistant import HomeAssistantResponses
from wyoming_kokoro_warmup.learned_phrases import LearnedPhrases
from wyoming_kokoro_warmup.service import LearningService, WarmupService
from wyoming_kokoro_warmup.settings import Settings
from wyoming_kokoro_warmup.system_sensors import SystemSensors
from wyoming_kokoro_warmup.throttle import Throttle

# A guess: an operator lists only phrases that are heard often.
ANNOUNCEMENT_REQUESTS_PER_DAY = 10.0


class Announcements:
    """Warmup strategy: the phrases of the configuration."""

    name = "announcements"

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def phrases(self, default: Voice) -> Sequence[Phrase]:  # noqa: ARG002 the texts do not depend on the voice
        """Return the phrases in the order of the configuration."""
        return [Phrase(text, ANNOUNCEMENT_REQUESTS_PER_DAY) for text in self._texts]

    def forget(self) -> None:
        """Do nothing: this strategy does not learn."""


class WarmupPlugin:
    """Provides three warmup strategies, and the service that synthesizes the phrases of all strategies."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)
        self._log = context.log
        self._learned = LearnedPhrases(context.state_dir / "learned-1.sqlite", _local_time, self._log)
        self._recheck = asyncio.Event()
        self._throttle = Throttle(self._settings, _local_time, SystemSensors().read)

    @hookimpl
    def kokoro_warmup_strategies(self) -> Iterator[WarmupStrategy]:
        """Return the strategies that the configuration enables."""
        if self._settings.phrases:
            yield Announcements(self._settings.phrases)
        if self._settings.home_assistant:
            yield HomeAssistantResponses(self._settings, _local_time, self._log)
        if self._settings.learn:
            yield self._learned

    @hookimpl
    def kokoro_observe(self, observation: Observation) -> None:
        """Collect spoken segments for learning, and check all phrases again when the lexicon has changed."""
        if isinstance(observation, SegmentFinished):
            self._learned.add(observation)
        elif isinstance(observation, LexiconChanged):
            self._recheck.set()

    @hookimpl
    def kokoro_memory_pressure(self, pressure: MemoryPressure) -> int | None:
        """Pause while memory is short. The plugin has no memory to free."""
        self._throttle.is_memory_short = pressure.is_at_least("raised")
        return None

    @hookimpl
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return the services for learning and synthesis; none without a phrase cache."""
        # The server has no strategies if it has no phrase cache.
        if not server.warmup_strategies:
            return
        if self._settings.learn:
            self._learned.start(server.default_voice)
            yield LearningService(self._learned, self._log)
        queue = PhraseQueue(server.warmup_strategies, server.default_voice, self._log)
        yield WarmupService(server, queue, self._throttle, self._recheck, self._log)


def _local_time() -> datetime:
    return datetime.now(timezone.utc).astimezone()
