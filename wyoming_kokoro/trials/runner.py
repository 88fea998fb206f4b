"""Tries providers that open slowly, and numbers of threads, once, in the background, while the server is idle."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

import psutil

from wyoming_kokoro.api.metrics import TrialSummary
from wyoming_kokoro.api.providers import Provider
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.errors import GraphMismatch, StartupError
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.stage import OpenSession
from wyoming_kokoro.inference.timeout_session import TIMEOUT_SECONDS, TimeoutSession
from wyoming_kokoro.model.manifest import ALBERT_SIZES, WINDOW_FRAMES
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.trials.results import TrialResult, TrialResults
from wyoming_kokoro.trials.targets import (
    ALBERT,
    VOCODER,
    TrialTarget,
    albert_target,
    baseline,
    candidates_for,
    vocoder_target,
)
from wyoming_kokoro.trials.trial import VocoderTrial

IDLE_SECONDS = 5.0
POLL_INTERVAL_SECONDS = 1.0
CPU_SAMPLE_SECONDS = 1.0
MAX_BUSY_CPU_PERCENT = 20.0
MAX_SLOWDOWN_RATIO = 1.05
"""Fewer threads are as fast if they take at most this many times as long."""

log = logging.getLogger(__name__)


class TrialRunner:
    """Looks for providers that run the vocoder or ALBERT faster than the provider since startup."""

    def __init__(
        self,
        pipeline: ModelPipeline,
        providers: Sequence[Provider],
        results: TrialResults,
        threads: int,
        memory_state: MemoryState,
    ) -> None:
        """`threads` is the configured number; 0 has the runner measure the best number."""
        self._pipeline = pipeline
        self._vocoder_candidates = candidates_for(providers, VOCODER)
        self._albert_candidates = candidates_for(providers, ALBERT)
        self._results = results
        self._threads = threads
        self._memory_state = memory_state

    async def run(self, scheduler: Scheduler, idle_timer: IdleTimer) -> None:
        """Open providers that were faster in an earlier trial, and try new ones while the server is idle."""
        await self._try_all(vocoder_target(self._pipeline), self._vocoder_candidates, scheduler, idle_timer)
        if self._can_accelerate_albert():
            await self._wait_until_idle(idle_timer)
            await self._accelerate_albert(scheduler, idle_timer)
        if not self._threads and not self._results.threads:
            await self._wait_until_idle(idle_timer)
            await _wait_for_idle_cpu()
            await self.try_thread_counts(scheduler)

    @property
    def summaries(self) -> tuple[TrialSummary, ...]:
        """The result of each provider that was tried for the vocoder."""
        providers = (baseline(self._pipeline.vocoder).provider, *self._vocoder_candidates)
        known = {item.name: self._results.get(item, VOCODER, WINDOW_FRAMES) for item in providers}
        return tuple(
            TrialSummary(name, result.seconds, result.problem, result.note) for name, result in known.items() if result
        )

    @property
    def trial_reports(self) -> Mapping[str, str]:
        """The result of each provider, for people."""
        known = baseline(self._pipeline.vocoder).provider
        reports = {item.name: self._report(item, VOCODER, WINDOW_FRAMES) for item in (*self._vocoder_candidates, known)}
        for size in ALBERT_SIZES:
            for item in (*self._albert_candidates, known):
                reports[f"{item.name}, {size} tokens"] = self._report(item, ALBERT, size)
        return {name: report for name, report in reports.items() if report}

    def _report(self, provider: Provider, stage: str, window: int) -> str:
        result = self._results.get(provider, stage, window)
        if result is None or result.problem:
            return result.problem if result else ""
        work = "a window of 200 ms" if stage == VOCODER else "reading a text"
        return f"{1000 * (result.seconds or 0):.0f} ms for {work} {result.note}".strip()

    async def _try_all(
        self, target: TrialTarget, candidates: Sequence[Provider], scheduler: Scheduler, idle_timer: IdleTimer
    ) -> None:
        result = self._results.get(baseline(target.stage).provider, target.name, target.window)
        if result and result.seconds:
            _set_baseline_seconds(target, result.seconds)
        for provider in candidates:
            if self._is_worth_opening(target, provider):
                await self._open_and_try(target, provider, scheduler, idle_timer)

    def _is_worth_opening(self, target: TrialTarget, provider: Provider) -> bool:
        """Return whether the provider was never tried, or would be selected by its result."""
        result = self._results.get(provider, target.name, target.window)
        if result is None:
            return True
        return not result.problem and target.stage.would_select(provider, target.window, result.seconds)

    def _can_accelerate_albert(self) -> bool:
        """Return whether a provider was not yet tried at some text length, or works there."""
        known = [self._results.get(item, ALBERT, size) for item in self._albert_candidates for size in ALBERT_SIZES]
        return any(result is None or not result.problem for result in known)

    async def _accelerate_albert(self, scheduler: Scheduler, idle_timer: IdleTimer) -> None:
        """Try accelerators for ALBERT at each text length, and use split prosody if one is faster."""
        try:
            split_prosody = await asyncio.to_thread(self._pipeline.open_split_prosody)
        except (GraphMismatch, StartupError, OSError) as error:
            log.warning("ALBERT stays on the CPU (%s)", error)
            return
        try:
            for size in ALBERT_SIZES:
                target = albert_target(self._pipeline, split_prosody, size)
                await self._try_all(target, self._albert_candidates, scheduler, idle_timer)
        finally:
            if split_prosody.accelerator_precisions:
                self._pipeline.use_split_prosody(split_prosody)
            else:
                await asyncio.to_thread(split_prosody.close)

    async def _open_and_try(
        self, target: TrialTarget, provider: Provider, scheduler: Scheduler, idle_timer: IdleTimer
    ) -> None:
        """Open `provider` and add it to the stage, after a trial if it has no result yet."""
        known = self._results.get(provider, target.name, target.window)
        if known is None:
            await self._wait_until_idle(idle_timer)
            log.info("Trying provider %s in the background (%s)", provider.name, target)
        try:
            threads = self._threads or await asyncio.to_thread(default_threads)
            opened = await asyncio.to_thread(target.open, provider, threads)
            # A session with a process of its own has its own timeout, after which it ends the process.
            session = TimeoutSession(opened, threading.TIMEOUT_MAX if provider.process else TIMEOUT_SECONDS)
        except Exception as error:  # noqa: BLE001 a provider may fail in any way
            # There is no result to store: a driver may be installed before the next start.
            log.warning("Provider %s does not open (%s)", provider.name, error)
            return
        seconds = {target.window: known.seconds} if known and known.seconds else {}
        placement = getattr(opened, "placement", None)
        item = OpenSession(provider, session, seconds, target.window_limit(provider), placement)
        if known is not None:
            target.stage.add_session(item)
            log.info("Provider %s added from an earlier trial (%s)", provider.name, target)
            return
        await self._wait_until_idle(idle_timer)
        await self._try(target, item, str(getattr(opened, "note", "")), scheduler)
        if item.session not in [other.session for other in target.stage.open_sessions]:
            await asyncio.to_thread(session.close)

    async def _try(self, target: TrialTarget, item: OpenSession, note: str, scheduler: Scheduler) -> None:
        """Run a trial and store the result; add `item` to the stage if it is correct and would be selected."""
        known, provider = baseline(target.stage), item.provider
        trial = target.trial(target.stage.instrumented(known), target.stage.instrumented(item))
        try:
            await scheduler.run_in_background(trial.units())
        except Exception as error:  # noqa: BLE001 a provider may fail in any way
            problem = f"it fails: {error.__cause__ or error}"
            if isinstance(error.__cause__, TimeoutError):
                # On a machine with too much to do, a provider that works may be late, too.
                log.warning("Provider %s not used until the next start (%s: %s)", provider.name, target, problem)
            else:
                await self._reject(target, provider, problem)
            return
        if not trial.is_correct:
            problem = f"its {target.output_name} is wrong ({trial.snr_db:.0f} dB, {trial.worst_snr_db:.0f} at worst)"
            await self._reject(target, provider, problem)
            return
        baseline_seconds, seconds = trial.seconds
        await self._store(target, known.provider, TrialResult(known.provider.version, baseline_seconds))
        await self._store(target, provider, TrialResult(provider.version, seconds, note=note))
        _set_baseline_seconds(target, baseline_seconds)
        target.stage.add_session(replace(item, window_seconds={target.window: seconds}))
        is_selected = target.stage.would_select(provider, target.window, seconds)
        if not is_selected:
            target.stage.remove_session(provider.name, item.window)
        log.info(
            "Provider %s %s (%s: %.0f ms, %s %.0f ms)",
            provider.name, "added" if is_selected else "not added", target, 1000 * seconds,
            known.provider.name, 1000 * baseline_seconds,
        )  # fmt: skip

    async def _reject(self, target: TrialTarget, provider: Provider, problem: str) -> None:
        log.warning("Provider %s rejected (%s: %s)", provider.name, target, problem)
        await self._store(target, provider, TrialResult(provider.version, problem=problem))

    async def _store(self, target: TrialTarget, provider: Provider, result: TrialResult) -> None:
        await asyncio.to_thread(self._results.add, provider, target.name, target.window, result)

    async def _wait_until_idle(self, idle_timer: IdleTimer) -> None:
        """Wait until the server is idle and memory is not short: a trial opens the stage a second time."""
        while self._memory_state.is_short or idle_timer.seconds < IDLE_SECONDS:  # noqa: ASYNC110 time passes without an event
            await asyncio.sleep(POLL_INTERVAL_SECONDS)

    async def try_thread_counts(self, scheduler: Scheduler) -> None:
        """Store the smallest number of threads that is as fast as any. The next start uses it."""
        ratios, max_threads = dict[int, float](), await asyncio.to_thread(default_threads)
        vocoder = self._pipeline.vocoder
        known = baseline(vocoder)
        for threads in range(1, max_threads):
            session = await asyncio.to_thread(self._pipeline.open_vocoder, known.provider, threads)
            candidate = replace(known, session=session)
            trial = VocoderTrial(self._pipeline, vocoder.instrumented(known), vocoder.instrumented(candidate))
            try:
                await scheduler.run_in_background(trial.units())
                ratios[threads] = trial.seconds[1] / trial.seconds[0]
            finally:
                await asyncio.to_thread(session.close)
        threads = fewest_threads(ratios, max_threads)
        log.info("%d of %d threads are as fast; will use them from the next start", threads, max_threads)
        await asyncio.to_thread(self._results.record_threads, threads)


def _set_baseline_seconds(target: TrialTarget, seconds: float) -> None:
    """Set the measured time of the baseline for the window size of `target`."""
    known = baseline(target.stage)
    window_seconds = {**known.window_seconds, target.window: seconds}
    target.stage.add_session(replace(known, window_seconds=window_seconds))


def fewest_threads(ratios: Mapping[int, float], max_threads: int) -> int:
    """Return the smallest number of threads that is as fast as any.

    `ratios` maps a number of threads to its time, divided by the time with `max_threads`.
    """
    best = min([1.0, *ratios.values()])
    return next((threads for threads in sorted(ratios) if ratios[threads] <= best * MAX_SLOWDOWN_RATIO), max_threads)


async def _wait_for_idle_cpu() -> None:
    """Wait until the machine is idle: a measurement of threads on shared CPUs is worthless."""
    while await asyncio.to_thread(psutil.cpu_percent, CPU_SAMPLE_SECONDS) > MAX_BUSY_CPU_PERCENT:  # noqa: ASYNC110
        await asyncio.sleep(POLL_INTERVAL_SECONDS)
