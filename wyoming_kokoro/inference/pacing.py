"""How fast this machine decodes, and how long a first chunk must wait so that playback does not run dry."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.model.manifest import WINDOW
from wyoming_kokoro.pcm import seconds, silence
from wyoming_kokoro.types import Pcm

FRAME_SECONDS = 0.0125
FIRST_WINDOW_FRAMES = (16, 8, 12, 16)
"""Frames: the first sound waits for the first window, and each plays while the next is decoded."""
LARGE_WINDOW_FRAMES = 32
"""Larger ones are a little cheaper, for machines with time to spare."""
MAX_LARGE_WINDOW_RTF = 0.6
"""The real-time factor below which a machine has time to spare."""
RTF_SMOOTHING = 0.2
"""How much the newest window counts in the average."""
MAX_OUTLIER_RATIO = 4.0
"""A window counts as so many times the average at most: one that took longer was suspended."""
PEAK_HALF_LIFE_SECONDS = 120.0
"""After so long a slow phase is half forgotten: a machine that was slow of late may soon be again."""
MIN_MEASURED_SECONDS = 5.0
"""So much speech must have been decoded before it tells how slow the machine is in its slow phases."""
RTF_SAFETY_RATIO = 1.15
"""Machines are noisy: what is left may take so much longer than what was measured."""
JITTER_RATIO = 2.0
"""And a thread may wait for a processor, however short the window is: so many times as long as it does on average."""


class PlaybackPacer:
    """Seconds of decoding per second of speech, as measured, and how many listeners share them."""

    def __init__(
        self,
        listened: Callable[[], int],
        slack: Callable[[], float | None],
        memory_state: MemoryState,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`listened` says to how many streams somebody listens at this moment; `slack` how many seconds whoever is
        served now has left to play, None before a first sound.
        """
        self._listened = listened
        self._slack = slack
        self._memory_state = memory_state
        self._clock = clock
        self._factor = self._worst = self._excess = self._decoded = 0.0
        self._noted_at = clock()

    @contextmanager
    def measure(self, frames: int) -> Iterator[None]:
        """Measure the decoding of so many frames of 12.5 ms."""
        begun = self._clock()
        yield
        self.record(self._clock() - begun, frames * FRAME_SECONDS)

    def record(self, work: float, speech: float) -> None:
        """Take into account that so many seconds of `work` made so many seconds of `speech`."""
        factor = work / speech
        if self._factor:
            factor = min(factor, MAX_OUTLIER_RATIO * self._factor)
            self._excess += (max(0.0, factor - self._factor) * speech - self._excess) * RTF_SMOOTHING
            factor = self._factor + (factor - self._factor) * RTF_SMOOTHING
        self._decoded += speech
        now = self._clock()
        slow_phase = (self._worst - factor) * 0.5 ** ((now - self._noted_at) / PEAK_HALF_LIFE_SECONDS)
        self._factor, self._worst, self._noted_at = factor, factor + max(0.0, slow_phase), now

    @property
    def rtf(self) -> float:
        """Seconds of work for a second of speech; 0 when nothing was measured. May be asked from any thread."""
        return self._factor

    @property
    def peak_rtf(self) -> float:
        """Like `factor`, but of the slow phases of late; 0 for as long as too little was measured to know them."""
        return self._worst if self._decoded >= MIN_MEASURED_SECONDS else 0.0

    def hold_until_safe(self, chunks: Iterator[Pcm], windows: Sequence[tuple[int, int]]) -> Iterator[Pcm]:
        """Yield `chunks`, the first ones held back until the others will come before they are needed.

        There is one chunk for each of the `windows`. A chunk that is held back is yielded as nothing, since it was a
        unit of work nevertheless.
        """
        left = [(end - begin) * FRAME_SECONDS for begin, end in windows]
        held = silence(0)
        for chunk in chunks:
            left = left[1:]
            held = np.concatenate([held, chunk])
            is_due = self._is_due(seconds(held), left)
            yield held if is_due else silence(0)
            if is_due:
                held = silence(0)
                break
        yield held
        yield from chunks

    def _is_due(self, held: float, left: Sequence[float]) -> bool:
        """Return whether so much is enough to begin with. For who listens already, to wait is a gap for certain."""
        slack = self._slack()
        if slack is None:
            return held >= self.required_buffer(left) + JITTER_RATIO * self._excess
        return slack + held >= self.required_buffer(left, caution=1.0)

    def windows(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the windows from frame `begin` to `end`, which grow with what there is to play meanwhile.

        Where nobody listens, all are as large as somebody who comes may have to wait for.
        """
        is_ample = 0 < self._factor < MAX_LARGE_WINDOW_RTF and not self._memory_state.is_short
        later = LARGE_WINDOW_FRAMES if is_ample else WINDOW
        first = FIRST_WINDOW_FRAMES if self._listened() else ()
        for size in itertools.chain(first, itertools.repeat(later)):
            if begin >= end:
                return
            yield begin, min(begin + size, end)
            begin += size

    @staticmethod
    def fixed_windows(begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield windows of one size from frame `begin` on; the last may reach beyond `end`."""
        return ((first, first + WINDOW) for first in range(begin, end, WINDOW))

    def required_buffer(self, left: Sequence[float], caution: float = RTF_SAFETY_RATIO) -> float:
        """Return how many seconds must be there before playback, when windows of so many seconds are left.

        `caution` is how many times as long as measured they may take. Each window must be decoded before what was
        decoded until then has been played.
        """
        factor = self._factor * max(1, self._listened()) * caution
        needed = decoded = 0.0
        for length in left:
            needed = max(needed, factor * (decoded + length) - decoded)
            decoded += length
        return needed
