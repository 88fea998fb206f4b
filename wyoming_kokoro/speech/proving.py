"""Providers that take long to open, and numbers of threads: tried in the background, once, while the house is quiet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

import psutil

from wyoming_kokoro.figures import Tried
from wyoming_kokoro.processors import processors
from wyoming_kokoro.speech.engine import Engine
from wyoming_kokoro.speech.quiet import Quiet
from wyoming_kokoro.speech.records import Records
from wyoming_kokoro.speech.stage import Opened, speaks_at_once
from wyoming_kokoro.speech.stages import Stages
from wyoming_kokoro.speech.trial import LEAST_LIKENESS, Trial
from wyoming_kokoro.speech.watched import Watched
from wyoming_kokoro.types import Provider, Session

QUIET_SECONDS = 5.0
POLL_SECONDS = 1.0
LOOK_SECONDS = 1.0
IDLE_PERCENT = 20.0
ENOUGH = 1.05
"""Fewer threads that take at most so many times as long are enough."""

log = logging.getLogger(__name__)


class Proving:
    """Tries what may run the vocoder faster than the provider that speaks from the start."""

    def __init__(self, stages: Stages, providers: Sequence[Provider], records: Records, threads: int) -> None:
        """`threads` are those that the configuration wants; 0 for as many as are of use."""
        self._stages = stages
        self._providers = [item for item in providers if item.why_not is None and not speaks_at_once(item)]
        self._records = records
        self._threads = threads
        self.is_put_off = False
        """Whether nothing is tried now, since memory is short: what is tried is open twice."""

    async def run(self, engine: Engine, quiet: Quiet) -> None:
        """Open what was found good before; try what was not tried yet, when nobody is spoken to."""
        self._recall()
        for provider in self._providers:
            if self._may_speak(provider):
                await self._prove(provider, engine, quiet)
        if not self._threads and not self._records.threads:
            await self._silence(quiet)
            await _idleness()
            await self.prove_threads(engine)

    @property
    def tried(self) -> tuple[Tried, ...]:
        """What is known of each provider."""
        known = {item.name: self._records.of(item) for item in (self._floor.provider, *self._providers)}
        return tuple(
            Tried(name, record.seconds, record.problem, record.note) for name, record in known.items() if record
        )

    @property
    def measured(self) -> Mapping[str, str]:
        """Return what is known of each provider, in words."""
        return {
            item.provider: item.problem
            or f"{1000 * (item.seconds or 0):.0f} ms for a window of 200 ms {item.note}".strip()
            for item in self.tried
        }

    def _recall(self) -> None:
        floor = self._floor
        record = self._records.of(floor.provider)
        if record:
            self._stages.vocoder.adopt(Opened(floor.provider, floor.session, record.seconds))

    @property
    def _floor(self) -> Opened:
        """The provider that speaks from the start."""
        return next(item for item in self._stages.vocoder.opened if speaks_at_once(item.provider))

    def _may_speak(self, provider: Provider) -> bool:
        """Return whether it is worth opening: it was never tried, or would be chosen by what was measured."""
        record = self._records.of(provider)
        if record is None:
            return True
        return not record.problem and self._stages.vocoder.would_choose_of(provider, record.seconds)

    async def _prove(self, provider: Provider, engine: Engine, quiet: Quiet) -> None:
        """Open and try `provider`; let it be chosen if it is right and would be. What goes wrong is noted."""
        known = self._records.of(provider)
        if known is None:
            await self._silence(quiet)
            log.info("Trying the provider %s in the background", provider.name)
        try:
            opened = await asyncio.to_thread(self._stages.open_vocoder, provider, self._threads or processors())
            session: Session = Watched(opened)
        except Exception as error:  # noqa: BLE001 a provider may fail in any way
            # Not noted: a driver may be installed before the next start.
            log.warning("The provider %s is not used: it does not open: %s", provider.name, error)
            return
        if known is not None:
            self._stages.vocoder.adopt(Opened(provider, session, known.seconds))
            log.info("%s runs the vocoder, as it did before", provider.name)
            return
        await self._silence(quiet)
        await self._try(provider, session, str(getattr(opened, "note", "")), engine)
        if provider.name not in {item.provider.name for item in self._stages.vocoder.opened}:
            await asyncio.to_thread(session.close)

    async def _try(self, provider: Provider, session: Session, told: str, engine: Engine) -> None:
        floor = self._floor
        vocoder = self._stages.vocoder
        trial = Trial(self._stages, vocoder.counted(floor), vocoder.counted(Opened(provider, session)))
        try:
            await engine.work(trial.steps())
        except Exception as error:  # noqa: BLE001 a provider may fail in any way
            await self._refuse(provider, f"it fails: {error.__cause__ or error}")
            return
        if not trial.likeness >= LEAST_LIKENESS:
            await self._refuse(provider, f"its sound is wrong ({trial.likeness:.0f} dB)")
            return
        before, after = trial.seconds
        await asyncio.to_thread(self._records.note, floor.provider, before)
        await asyncio.to_thread(self._records.note, provider, after, "", told)
        self._stages.vocoder.adopt(Opened(floor.provider, floor.session, before))
        self._stages.vocoder.adopt(Opened(provider, session, after))
        chosen = self._stages.vocoder.would_choose_of(provider, after)
        if not chosen:
            self._stages.vocoder.dismiss(provider.name)
        verdict = "it is used" if chosen else "it is not used"
        log.info(
            "%s takes %.0f ms for a window, %s %.0f ms: %s",
            provider.name, 1000 * after, floor.provider.name, 1000 * before, verdict,
        )  # fmt: skip

    async def _refuse(self, provider: Provider, problem: str) -> None:
        log.warning("The provider %s is not used: %s", provider.name, problem)
        await asyncio.to_thread(self._records.note, provider, None, problem)

    async def _silence(self, quiet: Quiet) -> None:
        while self.is_put_off or quiet.seconds < QUIET_SECONDS:  # noqa: ASYNC110 time goes by without an event
            await asyncio.sleep(POLL_SECONDS)

    async def prove_threads(self, engine: Engine) -> None:
        """Find the fewest threads that are enough; they are used from the next start on."""
        found, most = {}, processors()
        floor, vocoder = self._floor, self._stages.vocoder
        for threads in range(1, most):
            session = await asyncio.to_thread(self._stages.open_vocoder, floor.provider, threads)
            rival = Opened(floor.provider, session)
            trial = Trial(self._stages, vocoder.counted(floor), vocoder.counted(rival))
            try:
                await engine.work(trial.steps())
                found[threads] = trial.seconds[1] / trial.seconds[0]
            finally:
                await asyncio.to_thread(session.close)
        enough = fewest(found, most)
        log.info("%d of %d threads are enough here: so it is from the next start on", enough, most)
        await asyncio.to_thread(self._records.note_threads, enough)


def fewest(ratios: dict[int, float], most: int) -> int:
    """Return the fewest threads that are enough, by the time each takes against that of `most`."""
    best = min([1.0, *ratios.values()])
    return next((threads for threads in sorted(ratios) if ratios[threads] <= best * ENOUGH), most)


async def _idleness() -> None:
    """Wait until the machine has nothing else to do: whoever shares a processor learns nothing of threads."""
    while await asyncio.to_thread(psutil.cpu_percent, LOOK_SECONDS) > IDLE_PERCENT:  # noqa: ASYNC110
        await asyncio.sleep(POLL_SECONDS)
