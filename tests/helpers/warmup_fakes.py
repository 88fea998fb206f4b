"""Fakes for the tests of the warmup plugin."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from wyoming_kokoro import Phrase, SpeechError, UnsupportedText, Voice, WarmupResult, WarmupStrategy
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_warmup import WarmupPlugin
from wyoming_kokoro_warmup.throttle import SystemState

HEART = Voice("af_heart", "en-US", "A, Heart", "A")
EMMA = Voice("bf_emma", "en-GB", "B-, Emma", "B-")
EVENING = datetime(2026, 1, 3, 18, 31, tzinfo=timezone.utc)


class FakeLocalTime:
    """A clock that stands still until `advance`."""

    def __init__(self, now: datetime = EVENING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


class FakeSensors:
    """Returns `state`, and counts the readings."""

    def __init__(self, state: SystemState | None = None) -> None:
        self.state = state or SystemState()
        self.readings = 0

    def read(self) -> SystemState:
        self.readings += 1
        return self.state


@dataclass
class FixedStrategy:
    """Returns the given phrases."""

    known: Sequence[Phrase]
    name: str = "fixed"

    def phrases(self, default: Voice) -> Sequence[Phrase]:
        return self.known

    def forget(self) -> None:
        pass


@dataclass
class FakeWarmupServer(FakeServer):
    """An idle server with a phrase cache."""

    warmup_strategies: Sequence[WarmupStrategy] = ()
    idle_seconds: float = 1000.0
    result: WarmupResult = field(default_factory=lambda: WarmupResult(0.001, 1.2))
    failures: dict[str, Exception] = field(default_factory=dict)
    cache: set[tuple[str, str | None]] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    """The texts that another server is synthesizing."""
    synthesized: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    voices: Sequence[Voice] = (HEART, EMMA)
    default_voice: Voice = HEART

    async def warm(self, phrase: Phrase) -> WarmupResult:
        await asyncio.sleep(0)
        self.requested.append(phrase.text)
        if phrase.text in self.failures:
            raise self.failures[phrase.text]
        if (phrase.text, phrase.voice) in self.cache:
            return WarmupResult()
        if phrase.text in self.elsewhere:
            return WarmupResult(is_elsewhere=True)
        self.cache.add((phrase.text, phrase.voice))
        self.synthesized.append(phrase.text)
        return self.result


def unsupported(text: str) -> SpeechError:
    """Return the error of a text without phonemes."""
    return UnsupportedText(f"there is nothing to say in {text}")


def make_plugin(folder: Path, **settings: Any) -> WarmupPlugin:
    """Return the plugin with its directories in `folder`."""
    return WarmupPlugin(plugin_context("warmup", folder, settings))
