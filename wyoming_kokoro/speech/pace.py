"""How fast this machine decodes, and how long a first chunk must wait so that playback does not run dry."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from wyoming_kokoro.speech.pcm import Pcm, seconds, silence

FRAME_SECONDS = 0.0125
FIRST_WINDOWS = (16, 8, 12)
"""Frames: the first sound waits for the first window, and plays while the second is decoded."""
WINDOW = 16
"""Nothing is decoded twice, so that larger ones are hardly cheaper; and new listeners wait for one of them."""
SECOND_WINDOW_SECONDS = FIRST_WINDOWS[1] * FRAME_SECONDS
WINDOW_SECONDS = WINDOW * FRAME_SECONDS
MEMORY = 0.2
"""How much the newest window counts in the average."""
CAUTION = 1.15
"""Machines are noisy: what is left may take so much longer than what was measured."""


class Pace:
    """Seconds of decoding per second of speech, as measured, and how many streams share them."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._factor = 0.0
        self._streams = 0

    @contextmanager
    def measured(self, frames: int) -> Iterator[None]:
        """Measure the decoding of so many frames of 12.5 ms."""
        begun = self._clock()
        yield
        factor = (self._clock() - begun) / (frames * FRAME_SECONDS)
        self._factor += (factor - self._factor) * (MEMORY if self._factor else 1.0)

    def in_time(self, chunks: Iterator[Pcm], total_seconds: float) -> Iterator[Pcm]:
        """Yield `chunks`, the first ones held back until the others will come before they are needed.

        A chunk that is held back is yielded as nothing, since it was a unit of work nevertheless.
        """
        self._streams += 1
        try:
            held = silence(0)
            for chunk in chunks:
                held = np.concatenate([held, chunk])
                waits = seconds(held) < self.head_start(total_seconds)
                yield silence(0) if waits else held
                if not waits:
                    held = silence(0)
                    break
            yield held
            yield from chunks
        finally:
            self._streams -= 1

    @staticmethod
    def windows(begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the windows from frame `begin` to `end`, which grow with what there is to play meanwhile."""
        for size in itertools.chain(FIRST_WINDOWS, itertools.repeat(WINDOW)):
            if begin >= end:
                return
            yield begin, min(begin + size, end)
            begin += size

    def head_start(self, total_seconds: float) -> float:
        """Return how much of `total_seconds` of speech must be there before it is played.

        At a real-time factor f, each second that is played brings 1/f seconds more, and they come in windows.
        """
        factor = self._factor * max(1, self._streams) * CAUTION
        if factor <= 1:
            return SECOND_WINDOW_SECONDS * factor
        return total_seconds * (1 - 1 / factor) + WINDOW_SECONDS
