"""Syntheses without a model, and whom they are for."""

from __future__ import annotations

import threading

import numpy as np

from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.scheduling.worker import UnitIterator

CHUNK = np.ones(240, np.int16)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def fake_units(name: str, count: int, log: list[str], gate: threading.Event | None = None) -> UnitIterator:
    for number in range(count):
        if gate:
            gate.wait(10)
        log.append(f"{name}{number}")
        yield CHUNK


def playback_with(seconds: float, clock: Clock | None = None) -> Playback:
    """Return a listener who has so much to play."""
    listener = Playback(clock or Clock())
    listener.add_audio(seconds)
    return listener


async def count_chunks(stream: object) -> int:
    return len([chunk async for chunk in stream])  # type: ignore[attr-defined]
