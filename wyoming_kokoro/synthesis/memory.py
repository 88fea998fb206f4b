"""Frees memory that the model can do without, between two units of work."""

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
from wyoming_kokoro.model.manifest import WINDOW_FRAMES
from wyoming_kokoro.model.statistics import Statistics
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.pcm import silence
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator

WINDOW_SIZES = sorted({*FIRST_WINDOW_FRAMES, LARGE_WINDOW_FRAMES})
DRY_RUN_PHONEMES = "ɑː"
DRY_RUN_TIMEOUT_SECONDS = 5.0
"""Under constant load a dry run finds no gap. It is not needed then: the runs for clients free the memory."""

log = logging.getLogger(__name__)


class MemoryReclaimer:
    """Frees memory of the model. What it closes is opened again on demand."""

    def __init__(
        self, pipeline: ModelPipeline, styles: Styles, statistics: Statistics, memory_state: MemoryState
    ) -> None:
        self._pipeline = pipeline
        self._styles = styles
        self._statistics = statistics
        self._memory_state = memory_state

    async def free_memory(self, pressure: MemoryPressure, scheduler: Scheduler) -> AsyncGenerator[FreedMemory, None]:
        """Free memory in steps, as `pressure` requires. Running streams keep their windows and provider."""
        self._memory_state.update(pressure)
        if pressure.is_at_least("high"):
            unused = self._pipeline.vocoder.remove_unused(WINDOW_SIZES)
            await scheduler.run_between_units(lambda: self._close(unused))
            yield FreedMemory("idle sessions")
        if pressure.is_at_least("raised"):
            self._pipeline.shrink()
            await dry_run(scheduler, self._dry_run_units())
            yield FreedMemory("the model's memory between runs")

    def _close(self, unused: list[Session]) -> None:
        self._pipeline.close_whole_stage()
        for session in unused:
            session.close()

    def _dry_run_units(self) -> UnitIterator:
        """Run every open session once; each frees its spare memory in that run."""
        voice = next((name for name in self._styles.names if self._statistics.has(name)), None)
        if voice is None:
            return
        prosody = self._pipeline.predict_prosody(DRY_RUN_PHONEMES, self._styles.row(voice, len(DRY_RUN_PHONEMES)), 1.0)
        yield silence(0)
        frames = self._pipeline.decode_frames(prosody)
        predicted = self._statistics.predict(voice, self._pipeline.features(prosody, frames))
        yield silence(0)
        frames = np.pad(frames, ((0, 0), (0, 2 * WINDOW_FRAMES)), mode="edge")
        for item in self._pipeline.vocoder.open_sessions:
            stream = self._pipeline.start_vocoder(prosody, predicted, 0, self._pipeline.vocoder.instrumented(item))
            try:
                for first, last in PlaybackPacer.fixed_windows(0, 2 * WINDOW_FRAMES):
                    stream.feed(frames[:, first:last])
                    yield silence(0)
            except Exception as error:  # noqa: BLE001 a provider may fail in any way; the others still free memory
                log.debug("Dry run failed on provider %s (%r)", item.provider.name, error)


async def dry_run(scheduler: Scheduler, units: UnitIterator) -> None:
    """Run `units` after all requests, so that the sessions free their spare memory. Give up after a timeout."""
    try:
        async with timeout(DRY_RUN_TIMEOUT_SECONDS):
            await scheduler.run_in_background(units)
    except (asyncio.TimeoutError, SynthesisFailed) as error:
        log.debug("Dry run failed (%r)", error)
