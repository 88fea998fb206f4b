"""Removes the silence that the model puts around speech: most is not decoded, and the rest is trimmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from wyoming_kokoro.pcm import LEVEL_HOP, loud_hops, to_pcm
from wyoming_kokoro.types import FloatArray, Pcm, Samples

ONSET, ENDING = -3.0, -4.0
"""The least energy that prosody predicts for the first and the last sound; silence has -7 to -10.

Measured in all voices and languages, at speeds of 0.7 to 1.5: sound starts between 1 frame before and 6 frames after
the first frame above `ONSET`, and ends at most 1 frame after the last above `ENDING`. Durations are less exact: a
sound may start 11 frames before its token.
"""
LEAD_FRAMES, TAIL_FRAMES = 3, 4
HOP = LEVEL_HOP
"""The samples in 5 ms, the resolution of the trimmer."""
LEAD_SAMPLES = 2 * HOP
"""Silence that stays before the first sound: 10 ms."""
TAIL_SAMPLES = 4 * HOP
"""Silence that stays after the last sound: 20 ms."""


def speech_bounds(energy: FloatArray) -> tuple[int, int]:
    """Return the first frame of 12.5 ms that may hold speech by its predicted `energy`, and the end after the last."""
    onset, ending = np.flatnonzero(energy > ONSET), np.flatnonzero(energy > ENDING)
    if not onset.size:
        return 0, len(energy)
    return max(0, int(onset[0]) - LEAD_FRAMES), min(len(energy), int(ending[-1]) + 1 + TAIL_FRAMES)


class SilenceTrimmer:
    """Drops the silence before the first and after the last sound of a segment that arrives in chunks."""

    def __init__(self) -> None:
        self.has_started = False
        """Whether the first sound has come."""
        self.dropped = 0
        """Samples of silence before the first sound that were dropped so far."""
        self._held = np.zeros(0, dtype=np.float32)
        self._margin = 0

    def feed(self, samples: Samples) -> Samples:
        """Return the samples to play. Silence that may be the end of the segment is held back."""
        samples = np.concatenate([self._held, samples])
        whole = len(samples) // HOP * HOP
        loud = loud_hops(samples[:whole])
        begin = 0
        if not self.has_started:
            begin = max(0, (int(loud[0]) * HOP if loud.size else whole) - LEAD_SAMPLES)
            self.dropped += begin
            self.has_started = bool(loud.size)
        last = (int(loud[-1]) + 1) * HOP if loud.size else begin
        end = min(whole, last + (TAIL_SAMPLES if loud.size else self._margin))
        self._margin = (TAIL_SAMPLES if loud.size else self._margin) - (end - last)
        self._held = samples[end:]
        return samples[begin:end]

    def finish(self) -> Samples:
        """Return the rest of the segment, without the silence at its end."""
        return self.feed(np.zeros(-len(self._held) % HOP, dtype=np.float32))


def trim_silence(chunks: Iterable[Samples]) -> Iterator[Pcm]:
    """Yield `chunks` of one segment as PCM, without the silence before and after the speech."""
    trimmer = SilenceTrimmer()
    for chunk in chunks:
        yield to_pcm(trimmer.feed(chunk))
    yield to_pcm(trimmer.finish())
