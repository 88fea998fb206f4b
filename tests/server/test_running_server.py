from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any, cast

from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.observations import MemoryPressureChanged, Observation
from wyoming_kokoro.config import Config
from wyoming_kokoro.server.running_server import RunningServer
from wyoming_kokoro.testing import FakeSpeechModel

PRESSURE = MemoryPressure("high", "a test")


class FakePlugins:
    """Two plugins that free memory. Records the threads and the observations."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.observations: list[Observation] = []

    def free_memory(self, pressure: MemoryPressure) -> list[FreedMemory]:
        self.threads.append(threading.current_thread())
        return [FreedMemory("phrase_cache", 5), FreedMemory("warmup")]

    def observe(self, observation: Observation) -> None:
        self.observations.append(observation)


def server_with(plugins: FakePlugins, model: FakeSpeechModel | None) -> RunningServer:
    backend = SimpleNamespace(opened=model, scheduler=None, observe=plugins.observe)
    return RunningServer(cast("Any", backend), cast("Any", None), Config(), cast("Any", None), cast("Any", plugins))


async def test_plugins_free_memory_before_the_model_on_another_thread() -> None:
    plugins, model = FakePlugins(), FakeSpeechModel()
    sources = [freed.source async for freed in server_with(plugins, model).free_memory(PRESSURE)]
    assert sources == ["phrase_cache", "warmup", "synthesis"]
    assert model.pressures == [PRESSURE]
    assert plugins.threads != [threading.current_thread()]


async def test_model_keeps_its_memory_when_the_caller_stops_early() -> None:
    """All plugins have been called by then."""
    plugins, model = FakePlugins(), FakeSpeechModel()
    async for _ in server_with(plugins, model).free_memory(PRESSURE):
        break
    assert (len(plugins.threads), model.pressures) == (1, [])


async def test_only_plugins_free_memory_before_the_model_is_open() -> None:
    assert len([freed async for freed in server_with(FakePlugins(), None).free_memory(PRESSURE)]) == 2


async def test_emitted_observation_reaches_all_observers() -> None:
    plugins = FakePlugins()
    change = MemoryPressureChanged("normal", "high", "a test")
    server_with(plugins, None).emit(change)
    assert plugins.observations == [change]
