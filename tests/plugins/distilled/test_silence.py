from __future__ import annotations

import numpy as np
import pytest

from wyoming_kokoro import Samples
from wyoming_kokoro_distilled.silence import HOP, LEAD_SAMPLES, TAIL_SAMPLES, EdgeTrimmer, speech_bounds

SILENCE_RMS = 0.0011
TONE: Samples = (0.1 * np.sin(np.arange(2400) / 10)).astype(np.float32)
SILENCE: Samples = np.zeros(2400, dtype=np.float32)
SPEECH = np.concatenate([SILENCE, TONE, SILENCE, TONE, SILENCE])


def trim(samples: Samples, part: int) -> Samples:
    trimmer = EdgeTrimmer(SILENCE_RMS)
    parts = [trimmer.feed(samples[begin : begin + part]) for begin in range(0, len(samples), part)]
    return np.concatenate([*parts, trimmer.finish()])


@pytest.mark.parametrize("part", [7, HOP, 1000, 100_000])
def test_only_the_ends_are_trimmed(part: int) -> None:
    np.testing.assert_array_equal(trim(SPEECH, part), SPEECH[2400 - LEAD_SAMPLES : 9600 + TAIL_SAMPLES])


@pytest.mark.parametrize("part", [7, 100_000])
def test_nothing_remains_of_silence(part: int) -> None:
    assert not trim(SILENCE, part).size


def test_silence_is_held_back_until_speech_goes_on() -> None:
    trimmer = EdgeTrimmer(SILENCE_RMS)
    assert len(trimmer.feed(SPEECH[:7200])) == 2400 + LEAD_SAMPLES
    assert len(trimmer.feed(TONE)) == 2400 + 2400


def test_speech_bounds_have_margins_inside_the_utterance() -> None:
    energy = np.array([-2] * 10 + [1, -1.9, 2] + [-2] * 10, dtype=np.float32)
    assert speech_bounds(energy, 0.25) == (7, 19)
    assert speech_bounds(energy[9:14], 0.25) == (0, 5)
    assert speech_bounds(np.full(3, -2, dtype=np.float32), 0.25) == (0, 3)
