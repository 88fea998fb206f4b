"""Measures how fast this machine decodes, and delays the first chunk until playback cannot run out."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.model.manifest import WINDOW_FRAMES
from wyoming_kokoro.pcm import seconds, silence
from wyoming_kokoro.types import Pcm

FRAME_SECONDS = 0.0125
FIRST_WINDOW_FRAMES = (16, 8, 12, 16)
"""The first audio waits for the first window, and each window plays while the next is decoded. The first must have
12 frames or more, to fill the state of every convolution."""
LARGE_WINDOW_FRAMES = 32
"""Large windows cost a little less per second of speech, for machines with time to spare."""
MAX_LARGE_WINDOW_RTF = 0.6
RTF_SMOOTHING = 0.2
"""The weight of the newest window in the average."""
MAX_OUTLIER_RATIO = 4.0
"""A window counts as at most this many times the average: the process was suspended during a longer one."""
PEAK_HALF_LIFE_SECONDS = 120.0
"""The peak RTF decays this slowly, because a machine that was slow a moment ago may soon be slow again."""
MIN_MEASURED_SECONDS = 5.0
"""The peak RTF is unknown until this much speech was decoded."""
RTF_SAFETY_RATIO = 1.15
"""Decoding may take this many times as long as measured."""
TEXT_OVERHEAD_PHONEMES = 10
"""The work of any text besides its phonemes. Prosody and decoder take 60 ms for 16 phonemes and 200 ms for 80."""
MAX_HELD_WINDOWS = 20
"""The expected first audio assumes at most this many windows before playback, 4 s."""
JITTER_RATIO = 2.0
"""A thread may wait this many times its average wait for a CPU, however short the window is."""


class PlaybackPacer:
    """Measures the RTF of decoding and decides when playback may start.

    The streams that play at the same time share the machine.
    """

    def __init__(
        self,
        active_count: Callable[[], int],
        buffered_seconds: Callable[[], float | None],
        memory_state: MemoryState,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`active_count` returns the number of streams that play or wait for audio.

        `buffered_seconds` returns what the stream being served has left to play, or None before its first audio.
        """
        self._active_count = active_count
        self._buffered_seconds = buffered_seconds
        self._memory_state = memory_state
        self._clock = clock
        self._rtf = self._peak_rtf = self._jitter_seconds = self._measured_seconds = 0.0
        self._recorded_at = clock()
        self._text_rates: dict[str, float] = {}
        """Seconds per phoneme of each stage that reads the whole text."""

    @contextmanager
    def measure_text(self, stage: str, phoneme_count: int) -> Iterator[None]:
        """Record the time that the block takes to run `stage` for the whole text."""
        started_at = self._clock()
        yield
        self.record_text(stage, phoneme_count, self._clock() - started_at)

    def record_text(self, stage: str, phoneme_count: int, seconds: float) -> None:
        """Record that `stage` took `seconds` for the whole text."""
        rate = seconds / (phoneme_count + TEXT_OVERHEAD_PHONEMES)
        average = self._text_rates.get(stage, rate)
        self._text_rates[stage] = average + (min(rate, MAX_OUTLIER_RATIO * average) - average) * RTF_SMOOTHING

    def first_audio_seconds(self, phoneme_count: int) -> float | None:
        """Return the expected work until the first audio of a text; None before enough was measured.

        It includes the windows that are decoded before playback may start, on a machine that is faster than real time.
        """
        if not self.peak_rtf or not self._text_rates:
            return None
        text_seconds = sum(tuple(self._text_rates.values())) * (phoneme_count + TEXT_OVERHEAD_PHONEMES)
        return text_seconds + self._rtf * self._held_seconds()

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
        self.record(self._clock() - started_at, frames * FRAME_SECONDS)

    def record(self, work_seconds: float, speech_seconds: float) -> None:
        """Record that the model worked for `work_seconds` to make `speech_seconds` of speech."""
        rtf = work_seconds / speech_seconds
        if self._rtf:
            rtf = min(rtf, MAX_OUTLIER_RATIO * self._rtf)
            excess_seconds = max(0.0, rtf - self._rtf) * speech_seconds
            self._jitter_seconds += (excess_seconds - self._jitter_seconds) * RTF_SMOOTHING
            rtf = self._rtf + (rtf - self._rtf) * RTF_SMOOTHING
        self._measured_seconds += speech_seconds
        now = self._clock()
        decayed_excess = (self._peak_rtf - rtf) * 0.5 ** ((now - self._recorded_at) / PEAK_HALF_LIFE_SECONDS)
        self._rtf, self._peak_rtf, self._recorded_at = rtf, rtf + max(0.0, decayed_excess), now

    @property
    def rtf(self) -> float:
        """Seconds of work per second of speech; 0 before the first measurement. From any thread."""
        return self._rtf

    @property
    def peak_rtf(self) -> float:
        """The RTF of recent slow phases; 0 until enough speech was measured. From any thread."""
        return self._peak_rtf if self._measured_seconds >= MIN_MEASURED_SECONDS else 0.0

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
            can_start = self._can_start(seconds(held), remaining)
            yield held if can_start else silence(0)
            if can_start:
                held = silence(0)
                break
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
        return held_seconds >= self.required_buffer(remaining) + JITTER_RATIO * self._jitter_seconds

    def windows(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the windows from frame `begin` to `end`. They grow as there is more to play meanwhile.

        Without an active stream they start large: a stream that arrives waits for at most one of them.
        """
        is_fast = 0 < self._rtf < MAX_LARGE_WINDOW_RTF and not self._memory_state.is_short
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
        rtf = self._rtf * max(1, self._active_count()) * safety_ratio
        required = decoded = 0.0
        for length in remaining:
            required = max(required, rtf * (decoded + length) - decoded)
            decoded += length
        return required
