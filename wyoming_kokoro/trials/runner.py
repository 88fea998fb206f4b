"""Tries providers that open slowly, and numbers of threads, once, in the background, while the server is idle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

import psutil

from wyoming_kokoro.api.metrics import TrialSummary
from wyoming_kokoro.api.providers import Provider, Session
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.errors import GraphMismatch, StartupError
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.stage import OpenSession
from wyoming_kokoro.inference.timeout_session import TimeoutSession
from wyoming_kokoro.model.manifest import TOKENS, WINDOW
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.trials.results import TrialResult, TrialResults
from wyoming_kokoro.trials.targets import AlbertTarget, TrialTarget, VocoderTarget, baseline, candidates_for
from wyoming_kokoro.trials.trial import MIN_SNR_DB, VocoderTrial

IDLE_SECONDS = 5.0
POLL_INTERVAL_SECONDS = 1.0
CPU_SAMPLE_SECONDS = 1.0
MIN_IDLE_CPU_PERCENT = 20.0
ENOUGH = 1.05
"""Fewer threads that take at most so many times as long are enough."""

log = logging.getLogger(__name__)


class TrialRunner:
    """Tries what may run the vocoder, or read the text, faster than the provider that does from the start."""

    def __init__(
        self,
        stages: ModelPipeline,
        providers: Sequence[Provider],
        records: TrialResults,
        threads: int,
        memory_state: MemoryState,
    ) -> None:
        """`threads` are those that the configuration wants; 0 for as many as are of use."""
        self._stages = stages
        self._speakers = candidates_for(providers, VocoderTarget.name)
        self._readers = candidates_for(providers, AlbertTarget.name)
        self._records = records
        self._threads = threads
        self._memory_state = memory_state

    async def run(self, scheduler: Scheduler, idle_timer: IdleTimer) -> None:
        """Open what was found good before; try what was not tried yet, when nobody is spoken to."""
        await self._fill(VocoderTarget(self._stages), self._speakers, scheduler, idle_timer)
        if self._may_read():
            await self._silence(idle_timer)
            await self._divide(scheduler, idle_timer)
        if not self._threads and not self._records.threads:
            await self._silence(idle_timer)
            await _idleness()
            await self.try_thread_counts(scheduler)

    @property
    def summaries(self) -> tuple[TrialSummary, ...]:
        """What is known of each provider."""
        providers = (baseline(self._stages.vocoder).provider, *self._speakers)
        known = {item.name: self._records.get(item, VocoderTarget.name, WINDOW) for item in providers}
        return tuple(
            TrialSummary(name, record.seconds, record.problem, record.note) for name, record in known.items() if record
        )

    @property
    def trial_reports(self) -> Mapping[str, str]:
        """Return what is known of each provider, in words."""
        known = baseline(self._stages.vocoder).provider
        told = {item.name: self._told(item, VocoderTarget.name, WINDOW) for item in (*self._speakers, known)}
        for size in TOKENS:
            for item in (*self._readers, known):
                told[f"{item.name}, {size} tokens"] = self._told(item, AlbertTarget.name, size)
        return {name: words for name, words in told.items() if words}

    def _told(self, provider: Provider, stage: str, window: int) -> str:
        record = self._records.get(provider, stage, window)
        if record is None or record.problem:
            return record.problem if record else ""
        what = "a window of 200 ms" if stage == VocoderTarget.name else "reading a text"
        return f"{1000 * (record.seconds or 0):.0f} ms for {what} {record.note}".strip()

    async def _fill(
        self, place: TrialTarget, candidates: Sequence[Provider], scheduler: Scheduler, idle_timer: IdleTimer
    ) -> None:
        """Let the best of `candidates` be chosen for a place."""
        record = self._records.get(baseline(place.stage).provider, place.name, place.window)
        if record and record.seconds:
            _measured(place, record.seconds)
        for provider in candidates:
            if self._may_run(place, provider):
                await self._prove(place, provider, scheduler, idle_timer)

    def _may_run(self, place: TrialTarget, provider: Provider) -> bool:
        """Return whether it is worth opening: it was never tried, or would be chosen by what was measured."""
        record = self._records.get(provider, place.name, place.window)
        if record is None:
            return True
        return not record.problem and place.stage.would_select(provider, place.window, record.seconds)

    def _may_read(self) -> bool:
        """Return whether an accelerator may be of use for texts: it was not tried with some, or reads them well."""
        records = [self._records.get(item, AlbertTarget.name, size) for item in self._readers for size in TOKENS]
        return any(record is None or not record.problem for record in records)

    async def _divide(self, scheduler: Scheduler, idle_timer: IdleTimer) -> None:
        """Let accelerators read the texts that they read faster."""
        try:
            reading = await asyncio.to_thread(self._stages.open_split_prosody)
        except (GraphMismatch, StartupError, OSError) as error:
            log.warning("The processor reads all texts: %s", error)
            return
        try:
            for size in TOKENS:
                await self._fill(AlbertTarget(self._stages, reading, size), self._readers, scheduler, idle_timer)
        finally:
            if reading.accelerator_precisions:
                self._stages.use_split_prosody(reading)
            else:
                await asyncio.to_thread(reading.close)

    async def _prove(self, place: TrialTarget, provider: Provider, scheduler: Scheduler, idle_timer: IdleTimer) -> None:
        """Open and try `provider`; let it be chosen if it is right and would be. What goes wrong is noted."""
        known = self._records.get(provider, place.name, place.window)
        if known is None:
            await self._silence(idle_timer)
            log.info("Trying the provider %s for the %s in the background", provider.name, place)
        try:
            opened = await asyncio.to_thread(place.open, provider, self._threads or default_threads())
            session: Session = TimeoutSession(opened)
        except Exception as error:  # noqa: BLE001 a provider may fail in any way
            # Not noted: a driver may be installed before the next start.
            log.warning("The provider %s is not used: it does not open: %s", provider.name, error)
            return
        seconds = {place.window: known.seconds} if known and known.seconds else {}
        placement = getattr(opened, "placement", None)
        item = OpenSession(provider, session, seconds, place.window_limit(provider), placement)
        if known is not None:
            place.stage.add_session(item)
            log.info("%s runs the %s, as it did before", provider.name, place)
            return
        await self._silence(idle_timer)
        await self._try(place, item, str(getattr(opened, "note", "")), scheduler)
        if item.session not in [other.session for other in place.stage.open_sessions]:
            await asyncio.to_thread(session.close)

    async def _try(self, place: TrialTarget, item: OpenSession, told: str, scheduler: Scheduler) -> None:
        known, provider = baseline(place.stage), item.provider
        trial = place.trial(place.stage.instrumented(known), place.stage.instrumented(item))
        try:
            await scheduler.run_in_background(trial.units())
        except Exception as error:  # noqa: BLE001 a provider may fail in any way
            await self._refuse(place, provider, f"it fails: {error.__cause__ or error}")
            return
        if not trial.snr_db >= MIN_SNR_DB:
            await self._refuse(place, provider, f"its {place.output_name} is wrong ({trial.snr_db:.0f} dB)")
            return
        before, after = trial.seconds
        await self._note(place, known.provider, TrialResult(known.provider.version, before))
        await self._note(place, provider, TrialResult(provider.version, after, note=told))
        _measured(place, before)
        place.stage.add_session(replace(item, window_seconds={place.window: after}))
        chosen = place.stage.would_select(provider, place.window, after)
        if not chosen:
            place.stage.remove_session(provider.name, item.window)
        log.info(
            "%s takes %.0f ms for the %s, %s %.0f ms: %s",
            provider.name, 1000 * after, place, known.provider.name, 1000 * before,
            "it is used" if chosen else "it is not used",
        )  # fmt: skip

    async def _refuse(self, place: TrialTarget, provider: Provider, problem: str) -> None:
        log.warning("The provider %s is not used for the %s: %s", provider.name, place, problem)
        await self._note(place, provider, TrialResult(provider.version, problem=problem))

    async def _note(self, place: TrialTarget, provider: Provider, record: TrialResult) -> None:
        await asyncio.to_thread(self._records.add, provider, place.name, place.window, record)

    async def _silence(self, idle_timer: IdleTimer) -> None:
        while self._memory_state.is_short or idle_timer.seconds < IDLE_SECONDS:  # noqa: ASYNC110 time goes by without an event
            await asyncio.sleep(POLL_INTERVAL_SECONDS)

    async def try_thread_counts(self, scheduler: Scheduler) -> None:
        """Find the fewest threads that are enough; they are used from the next start on."""
        found, most = {}, default_threads()
        vocoder = self._stages.vocoder
        known = baseline(vocoder)
        for threads in range(1, most):
            session = await asyncio.to_thread(self._stages.open_vocoder, known.provider, threads)
            rival = replace(known, session=session)
            trial = VocoderTrial(self._stages, vocoder.instrumented(known), vocoder.instrumented(rival))
            try:
                await scheduler.run_in_background(trial.units())
                found[threads] = trial.seconds[1] / trial.seconds[0]
            finally:
                await asyncio.to_thread(session.close)
        enough = fewest_threads(found, most)
        log.info("%d of %d threads are enough here: so it is from the next start on", enough, most)
        await asyncio.to_thread(self._records.record_threads, enough)


def _measured(place: TrialTarget, seconds: float) -> None:
    """Take note of how long the provider that runs a place from the start takes there."""
    known = baseline(place.stage)
    place.stage.add_session(replace(known, window_seconds={**known.window_seconds, place.window: seconds}))


def fewest_threads(ratios: dict[int, float], most: int) -> int:
    """Return the fewest threads that are enough, by the time each takes against that of `most`."""
    best = min([1.0, *ratios.values()])
    return next((threads for threads in sorted(ratios) if ratios[threads] <= best * ENOUGH), most)


async def _idleness() -> None:
    """Wait until the machine has nothing else to do: whoever shares a processor learns nothing of threads."""
    while await asyncio.to_thread(psutil.cpu_percent, CPU_SAMPLE_SECONDS) > MIN_IDLE_CPU_PERCENT:  # noqa: ASYNC110
        await asyncio.sleep(POLL_INTERVAL_SECONDS)
