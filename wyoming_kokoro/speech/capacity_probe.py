"""Measures the full model while the server is idle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from wyoming_kokoro.errors import SynthesisFailed
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.speech.model_selector import ModelSelector

# "The quick brown fox jumps over the lazy dog, and the lights in the living room are on. It is ten past eight, and
# dinner is ready." This is more than `MIN_MEASURED_SECONDS` of speech.
PHONEMES = (
    "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˈOvəɹ ðə lˈAzi dˈɔɡ, ænd ðə lˈIts ɪn ðə lˈɪvɪŋ ɹˈum ɑɹ ˈɔn. "
    "ɪt ɪz tˈɛn pˈæst ˈAt, ænd dˈɪnəɹ ɪz ɹˈɛdi."
)
# A probe takes some seconds of an idle machine.
INTERVAL_SECONDS = 300.0
IDLE_SECONDS = 5.0

log = logging.getLogger(__name__)


class CapacityProbe:
    """Speaks a sentence with the full model when `ModelSelector` wants a measurement.

    Without it, a machine that was slow once would never find out that the full model is fast again.
    """

    def __init__(
        self, selector: ModelSelector, scheduler: Scheduler, idle_timer: IdleTimer, save: Callable[[], object]
    ) -> None:
        """`save` stores a measurement. It runs in a thread."""
        self._selector = selector
        self._scheduler = scheduler
        self._idle_timer = idle_timer
        self._save = save

    async def run(self) -> None:
        """Measure when it is wanted, at most every `INTERVAL_SECONDS`. Never returns.

        A machine of unknown speed is measured even when the server is not idle.
        """
        model = await self._selector.full.opened()
        while True:
            await self._selector.wants_measurement.wait()
            if self._selector.admission.rtf:
                await self._wait_until_idle()
            self._selector.wants_measurement.clear()
            try:
                units = model.synthesize(PHONEMES, next(iter(model.voices)), 1.0)
                await self._scheduler.run_in_background(units, len(PHONEMES))
                await asyncio.to_thread(self._save)
            except SynthesisFailed as error:
                log.debug("Capacity probe failed (%r)", error)
            await asyncio.sleep(INTERVAL_SECONDS)

    async def _wait_until_idle(self) -> None:
        while self._idle_timer.seconds < IDLE_SECONDS:  # noqa: ASYNC110 only a clock ends the wait
            await asyncio.sleep(IDLE_SECONDS - self._idle_timer.seconds)
