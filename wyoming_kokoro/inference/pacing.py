"""Chooses the windows of the vocoder, and delays the first chunk until playback cannot run out."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.model.manifest import WINDOW_FRAMES
from wyoming_kokoro.pcm import seconds, silence
from wyoming_kokoro.scheduling.costs import UnitCosts
from wyoming_kokoro.types import Pcm

FRAME_SECONDS = 0.0125
FIRST_WINDOW_FRAMES = (16, 8, 12, 16)
"""The first audio waits for the first window, and each window plays while the next is decoded. The first must have
12 frames or more, to fill the state of every convolution."""
LARGE_WINDOW_FRAMES = 32
"""Large windows cost a little less per second of speech, for machines with time to spare."""
MAX_LARGE_WINDOW_RTF = 0.6
RTF_SAFETY_RATIO = 1.15
"""Decoding may take this many times as long as measured."""
MAX_HELD_WINDOWS = 20
"""The expected first audio assumes at most this many windows before playback, 4 s."""
JITTER_RATIO = 2.0
"""A thread may wait this many times its average wait for a CPU, however short the window is."""


class PlaybackPacer:
    """Decides when playback may start. The streams that play at the same time share the machine."""

    def __init__(
        self,
        active_count: Callable[[], float],
        buffered_seconds: Callable[[], float | None],
        memory_state: MemoryState,
        costs: UnitCosts,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`active_count` returns the number of streams that play or wait for audio.

        `buffered_seconds` returns what the stream being served has left to play, or None before its first audio.
        `costs` are those of the full model.
        """
        self._active_count = active_count
        self._buffered_seconds = buffered_seconds
        self._memory_state = memory_state
        self.costs = costs
        self._clock = clock

    def first_audio_seconds(self, phoneme_count: int) -> float | None:
        """Return the expected work until the first audio of a text; None before enough was measured.

        It includes the windows that are decoded before playback may start, on a machine that is faster than real time.
        """
        costs = self.costs
        return costs.text_seconds(phoneme_count) + costs.rtf * self._held_seconds() if costs.rtf else None

    def _held_seconds(self) -> float:
        """Return the seconds of speech that a new stream is expected to hold before playback starts."""
        windows = [frames * FRAME_SECONDS for frames in (*FIRST_WINDOW_FRAMES, *[WINDOW_FRAMES] * MAX_HELD_WINDOWS)]
        for count in range(1, MAX_HELD_WINDOWS):
            if self._is_enough(sum(windows[:count]), windows[count:]):
                break
        return sum(windows[:count])

    @contextmanager
    def measure(self, frames: int) -> Iterator[None]:
        """Record the time that the block takes to decode `frames` of 12.5 ms."""
        started_at = self._clock()
        yield
        self.costs.record_window(self._clock() - started_at, frames * FRAME_SECONDS)

    def hold_until_safe(self, chunks: Iterator[Pcm], windows: Sequence[tuple[int, int]]) -> Iterator[Pcm]:
        """Yield `chunks`, but hold the first ones until the rest will arrive in time for playback.

        There is at most one chunk for each of the `windows`, then the rest. A held chunk still yields an empty array,
        because it was a unit of work.
        """
        remaining = [(end - begin) * FRAME_SECONDS for begin, end in windows]
        held = silence(0)
        for chunk in chunks:
            remaining = remaining[1:]
            held = np.concatenate([held, chunk])
            if self._can_start(seconds(held), remaining):
                break
            yield silence(0)
        yield held
        yield from chunks

    def _can_start(self, held_seconds: float, remaining: Sequence[float]) -> bool:
        buffered_seconds = self._buffered_seconds()
        if buffered_seconds is None:
            return self._is_enough(held_seconds, remaining)
        # The stream plays already: holding back now is a certain gap, so there is no safety margin.
        return buffered_seconds + held_seconds >= self.required_buffer(remaining, safety_ratio=1.0)

    def _is_enough(self, held_seconds: float, remaining: Sequence[float]) -> bool:
        """Return whether a stream that has not started can start with `held_seconds`."""
        return held_seconds >= self.required_buffer(remaining) + JITTER_RATIO * self.costs.measured.jitter_seconds

    def windows(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the windows from frame `begin` to `end`. They grow as there is more to play meanwhile.

        Without an active stream they start large: a stream that arrives waits for at most one of them.
        """
        is_fast = 0 < self.costs.measured.rtf < MAX_LARGE_WINDOW_RTF and not self._memory_state.is_short
        later = LARGE_WINDOW_FRAMES if is_fast else WINDOW_FRAMES
        first = FIRST_WINDOW_FRAMES if self._active_count() else ()
        for size in itertools.chain(first, itertools.repeat(later)):
            if begin >= end:
                return
            yield begin, min(begin + size, end)
            begin += size

    @staticmethod
    def fixed_windows(begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield windows of one size from frame `begin` on; the last may reach beyond `end`."""
        return ((first, first + WINDOW_FRAMES) for first in range(begin, end, WINDOW_FRAMES))

    def required_buffer(self, remaining: Sequence[float], safety_ratio: float = RTF_SAFETY_RATIO) -> float:
        """Return the seconds of audio that playback needs to start, if windows of `remaining` seconds follow.

        Each window must be decoded before the audio ahead of it has played. Decoding may take `safety_ratio` times as
        long as measured.
        """
        rtf = self.costs.measured.rtf * max(1, self._active_count()) * safety_ratio
        required = decoded = 0.0
        for length in remaining:
            required = max(required, rtf * (decoded + length) - decoded)
            decoded += length
        return required
