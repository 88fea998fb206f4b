"""The silence that the model puts around its speech: not decoded where durations tell it, else not sent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.types import SAMPLE_RATE, Samples

LEAD_FRAMES = 6
"""75 ms: a soft onset begins up to 50 ms before its phoneme does."""
TAIL_FRAMES = 8
"""100 ms: an ending rings on into the pause behind it."""
QUIET = 10 ** (-50 / 20) * 0.35
"""50 dB below what a voice's loudest parts reach: less than its softest onset."""
HOP = SAMPLE_RATE // 200
MARGIN = 4 * HOP
"""20 ms are kept before the first and behind the last sound, so that soft ones stay."""


def spoken(durations: npt.NDArray[np.int64], sounding: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Return the first and the last frame of 12.5 ms that may hold speech.

    `durations` in frames of 25 ms and `sounding` are of all tokens, the padding at both ends included.
    """
    ends = 2 * np.cumsum(durations)
    heard = np.flatnonzero(sounding)
    first = int(ends[heard[0] - 1]) if heard.size and heard[0] else 0
    last = int(ends[heard[-1]]) if heard.size else int(ends[-1])
    return max(0, first - LEAD_FRAMES), min(int(ends[-1]), last + TAIL_FRAMES)


class Trim:
    """Drops the quiet before the first sound, and behind the last, of samples that pass through in chunks."""

    def __init__(self) -> None:
        self._held = np.zeros(0, dtype=np.float32)
        self._begun = False
        self._margin = 0

    @property
    def quiet_seconds(self) -> float:
        """How long it has been quiet behind what was passed on."""
        return len(self._held) / SAMPLE_RATE if self._begun else 0.0

    def feed(self, samples: Samples) -> Samples:
        """Return what is known to be worth hearing; quiet that may be the end is held back."""
        samples = np.concatenate([self._held, samples])
        whole = len(samples) // HOP * HOP
        loud = np.flatnonzero(np.sqrt((samples[:whole].reshape(-1, HOP) ** 2).mean(axis=1)) > QUIET)
        begin = 0
        if not self._begun:
            begin = max(0, (int(loud[0]) * HOP if loud.size else whole) - MARGIN)
            self._begun = bool(loud.size)
        last = (int(loud[-1]) + 1) * HOP if loud.size else begin
        end = min(whole, last + (MARGIN if loud.size else self._margin))
        self._margin = (MARGIN if loud.size else self._margin) - (end - last)
        self._held = samples[end:]
        return samples[begin:end]

    def finish(self) -> Samples:
        """Return what is left that is not quiet."""
        return self.feed(np.zeros(-len(self._held) % HOP, dtype=np.float32))
