"""Providers that take long to open, and numbers of threads: tried in the background, once, while the house is quiet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

import psutil

from wyoming_kokoro.api.metrics import Tried
from wyoming_kokoro.api.providers import Provider, Session
from wyoming_kokoro.cpu import processors
from wyoming_kokoro.errors import GraphMismatch, StartupError
from wyoming_kokoro.inference.pipeline import Stages
from wyoming_kokoro.inference.stage import Opened
from wyoming_kokoro.inference.timeout_session import Watched
from wyoming_kokoro.model.manifest import TOKENS, WINDOW
from wyoming_kokoro.scheduling.idle import Quiet
from wyoming_kokoro.scheduling.scheduler import Engine
from wyoming_kokoro.trials.results import Record, Records
from wyoming_kokoro.trials.targets import Place, Reader, Speaking, floor, wanting
from wyoming_kokoro.trials.trial import LEAST_LIKENESS, SpokenTrial

QUIET_SECONDS = 5.0
POLL_SECONDS = 1.0
LOOK_SECONDS = 1.0
IDLE_PERCENT = 20.0
ENOUGH = 1.05
"""Fewer threads that take at most so many times as long are enough."""

log = logging.getLogger(__name__)


class Proving:
    """Tries what may run the vocoder, or read the text, faster than the provider that does from the start."""

    def __init__(self, stages: Stages, providers: Sequence[Provider], records: Records, threads: int) -> None:
        """`threads` are those that the configuration wants; 0 for as many as are of use."""
        self._stages = stages
        self._speakers = wanting(providers, Speaking.name)
        self._readers = wanting(providers, Reader.name)
        self._records = records
        self._threads = threads
        self.is_put_off = False
        """Whether nothing is tried now, since memory is short: what is tried is open twice."""

    async def run(self, engine: Engine, quiet: Quiet) -> None:
        """Open what was found good before; try what was not tried yet, when nobody is spoken to."""
        await self._fill(Speaking(self._stages), self._speakers, engine, quiet)
        if self._may_read():
            await self._silence(quiet)
            await self._divide(engine, quiet)
        if not self._threads and not self._records.threads:
            await self._silence(quiet)
            await _idleness()
            await self.prove_threads(engine)

    @property
    def tried(self) -> tuple[Tried, ...]:
        """What is known of each provider."""
        providers = (floor(self._stages.vocoder).provider, *self._speakers)
        known = {item.name: self._records.of(item, Speaking.name, WINDOW) for item in providers}
        return tuple(
            Tried(name, record.seconds, record.problem, record.note) for name, record in known.items() if record
        )

    @property
    def measured(self) -> Mapping[str, str]:
        """Return what is known of each provider, in words."""
        known = floor(self._stages.vocoder).provider
        told = {item.name: self._told(item, Speaking.name, WINDOW) for item in (*self._speakers, known)}
        for size in TOKENS:
            for item in (*self._readers, known):
                told[f"{item.name}, {size} tokens"] = self._told(item, Reader.name, size)
        return {name: words for name, words in told.items() if words}

    def _told(self, provider: Provider, stage: str, window: int) -> str:
        record = self._records.of(provider, stage, window)
        if record is None or record.problem:
            return record.problem if record else ""
        what = "a window of 200 ms" if stage == Speaking.name else "reading a text"
        return f"{1000 * (record.seconds or 0):.0f} ms for {what} {record.note}".strip()

    async def _fill(self, place: Place, candidates: Sequence[Provider], engine: Engine, quiet: Quiet) -> None:
        """Let the best of `candidates` be chosen for a place."""
        record = self._records.of(floor(place.stage).provider, place.name, place.window)
        if record and record.seconds:
            _measured(place, record.seconds)
        for provider in candidates:
            if self._may_run(place, provider):
                await self._prove(place, provider, engine, quiet)

    def _may_run(self, place: Place, provider: Provider) -> bool:
        """Return whether it is worth opening: it was never tried, or would be chosen by what was measured."""
        record = self._records.of(provider, place.name, place.window)
        if record is None:
            return True
        return not record.problem and place.stage.would_choose_of(provider, place.window, record.seconds)

    def _may_read(self) -> bool:
        """Return whether an accelerator may be of use for texts: it was not tried with some, or reads them well."""
        records = [self._records.of(item, Reader.name, size) for item in self._readers for size in TOKENS]
        return any(record is None or not record.problem for record in records)

    async def _divide(self, engine: Engine, quiet: Quiet) -> None:
        """Let accelerators read the texts that they read faster."""
        try:
            reading = await asyncio.to_thread(self._stages.open_reading)
        except (GraphMismatch, StartupError, OSError) as error:
            log.warning("The processor reads all texts: %s", error)
            return
        try:
            for size in TOKENS:
                await self._fill(Reader(self._stages, reading, size), self._readers, engine, quiet)
        finally:
            if reading.accelerators:
                self._stages.read_with(reading)
            else:
                await asyncio.to_thread(reading.close)

    async def _prove(self, place: Place, provider: Provider, engine: Engine, quiet: Quiet) -> None:
        """Open and try `provider`; let it be chosen if it is right and would be. What goes wrong is noted."""
        known = self._records.of(provider, place.name, place.window)
        if known is None:
            await self._silence(quiet)
            log.info("Trying the provider %s for the %s in the background", provider.name, place)
        try:
            opened = await asyncio.to_thread(place.open, provider, self._threads or processors())
            session: Session = Watched(opened)
        except Exception as error:  # noqa: BLE001 a provider may fail in any way
            # Not noted: a driver may be installed before the next start.
            log.warning("The provider %s is not used: it does not open: %s", provider.name, error)
            return
        seconds = {place.window: known.seconds} if known and known.seconds else {}
        placement = getattr(opened, "placement", None)
        item = Opened(provider, session, seconds, place.size_of(provider), placement)
        if known is not None:
            place.stage.adopt(item)
            log.info("%s runs the %s, as it did before", provider.name, place)
            return
        await self._silence(quiet)
        await self._try(place, item, str(getattr(opened, "note", "")), engine)
        if item.session not in [other.session for other in place.stage.opened]:
            await asyncio.to_thread(session.close)

    async def _try(self, place: Place, item: Opened, told: str, engine: Engine) -> None:
        known, provider = floor(place.stage), item.provider
        trial = place.trial(place.stage.counted(known), place.stage.counted(item))
        try:
            await engine.work(trial.steps())
        except Exception as error:  # noqa: BLE001 a provider may fail in any way
            await self._refuse(place, provider, f"it fails: {error.__cause__ or error}")
            return
        if not trial.likeness >= LEAST_LIKENESS:
            await self._refuse(place, provider, f"its {place.result} is wrong ({trial.likeness:.0f} dB)")
            return
        before, after = trial.seconds
        await self._note(place, known.provider, Record(known.provider.version, before))
        await self._note(place, provider, Record(provider.version, after, note=told))
        _measured(place, before)
        place.stage.adopt(replace(item, seconds={place.window: after}))
        chosen = place.stage.would_choose_of(provider, place.window, after)
        if not chosen:
            place.stage.dismiss(provider.name, item.window)
        log.info(
            "%s takes %.0f ms for the %s, %s %.0f ms: %s",
            provider.name, 1000 * after, place, known.provider.name, 1000 * before,
            "it is used" if chosen else "it is not used",
        )  # fmt: skip

    async def _refuse(self, place: Place, provider: Provider, problem: str) -> None:
        log.warning("The provider %s is not used for the %s: %s", provider.name, place, problem)
        await self._note(place, provider, Record(provider.version, problem=problem))

    async def _note(self, place: Place, provider: Provider, record: Record) -> None:
        await asyncio.to_thread(self._records.note, provider, place.name, place.window, record)

    async def _silence(self, quiet: Quiet) -> None:
        while self.is_put_off or quiet.seconds < QUIET_SECONDS:  # noqa: ASYNC110 time goes by without an event
            await asyncio.sleep(POLL_SECONDS)

    async def prove_threads(self, engine: Engine) -> None:
        """Find the fewest threads that are enough; they are used from the next start on."""
        found, most = {}, processors()
        vocoder = self._stages.vocoder
        known = floor(vocoder)
        for threads in range(1, most):
            session = await asyncio.to_thread(self._stages.open_vocoder, known.provider, threads)
            rival = replace(known, session=session)
            trial = SpokenTrial(self._stages, vocoder.counted(known), vocoder.counted(rival))
            try:
                await engine.work(trial.steps())
                found[threads] = trial.seconds[1] / trial.seconds[0]
            finally:
                await asyncio.to_thread(session.close)
        enough = fewest(found, most)
        log.info("%d of %d threads are enough here: so it is from the next start on", enough, most)
        await asyncio.to_thread(self._records.note_threads, enough)


def _measured(place: Place, seconds: float) -> None:
    """Take note of how long the provider that runs a place from the start takes there."""
    known = floor(place.stage)
    place.stage.adopt(replace(known, seconds={**known.seconds, place.window: seconds}))


def fewest(ratios: dict[int, float], most: int) -> int:
    """Return the fewest threads that are enough, by the time each takes against that of `most`."""
    best = min([1.0, *ratios.values()])
    return next((threads for threads in sorted(ratios) if ratios[threads] <= best * ENOUGH), most)


async def _idleness() -> None:
    """Wait until the machine has nothing else to do: whoever shares a processor learns nothing of threads."""
    while await asyncio.to_thread(psutil.cpu_percent, LOOK_SECONDS) > IDLE_PERCENT:  # noqa: ASYNC110
        await asyncio.sleep(POLL_SECONDS)
