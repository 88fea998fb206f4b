"""Has phrases made while the house is quiet, so that they are there when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timezone

from wyoming_kokoro import MemoryPressure, PluginContext, Server, WarmupStrategy, hookimpl
from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro_warmup.announcements import Announcements
from wyoming_kokoro_warmup.day import DayFile
from wyoming_kokoro_warmup.governor import Governor
from wyoming_kokoro_warmup.home_assistant import HomeAssistant
from wyoming_kokoro_warmup.learned import Learned
from wyoming_kokoro_warmup.machine import Machine
from wyoming_kokoro_warmup.service import Listening, Rhythm, Warmup
from wyoming_kokoro_warmup.settings import Settings
from wyoming_kokoro_warmup.wishes import Wishes


class Warming:
    """Brings three strategies, and the service that follows those of all plugins."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)
        self._state = context.state_dir
        self._log = context.log
        self._governor = Governor(self._settings, _local_time, Machine())
        self._learned = Learned(self._state / "learned-1.sqlite", _local_time, self._log)

    @hookimpl
    def kokoro_warmup_strategies(self) -> Iterator[WarmupStrategy]:
        """Return those that the configuration wants."""
        if self._settings.phrases:
            yield Announcements(self._settings.phrases)
        if self._settings.home_assistant:
            yield HomeAssistant(self._settings, _local_time, self._log)
        if self._settings.learn:
            yield self._learned

    @hookimpl
    def kokoro_observe(self, observation: Observation) -> None:
        """Take note of what was said, while learning is wanted and its service runs."""
        if isinstance(observation, SegmentFinished):
            self._learned.note(observation)

    @hookimpl
    def kokoro_memory_pressure(self, pressure: MemoryPressure) -> int | None:
        """Pause for as long as memory is short; there is nothing to give back."""
        self._governor.is_short_of_memory = pressure.is_at_least("raised")
        return None

    @hookimpl
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return what learns and what makes the phrases; nothing when there is nowhere to keep them."""
        if not server.warmup_strategies:
            return
        default, rhythm = server.default_voice, Rhythm()
        if self._settings.learn:
            self._learned.listen(default)
            yield Listening(self._learned, self._log, rhythm)
        wishes = Wishes(server.warmup_strategies, default, self._log)
        file = DayFile(self._state / "warmup.json", self._log)
        yield Warmup(server, wishes, self._governor, file, self._log, rhythm=rhythm)


def _local_time() -> datetime:
    return datetime.now(timezone.utc).astimezone()
