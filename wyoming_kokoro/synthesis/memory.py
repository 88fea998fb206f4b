"""What the model holds that it could do without, and how it is given back between two units of work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator

import numpy as np

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.providers import Session
from wyoming_kokoro.errors import SynthesisFailed
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import FIRST_WINDOW_FRAMES, LARGE_WINDOW_FRAMES, PlaybackPacer
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.manifest import WINDOW
from wyoming_kokoro.model.statistics import Statistics
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.pcm import silence
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator

WINDOW_SIZES = sorted({*FIRST_WINDOW_FRAMES, LARGE_WINDOW_FRAMES})
SHORT_PHONEMES = "ɑː"
"""Phonemes that are spoken to nobody."""
TIMEOUT_SECONDS = 5.0
"""Where somebody is spoken to all the time, nothing is spoken to nobody: what speaks then gives the memory back."""

log = logging.getLogger(__name__)


class MemoryReclaimer:
    """Gives memory back; what it closes is opened again by whoever needs it."""

    def __init__(
        self, stages: ModelPipeline, styles: Styles, statistics: Statistics, memory_state: MemoryState
    ) -> None:
        self._stages = stages
        self._styles = styles
        self._statistics = statistics
        self._memory_state = memory_state

    async def free_memory(self, pressure: MemoryPressure, scheduler: Scheduler) -> AsyncGenerator[FreedMemory, None]:
        """Give back what `pressure` asks for, step by step. Streams under way keep their windows and their provider."""
        self._memory_state.update(pressure)
        if pressure.is_at_least("high"):
            idle = self._stages.vocoder.remove_unused(WINDOW_SIZES)
            await scheduler.run_between_units(lambda: self._close(idle))
            yield FreedMemory("idle sessions")
        if pressure.is_at_least("raised"):
            self._stages.shrink()
            await dry_run(scheduler, self._rehearsal())
            yield FreedMemory("the model's memory between runs")

    def _close(self, idle: list[Session]) -> None:
        self._stages.close_whole_stage()
        for session in idle:
            session.close()

    def _rehearsal(self) -> UnitIterator:
        """Run every session that is open, which then shrinks."""
        voice = next((name for name in self._styles.names if self._statistics.has(name)), None)
        if voice is None:
            return
        prosody = self._stages.predict_prosody(SHORT_PHONEMES, self._styles.row(voice, len(SHORT_PHONEMES)), 1.0)
        yield silence(0)
        frames = self._stages.decode_frames(prosody)
        told = self._statistics.predict(voice, self._stages.features(prosody, frames))
        yield silence(0)
        frames = np.pad(frames, ((0, 0), (0, 2 * WINDOW)), mode="edge")
        for item in self._stages.vocoder.open_sessions:
            decoding = self._stages.start_vocoder(prosody, told, 0, self._stages.vocoder.instrumented(item))
            for first, last in PlaybackPacer.fixed_windows(0, 2 * WINDOW):
                decoding.feed(frames[:, first:last])
                yield silence(0)


async def dry_run(scheduler: Scheduler, steps: UnitIterator) -> None:
    """Do the work of `steps` behind everybody who is spoken to, if there is time for it."""
    try:
        async with timeout(TIMEOUT_SECONDS):
            await scheduler.run_in_background(steps)
    except (asyncio.TimeoutError, SynthesisFailed) as error:
        log.debug("Nothing was spoken to give memory back: %r", error)
