"""A house in which warming up is tried: its clock, its sensors, and a server that keeps account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from wyoming_kokoro import Phrase, SpeechError, UnsupportedText, Voice, WarmupResult, WarmupStrategy
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_warmup import Warming
from wyoming_kokoro_warmup.governor import Reading

HEART = Voice("af_heart", "en-US", "A, Heart", "A")
EMMA = Voice("bf_emma", "en-GB", "B-, Emma", "B-")
EVENING = datetime(2026, 1, 3, 18, 31, tzinfo=timezone.utc)


class Clock:
    """Tells what it is told."""

    def __init__(self, now: datetime = EVENING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **passed: float) -> None:
        self.now += timedelta(**passed)


class Feeling:
    """Sensors that feel what they are told, and count how often they are asked."""

    def __init__(self, reading: Reading | None = None) -> None:
        self.reading = reading or Reading()
        self.reads = 0

    def read(self) -> Reading:
        self.reads += 1
        return self.reading


@dataclass
class Fixed:
    """A strategy that knows what it is given."""

    known: Sequence[Phrase]
    name: str = "fixed"
    forgotten: int = 0

    def phrases(self, default: Voice) -> Sequence[Phrase]:
        return self.known

    def forget(self) -> None:
        self.forgotten += 1


@dataclass
class House(FakeServer):
    """A server that speaks to nobody: what it makes is in its cache from then on."""

    warmup_strategies: Sequence[WarmupStrategy] = ()
    quiet_seconds: float = 1000.0
    is_stuck: bool = False
    takes: WarmupResult = field(default_factory=lambda: WarmupResult(0.001, 1.2))
    failures: dict[str, Exception] = field(default_factory=dict)
    cache: set[tuple[str, str | None]] = field(default_factory=set)
    made: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    voices: Sequence[Voice] = (HEART, EMMA)
    default_voice: Voice = HEART

    async def warm(self, phrase: Phrase) -> WarmupResult:
        await asyncio.sleep(0)
        self.asked.append(phrase.text)
        if phrase.text in self.failures:
            raise self.failures[phrase.text]
        if (phrase.text, phrase.voice) in self.cache:
            return WarmupResult()
        self.cache.add((phrase.text, phrase.voice))
        self.made.append(phrase.text)
        return self.takes


def unspeakable(text: str) -> SpeechError:
    """Return what the server raises for text that has no sound."""
    return UnsupportedText(f"there is nothing to say in {text}")


def warming(folder: Path, **table: Any) -> Warming:
    """Make the plugin."""
    return Warming(plugin_context("warmup", folder, table))


async def until(happened: Callable[[], object]) -> None:
    """Wait until something is the case. Fails the test when that does not come."""

    async def watch() -> None:
        while not happened():  # noqa: ASYNC110 what happens tells nobody
            await asyncio.sleep(0.002)

    await asyncio.wait_for(watch(), 20)
