"""Removes the silence that a distilled voice puts around its speech.

The levels are those of the full model, so that both start equally fast and pause equally long.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wyoming_kokoro import SAMPLE_RATE, Samples

# A frame of speech is above this share of the range between the lowest and the highest energy of its utterance. In 123
# phrases of af_heart at speeds of 0.7, 1 and 1.5, sound began 0 to 11 frames after the first such frame and ended at
# most 1 frame after the last. `calibration` selects a lower share for a voice where this one would cut off sound.
SPEECH_ENERGY_RATIOS = (0.25, 0.15, 0.05, 0.0)
# The synthesis fades the two outer frames at both ends. They must lie outside the speech.
LEAD_FRAMES, TAIL_FRAMES = 3, 6

HOP = SAMPLE_RATE // 200
LEAD_SAMPLES = SAMPLE_RATE // 100
TAIL_SAMPLES = SAMPLE_RATE // 50


def speech_bounds(energy: npt.NDArray[np.float32], ratio: float) -> tuple[int, int]:
    """Return the first frame that may hold speech and the end of the last one, given the energy of each frame.

    `ratio` is the share of the range of energies above which a frame is speech.
    """
    threshold = energy.min() + ratio * (energy.max() - energy.min())
    loud = np.flatnonzero(energy >= threshold)
    return max(0, int(loud[0]) - LEAD_FRAMES), min(len(energy), int(loud[-1]) + 1 + TAIL_FRAMES)


def rms_levels(samples: Samples, hop: int) -> npt.NDArray[np.float32]:
    """Return the RMS of each `hop` samples; a rest is left out."""
    hops = samples[: len(samples) // hop * hop].reshape(-1, hop)
    levels: npt.NDArray[np.float32] = np.sqrt((hops**2).mean(axis=1))
    return levels


class EdgeTrimmer:
    """Removes the silence at both ends of samples that arrive in parts. Keeps 10 ms before and 20 ms after speech."""

    def __init__(self, silence_rms: float) -> None:
        """`silence_rms` is the RMS below which a sound is silence."""
        self._silence_rms = silence_rms
        self.has_started = False
        """Whether the first loud sample has come."""
        self.dropped = 0
        """Samples before the speech that were removed so far."""
        self._held: Samples = np.zeros(0, dtype=np.float32)

    def feed(self, samples: Samples) -> Samples:
        """Return the samples up to the last loud one, and hold back the silence after it."""
        samples = np.concatenate([self._held, samples])
        levels = rms_levels(samples, HOP)
        loud = np.flatnonzero(levels > self._silence_rms)
        if not loud.size:
            # Before the speech, only the lead can be needed later.
            surplus = 0 if self.has_started else max(0, len(levels) * HOP - LEAD_SAMPLES)
            self.dropped += surplus
            self._held = samples[surplus:]
            return samples[:0]
        begin = 0 if self.has_started else max(0, int(loud[0]) * HOP - LEAD_SAMPLES)
        self.dropped += begin
        end = (int(loud[-1]) + 1) * HOP
        self.has_started = True
        self._held = samples[end:]
        return samples[begin:end]

    def finish(self) -> Samples:
        """Return the first part of the silence after the speech."""
        return self._held[:TAIL_SAMPLES] if self.has_started else self._held[:0]
