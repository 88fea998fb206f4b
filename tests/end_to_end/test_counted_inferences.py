"""The metrics count each inference of the real model once, for whatever purpose and with whatever result."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.synthesis.utterances import finished, pcm_of
from tests.helpers.waiting import wait_until
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

# The number of runs by stage, provider, and whether they failed.
RunCounts = Counter[tuple[str, str, bool]]


class RunCountingSession:
    """A session that counts its runs. The run number `failing_run` raises an error; 0 means none."""

    def __init__(self, stage: str, provider: str, session: Session, counts: RunCounts, failing_run: int) -> None:
        self._stage, self._provider = stage, provider
        self._session = session
        self._counts = counts
        self._runs_before_failure = failing_run
        self._lock = threading.Lock()

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        self._runs_before_failure -= 1
        fails = self._runs_before_failure == 0
        with self._lock:
            self._counts[self._stage, self._provider, fails] += 1
        if fails:
            raise RuntimeError("the device is lost")
        return self._session.run(feeds)

    def close(self) -> None:
        self._session.close()


class CountingPluginManager(PluginManager):
    """The installed plugins, with CPU providers that count their runs, and a phrase cache in memory."""

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)  # type: ignore[arg-type]
        self.counts: RunCounts = Counter()

    def phrase_cache(self) -> PhraseCache:
        return FakePhraseCache()

    def providers(self) -> tuple[Provider, ...]:
        """Return a provider that fails within a sentence, the CPU, and two providers for trials."""
        cpu = next(provider for provider in super().providers() if provider.name == "cpu")
        return (
            self._counting(cpu, "failing", priority=90, failing_run=5),
            self._counting(cpu, "cpu"),
            self._counting(cpu, "late", priority=50, opens_quickly=False),
            self._counting(cpu, "broken", priority=40, failing_run=3, opens_quickly=False),
        )

    def _counting(self, cpu: Provider, name: str, *, failing_run: int = 0, **changes: object) -> Provider:
        def open_session(file: Path, options: SessionOptions) -> Session:
            stage = file.name.partition(".")[0]
            fails_here = failing_run if stage == "vocoder" else 0
            return RunCountingSession(stage, name, cpu.open(file, options), self.counts, fails_here)

        return replace(cpu, name=name, open=open_session, **changes)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def quick_trials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start trials at once, on a busy machine too, and keep their results away from other tests."""
    monkeypatch.setattr(runner, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(runner, "MAX_BUSY_CPU_PERCENT", 1000.0)
    monkeypatch.setattr(runner, "CPU_SAMPLE_SECONDS", 0.01)
    monkeypatch.setattr(runner, "POLL_INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(trial, "ROUNDS", 1)
    monkeypatch.setattr(loader, "TrialResults", lambda _: TrialResults(tmp_path))


async def speak(backend: Backend, text: str) -> bytes:
    return await pcm_of(backend.tts.utterance(), text)


async def cancel_after_first_audio(backend: Backend, text: str) -> None:
    async with aclosing(finished(backend.tts.utterance(), text).pcm()) as chunks:
        await anext(chunks)


async def final_metrics(backend: Backend) -> Metrics:
    """Return the metrics when the scheduler has no more work."""
    await wait_until(lambda: backend.scheduler.is_idle)
    await asyncio.sleep(0.05)
    return backend.metrics.metrics


async def test_metrics_count_as_many_inferences_as_sessions_ran(config: Config) -> None:
    plugins = await asyncio.to_thread(CountingPluginManager.load, config)
    assert isinstance(plugins, CountingPluginManager)
    async with open_backend(config, plugins) as backend:
        model = await backend.open_model()

        # The first provider fails within this sentence, and the CPU takes over.
        await speak(backend, "The front door is open, and it rains.")
        assert plugins.counts["vocoder", "failing", True] == 1
        assert plugins.counts["vocoder", "cpu", False] > 0

        before = plugins.counts.total()
        # Three requests share one synthesis, and the fourth is cached.
        await asyncio.gather(*(speak(backend, "Dinner is ready.") for _ in range(3)))
        after_one_synthesis = plugins.counts.total()
        assert after_one_synthesis > before
        await speak(backend, "Dinner is ready.")
        assert plugins.counts.total() == after_one_synthesis

        await cancel_after_first_audio(backend, "This sentence is cancelled, however long it may still be.")
        await backend.tts.warm(Phrase("Good night."))
        await model.run_trials(backend.scheduler, backend.tts.idle_timer)

        metrics = await final_metrics(backend)
        counted: RunCounts = Counter()
        for row in metrics.inferences:
            counted[row.stage, row.provider, True] += row.failures
            counted[row.stage, row.provider, False] += row.count - row.failures
        assert +counted == plugins.counts

        assert {"late", "broken"} <= {row.provider for row in metrics.inferences if row.purpose == "trial"}
        assert plugins.counts["vocoder", "broken", True] == 1
        stages = {"prosody", "decoder", "vocoder"}
        assert {row.stage for row in metrics.inferences if row.purpose == "warmup"} == stages
        assert {facts.stage for facts in model.stages} == stages


async def test_rtf_of_shared_synthesis_is_counted_for_one_request(config: Config) -> None:
    """A cached request has no RTF."""
    plugins = await asyncio.to_thread(CountingPluginManager.load, config)
    async with open_backend(config, plugins) as backend:
        await asyncio.gather(*(speak(backend, "Good evening.") for _ in range(2)))
        await speak(backend, "Good evening.")
        metrics = await final_metrics(backend)
    totals = metrics.voices["af_heart"]
    # On a busy machine, the second request may come when the first has ended.
    assert (totals.segments, totals.cached) in {(3, 1), (3, 2)}
    assert metrics.rtf.count == 1
    model_seconds = sum(row.seconds for row in metrics.inferences if row.purpose == "speech")
    assert metrics.rtf.sum * totals.seconds / 3 >= 0.9 * model_seconds
