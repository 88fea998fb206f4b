"""Memory is given back by the plugins, then by the model, while the event loop goes on."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from wyoming_kokoro.api.memory import LEVELS, FreedMemory, MemoryPressure
from wyoming_kokoro.api.observations import MemoryPressureChanged, Observation
from wyoming_kokoro.api.providers import shrink
from wyoming_kokoro.config import Config
from wyoming_kokoro.inference.timeout_session import TimeoutSession
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.server.running_server import RunningServer
from wyoming_kokoro.testing import FakeSpeechModel

PRESSURE = MemoryPressure("high", "a test")


class Giving:
    """Plugins that give back in turn, and note on which thread."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.observations: list[Observation] = []

    def free_memory(self, pressure: MemoryPressure) -> list[FreedMemory]:
        self.threads.append(threading.current_thread())
        return [FreedMemory("phrase_cache", 5), FreedMemory("warmup")]

    def observe(self, observation: Observation) -> None:
        self.observations.append(observation)


def server(plugins: Giving, synthesis: FakeSpeechModel | None) -> RunningServer:
    backend = SimpleNamespace(opened=synthesis, scheduler=None, observe=plugins.observe)
    return RunningServer(cast("Any", backend), cast("Any", None), Config(), cast("Any", None), cast("Any", plugins))


async def test_the_plugins_come_first_and_do_not_block_the_loop() -> None:
    plugins, synthesis = Giving(), FakeSpeechModel()
    steps = [step.source async for step in server(plugins, synthesis).free_memory(PRESSURE)]
    assert steps == ["phrase_cache", "warmup", "synthesis"]
    assert synthesis.pressures == [PRESSURE]
    assert plugins.threads != [threading.current_thread()]


async def test_whoever_has_enough_asks_no_further() -> None:
    """The model is left alone; all plugins were told nevertheless."""
    plugins, synthesis = Giving(), FakeSpeechModel()
    async for _ in server(plugins, synthesis).free_memory(PRESSURE):
        break
    assert (len(plugins.threads), synthesis.pressures) == (1, [])


async def test_a_model_that_is_not_open_yet_has_nothing_to_give() -> None:
    assert len([step async for step in server(Giving(), None).free_memory(PRESSURE)]) == 2


async def test_what_a_service_has_seen_is_told_to_all() -> None:
    plugins = Giving()
    change = MemoryPressureChanged("normal", "high", "a test")
    server(plugins, None).emit(change)
    assert plugins.observations == [change]


def test_levels_are_in_order() -> None:
    for number, level in enumerate(LEVELS):
        told = [MemoryPressure(level, "").is_at_least(other) for other in LEVELS]
        assert told == [other <= number for other in range(len(LEVELS))]


# The engine


async def test_what_is_done_between_units_waits_for_the_one_that_runs() -> None:
    gate, log = threading.Event(), list[str]()

    def steps() -> UnitIterator:
        gate.wait(10)
        log.append("unit")
        yield np.ones(10, np.int16)

    async with Scheduler() as engine:
        unit = asyncio.ensure_future(engine.create_job(steps(), Playback(lambda: 0.0)).next())
        await asyncio.sleep(0.01)
        between = asyncio.create_task(engine.run_between_units(lambda: log.append("between")))
        await asyncio.sleep(0.01)
        gate.set()
        await asyncio.gather(unit, between)
        assert log == ["unit", "between"]
        with pytest.raises(ZeroDivisionError):
            await engine.run_between_units(lambda: 1 // 0)
        await engine.run_between_units(lambda: log.append("again"))
    assert log[-1] == "again"


# Sessions


class Shrinking:
    shrunk = 0

    def run(self, feeds: Any) -> dict[str, Any]:
        return {}

    def shrink(self) -> None:
        self.shrunk += 1

    def close(self) -> None:
        pass


def test_a_session_that_is_watched_shrinks_and_one_that_cannot_is_left_alone() -> None:
    session = Shrinking()
    watched = TimeoutSession(session)
    shrink(watched)
    watched.close()
    assert session.shrunk == 1
    shrink(cast("Any", SimpleNamespace(run=dict, close=dict)))
