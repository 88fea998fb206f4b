"""The silence that the model puts around its speech: hardly decoded, and not sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from wyoming_kokoro.model.features import Floats
from wyoming_kokoro.pcm import to_pcm
from wyoming_kokoro.types import SAMPLE_RATE, Pcm, Samples

ONSET, ENDING = -3.0, -4.0
"""The energy that prosody gives the first and the last sound at least; silence has -7 to -10. Measured in all voices
and languages, at speeds of 0.7 to 1.5: sound begins 1 frame before to 6 behind the first frame above `ONSET`, and
ends 1 frame behind the last above `ENDING` at the latest. Durations tell less: a sound may begin 11 frames before
its token does."""
LEAD_FRAMES, TAIL_FRAMES = 3, 4
QUIET_LEVEL = 10 ** (-50 / 20) * 0.35
"""50 dB below what a voice's loudest parts reach: less than its softest onset."""
HOP = SAMPLE_RATE // 200
LEAD_SAMPLES = 2 * HOP
"""10 ms are kept before the first sound."""
TAIL_SAMPLES = 4 * HOP
"""20 ms are kept behind the last."""


def speech_bounds(energy: Floats) -> tuple[int, int]:
    """Return the first and the last frame of 12.5 ms that may hold speech, by their predicted `energy`."""
    onset, ending = np.flatnonzero(energy > ONSET), np.flatnonzero(energy > ENDING)
    if not onset.size:
        return 0, len(energy)
    return max(0, int(onset[0]) - LEAD_FRAMES), min(len(energy), int(ending[-1]) + 1 + TAIL_FRAMES)


class SilenceTrimmer:
    """Drops the quiet before the first sound, and behind the last, of samples that pass through in chunks."""

    def __init__(self) -> None:
        self._held = np.zeros(0, dtype=np.float32)
        self._begun = False
        self._margin = 0

    def feed(self, samples: Samples) -> Samples:
        """Return what is known to be worth hearing; quiet that may be the end is held back."""
        samples = np.concatenate([self._held, samples])
        whole = len(samples) // HOP * HOP
        loud = np.flatnonzero(np.sqrt((samples[:whole].reshape(-1, HOP) ** 2).mean(axis=1)) > QUIET_LEVEL)
        begin = 0
        if not self._begun:
            begin = max(0, (int(loud[0]) * HOP if loud.size else whole) - LEAD_SAMPLES)
            self._begun = bool(loud.size)
        last = (int(loud[-1]) + 1) * HOP if loud.size else begin
        end = min(whole, last + (TAIL_SAMPLES if loud.size else self._margin))
        self._margin = (TAIL_SAMPLES if loud.size else self._margin) - (end - last)
        self._held = samples[end:]
        return samples[begin:end]

    def finish(self) -> Samples:
        """Return what is left that is not quiet."""
        return self.feed(np.zeros(-len(self._held) % HOP, dtype=np.float32))


def trim_silence(chunks: Iterable[Samples]) -> Iterator[Pcm]:
    """Yield `chunks` of one segment as PCM, without the silence before and after the speech."""
    trimmer = SilenceTrimmer()
    for chunk in chunks:
        yield to_pcm(trimmer.feed(chunk))
    yield to_pcm(trimmer.finish())
