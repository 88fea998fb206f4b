"""Estimates how long the full model or the distilled models take: for a text, for a unit, per second of speech.

Each kind of model has one estimator. The scheduler records the time of units, and the pacer of the full model that of
windows, because only the pacer knows how much speech a window makes. `docs/scheduling.md` lists the numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

# The units before the first window: prosody and decoder. Their time depends on the text, not on the window.
UNITS_BEFORE_WINDOWS = 2
# The work of any text besides its phonemes. Prosody and decoder take 60 ms for 16 phonemes and 200 ms for 80.
TEXT_OVERHEAD_PHONEMES = 10
# A text of unknown length counts as this long.
USUAL_PHONEMES = 60
# The two units before the windows, for `USUAL_PHONEMES`, the first window, each later window. A guess that the first
# measurement replaces.
ASSUMED_SECONDS = (0.2, 0.1, 0.1, 0.05)
# A distilled model has a front and windows, at a thirtieth of the cost.
ASSUMED_DISTILLED_SECONDS = (0.02, 0.02, 0.01, 0.01)
# Seconds of work per second of speech before anything was measured.
ASSUMED_RTF = 0.5
# Covers noisy machines, and texts that are longer than the measured ones.
SAFETY_RATIO = 1.5
# Weight of a unit that was faster than the estimate. A slower unit replaces the estimate at once.
DECREASE_SMOOTHING = 0.3
# The weight of the newest window in the average RTF.
RTF_SMOOTHING = 0.2
# A measurement counts as at most this many times the average: the process was suspended during a longer one.
MAX_OUTLIER_RATIO = 4.0
# The peak RTF decays this slowly, because a machine that was slow a moment ago may soon be slow again.
PEAK_HALF_LIFE_SECONDS = 120.0
# The RTF is unknown until this much speech was decoded.
MIN_MEASURED_SECONDS = 5.0

Cost = Annotated[float, Meta(ge=0, le=1000)]


@dataclass(slots=True)
class MeasuredCosts:
    """What was measured so far. It is stored between starts."""

    units: Annotated[list[Cost], Meta(max_length=len(ASSUMED_SECONDS))] = field(default_factory=list)
    """Seconds per phoneme of each unit before the windows, then the seconds of the first window and of a later one.

    Shorter before the first measurement of each.
    """
    rtf: Cost = 0.0
    peak_rtf: Cost = 0.0
    jitter_seconds: Cost = 0.0
    """The average delay of a window by a thread that waits for a CPU."""
    speech_seconds: Annotated[float, Meta(ge=0)] = 0.0
    """The speech of which the RTF was measured."""


class UnitCosts:
    """Estimates the cost of units of one kind of model. From any thread."""

    def __init__(
        self, assumed_seconds: Sequence[float] = ASSUMED_SECONDS, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """`assumed_seconds` are the estimates before the first measurement, one for each kind of unit."""
        self.measured = MeasuredCosts()
        self._clock = clock
        self._recorded_at = clock()
        self._assumed = [seconds / _amount(kind, USUAL_PHONEMES) for kind, seconds in enumerate(assumed_seconds)]

    @property
    def rtf(self) -> float:
        """Seconds of work per second of speech; 0 before enough was measured."""
        return self.measured.rtf if self.measured.speech_seconds >= MIN_MEASURED_SECONDS else 0.0

    @property
    def peak_rtf(self) -> float:
        """The RTF of recent slow phases; 0 before enough was measured."""
        return self.measured.peak_rtf if self.rtf else 0.0

    def record_unit(self, number: int, phonemes: int, seconds: float) -> None:
        """Record that unit `number` of a text took `seconds`."""
        kind, units = _kind(number), self.measured.units
        cost = seconds / _amount(kind, phonemes)
        units += [cost] * (kind + 1 - len(units))
        cost = min(cost, MAX_OUTLIER_RATIO * units[kind])
        units[kind] = max(cost, units[kind] + (cost - units[kind]) * DECREASE_SMOOTHING)

    def record_window(self, work_seconds: float, speech_seconds: float) -> None:
        """Record that the model worked for `work_seconds` to make `speech_seconds` of speech."""
        measured, rtf = self.measured, work_seconds / speech_seconds
        if measured.rtf:
            rtf = min(rtf, MAX_OUTLIER_RATIO * measured.rtf)
            excess_seconds = max(0.0, rtf - measured.rtf) * speech_seconds
            measured.jitter_seconds += (excess_seconds - measured.jitter_seconds) * RTF_SMOOTHING
            rtf = measured.rtf + (rtf - measured.rtf) * RTF_SMOOTHING
        now = self._clock()
        decayed_excess = (measured.peak_rtf - rtf) * 0.5 ** ((now - self._recorded_at) / PEAK_HALF_LIFE_SECONDS)
        measured.rtf, measured.peak_rtf, self._recorded_at = rtf, rtf + max(0.0, decayed_excess), now
        measured.speech_seconds += speech_seconds

    def unit_seconds(self, number: int, phonemes: int = USUAL_PHONEMES) -> float:
        """Return the seconds that unit `number` of a text takes."""
        kind, units = _kind(number), self.measured.units or self._assumed
        # A model that was measured and never ran such a unit makes a sentence in fewer units.
        return units[kind] * _amount(kind, phonemes) if kind < len(units) else 0.0

    def text_seconds(self, phonemes: int) -> float:
        """Return the seconds of the units before the first window."""
        return sum(self.unit_seconds(number, phonemes) for number in range(UNITS_BEFORE_WINDOWS))

    def seconds_until_audio(self, finished_units: int = 0, phonemes: int = USUAL_PHONEMES) -> float:
        """Return the seconds from unit `finished_units` to the first audio, if the first window leaves at once."""
        return sum(self.unit_seconds(number, phonemes) for number in range(finished_units, UNITS_BEFORE_WINDOWS + 1))


def _kind(number: int) -> int:
    """Map all windows after the first one to one kind: the first may have another size."""
    return min(number, UNITS_BEFORE_WINDOWS + 1)


def _amount(kind: int, phonemes: int) -> int:
    """Return what the time of a kind of unit is proportional to."""
    return phonemes + TEXT_OVERHEAD_PHONEMES if kind < UNITS_BEFORE_WINDOWS else 1
