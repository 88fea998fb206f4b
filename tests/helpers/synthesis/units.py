"""Syntheses without a model, and their consumers."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterable

import numpy as np

from tests.helpers.fake_clock import FakeClock
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.types import Pcm

CHUNK = np.ones(240, np.int16)


def fake_units(name: str, count: int, log: list[str], gate: threading.Event | None = None) -> UnitIterator:
    """Yield `count` chunks and log each as name0, name1, ...; each waits for `gate`."""
    for number in range(count):
        if gate:
            gate.wait(60)
        log.append(f"{name}{number}")
        yield CHUNK


def new_playback() -> Playback:
    return Playback(FakeClock())


def playback_with(buffered_seconds: float, clock: FakeClock | None = None) -> Playback:
    playback = Playback(clock or FakeClock())
    playback.add_audio(buffered_seconds)
    return playback


async def count_chunks(stream: AsyncIterable[Pcm]) -> int:
    return len([chunk async for chunk in stream])


class AlwaysIdle(IdleTimer):
    seconds = 3600.0


class NeverIdle(IdleTimer):
    seconds = 0.0
