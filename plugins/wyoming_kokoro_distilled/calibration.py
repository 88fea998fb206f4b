"""Measures what silence is in a distilled voice, relative to the voice's own level and noise."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wyoming_kokoro import Samples, read_checked, tokenize, write_checked
from wyoming_kokoro_distilled.silence import SPEECH_ENERGY_RATIOS, rms_levels, speech_bounds
from wyoming_kokoro_distilled.synthesis import HOP, FloatArray

# "She sells hats in the shop." has soft sounds at both ends, "Pick up the other phone." is even, and "Yes." is short.
SENTENCES = ("ʃi sˈɛlz hˈæts ɪn ðə ʃˈɑp.", "pˈɪk ˌʌp ði ˈʌðəɹ fˈOn.", "jˈɛs.")
SPEEDS = (0.7, 1.0, 1.5)
# The level is the RMS of all frames but the loudest ones, the noise that of all but the softest ones.
LEVEL_PERCENTILE, NOISE_PERCENTILE = 98, 2
# Silence is 40 dB below the level, which is 50 dB below the peaks. The softest onset of af_heart is louder.
SILENCE_RATIO = 10 ** (-40 / 20)
# The noise of a voice is not louder than this many times its RMS.
NOISE_MARGIN_RATIO = 2.0
FILE = "calibration.json"

Synthesize = Callable[[list[int], float], tuple[FloatArray | None, Samples]]
"""Returns the energy of each frame of 12.5 ms, or None if the graph has none, and all samples of a segment."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The measured properties of a voice."""

    silence_rms: float
    """The RMS below which a sound is silence."""
    energy_ratio: float
    """The share of the range of energies above which a frame is speech."""


# The values of af_heart, for a voice that has not spoken.
UNMEASURED = Calibration(0.0011, SPEECH_ENERGY_RATIOS[0])


def stored_calibration(folder: Path, synthesize: Synthesize) -> Calibration:
    """Return the calibration in the prepared `folder`. Without one, measure it, which takes about 0.2 s."""
    with suppress(OSError, ValueError):
        return read_checked(folder / FILE, Calibration)
    calibration = calibrate(synthesize)
    with suppress(OSError):
        write_checked(folder / FILE, calibration)
    return calibration


def calibrate(synthesize: Synthesize) -> Calibration:
    """Return the loudest silence of a voice, and the highest energy ratio that keeps all its audible frames."""
    spoken = [synthesize(tokenize(sentence), speed) for sentence in SENTENCES for speed in SPEEDS]
    loudness = [rms_levels(samples, HOP) for _, samples in spoken]
    frames = np.concatenate(loudness)
    if not frames.size:
        return UNMEASURED
    noise, level = np.percentile(frames, [NOISE_PERCENTILE, LEVEL_PERCENTILE])
    silence_rms = float(max(SILENCE_RATIO * level, NOISE_MARGIN_RATIO * noise))
    for ratio in SPEECH_ENERGY_RATIOS:
        if all(
            energy is None or _keeps_sound(energy, rms > silence_rms, ratio)
            for (energy, _), rms in zip(spoken, loudness, strict=True)
        ):
            break
    return Calibration(silence_rms, ratio)


def _keeps_sound(energy: FloatArray, is_audible: np.ndarray, ratio: float) -> bool:
    """Return whether the frames that `ratio` removes are silent. Both ends may lose the frame that fades."""
    begin, end = speech_bounds(energy, ratio)
    audible = np.flatnonzero(is_audible)
    return not audible.size or (begin - 1 <= audible[0] and audible[-1] <= end)
