"""Every inference is counted once, whatever it was for and however it ended: on the real model."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from wyoming_kokoro import Array, Phrase, PhraseCache, Provider, Session, SessionOptions
from wyoming_kokoro.api.metrics import Metrics
from wyoming_kokoro.backend import Backend, open_backend
from wyoming_kokoro.config import Config
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.synthesis import loader
from wyoming_kokoro.testing import FakePhraseCache
from wyoming_kokoro.trials import runner, trial
from wyoming_kokoro.trials.results import TrialResults

pytestmark = pytest.mark.model

Runs = Counter[tuple[str, str, bool]]
"""By stage, provider, and whether it failed."""


class Noted:
    """A session that keeps account of what it does, and fails when it is told to."""

    def __init__(self, stage: str, provider: str, session: Session, runs: Runs, fails_at: int) -> None:
        self._stage, self._provider = stage, provider
        self._session = session
        self._runs = runs
        self._left = fails_at
        self._lock = threading.Lock()

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        self._left -= 1
        fails = self._left == 0
        with self._lock:
            self._runs[self._stage, self._provider, fails] += 1
        if fails:
            raise RuntimeError("the device is lost")
        return self._session.run(feeds)

    def close(self) -> None:
        self._session.close()


class Spying(PluginManager):
    """The real plugins, but with providers whose every run is noted."""

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)  # type: ignore[arg-type]
        self.runs: Runs = Counter()

    def phrase_cache(self) -> PhraseCache:
        return FakePhraseCache()

    def providers(self) -> tuple[Provider, ...]:
        """Return one that fails in the middle of a sentence, the processor, and two that are tried behind them."""
        cpu = next(provider for provider in super().providers() if provider.name == "cpu")
        return (
            self._noted(cpu, "fleeting", priority=90, fails_at=5),
            self._noted(cpu, "cpu"),
            self._noted(cpu, "late", priority=50, opens_quickly=False),
            self._noted(cpu, "broken", priority=40, fails_at=3, opens_quickly=False),
        )

    def _noted(self, cpu: Provider, name: str, *, fails_at: int = 0, **more: object) -> Provider:
        def opened(file: Path, options: SessionOptions) -> Session:
            stage = file.name.partition(".")[0]
            fails = fails_at if stage == "vocoder" else 0
            return Noted(stage, name, cpu.open(file, options), self.runs, fails)

        return replace(cpu, name=name, open=opened, **more)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Providers are tried at once, and what is measured is no other test's."""
    monkeypatch.setattr(runner, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(runner, "MAX_BUSY_CPU_PERCENT", 1000.0)
    monkeypatch.setattr(runner, "CPU_SAMPLE_SECONDS", 0.01)
    monkeypatch.setattr(trial, "ROUNDS", 1)
    monkeypatch.setattr(loader, "TrialResults", lambda _: TrialResults(tmp_path))


async def said(backend: Backend, text: str) -> None:
    utterance = backend.tts.utterance()
    utterance.feed(text)
    utterance.finish()
    async for _ in utterance.pcm():
        pass


async def begun(backend: Backend, text: str) -> None:
    """Listen to the first sound and go."""
    utterance = backend.tts.utterance()
    utterance.feed(text)
    utterance.finish()
    async with aclosing(utterance.pcm()) as sounds:
        await anext(sounds)


async def settled(backend: Backend) -> Metrics:
    """Return what was counted when the engine has nothing to do any more."""
    while not backend.scheduler.is_idle:  # noqa: ASYNC110 it tells nobody
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    return backend.metrics.metrics


async def test_every_inference_is_counted_once(config: Config) -> None:
    """Shared, kept, cancelled, failed, made in advance and tried ones: as many as the sessions were run."""
    plugins = await asyncio.to_thread(Spying.load, config)
    assert isinstance(plugins, Spying)
    async with open_backend(config, plugins) as backend:
        synthesis = await backend.open_model()

        await said(backend, "The front door is open, and it rains.")  # the provider fails, another goes on
        assert plugins.runs["vocoder", "fleeting", True] == 1
        assert plugins.runs["vocoder", "cpu", False] > 0

        before = plugins.runs.total()
        await asyncio.gather(*(said(backend, "Dinner is ready.") for _ in range(3)))  # shared
        once = plugins.runs.total() - before
        await said(backend, "Dinner is ready.")  # kept
        assert plugins.runs.total() == before + once

        await begun(backend, "Nobody hears this sentence to its end, however long it may still be.")  # cancelled
        await backend.tts.warm(Phrase("Good night."))  # made in advance
        await synthesis.run_trials(backend.scheduler, backend.tts.idle_timer)  # tried, and the numbers of threads

        figures = await settled(backend)
        counted: Runs = Counter()
        for row in figures.inferences:
            counted[row.stage, row.provider, True] += row.failures
            counted[row.stage, row.provider, False] += row.count - row.failures
        assert +counted == plugins.runs

        tried = {row.provider for row in figures.inferences if row.purpose == "trial"}
        assert {"late", "broken"} <= tried
        assert plugins.runs["vocoder", "broken", True] == 1
        warm = [row for row in figures.inferences if row.purpose == "warmup"]
        assert {row.stage for row in warm} == {"prosody", "decoder", "vocoder"}
        assert {facts.stage for facts in synthesis.stages} == {"prosody", "decoder", "vocoder"}


async def test_what_a_segment_took_is_told_with_it(config: Config) -> None:
    """Of those who listen to one synthesis, one is told what it took; who hears what is kept, nothing."""
    plugins = await asyncio.to_thread(Spying.load, config)
    async with open_backend(config, plugins) as backend:
        await asyncio.gather(*(said(backend, "Good evening.") for _ in range(2)))
        await said(backend, "Good evening.")
        figures = await settled(backend)
    spoken = figures.voices["af_heart"]
    assert (spoken.segments, spoken.cached) == (3, 1)
    assert figures.rtf.count == 1
    took = sum(row.seconds for row in figures.inferences if row.purpose == "speech")
    assert figures.rtf.sum * spoken.seconds / 3 >= 0.9 * took
