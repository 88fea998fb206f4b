from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.synthesis.silence import (
    HOP,
    LEAD_FRAMES,
    LEAD_SAMPLES,
    TAIL_FRAMES,
    TAIL_SAMPLES,
    speech_bounds,
    trim_silence,
)
from wyoming_kokoro.types import Pcm, Samples


def loud(hops: int) -> Samples:
    return np.full(hops * HOP, 0.2, dtype=np.float32)


def quiet(hops: int) -> Samples:
    return np.full(hops * HOP, 1e-5, dtype=np.float32)


def trim(chunks: list[Samples]) -> Pcm:
    return np.concatenate(list(trim_silence(chunks)))


def test_speech_bounds_follow_the_predicted_energy() -> None:
    energy = np.array([-9.0] * 20 + [-2.5, 4.0, 8.0, -6.0, 5.0, -3.5] + [-8.0] * 20, dtype=np.float32)
    assert speech_bounds(energy) == (20 - LEAD_FRAMES, 26 + TAIL_FRAMES)


def test_speech_bounds_stay_inside_the_utterance() -> None:
    assert speech_bounds(np.array([2.0, 3.0], dtype=np.float32)) == (0, 2)
    assert speech_bounds(np.full(7, -9.0, dtype=np.float32)) == (0, 7)


def test_silence_is_trimmed_at_the_ends_but_not_between_sounds() -> None:
    trimmed = trim([quiet(30), quiet(10), loud(5), quiet(40), loud(5), quiet(60)])
    assert len(trimmed) == LEAD_SAMPLES + len(loud(5)) + len(quiet(40)) + len(loud(5)) + TAIL_SAMPLES
    assert np.abs(trimmed[:LEAD_SAMPLES]).max() < 4
    assert np.abs(trimmed[-TAIL_SAMPLES:]).max() < 4


@given(
    pattern=st.lists(st.tuples(st.booleans(), st.integers(1, 30)), min_size=1, max_size=8),
    cuts=st.lists(st.integers(1, 4000), max_size=10),
)
def test_trimmed_samples_do_not_depend_on_the_chunks(pattern: list[tuple[bool, int]], cuts: list[int]) -> None:
    samples = np.concatenate([loud(hops) if is_loud else quiet(hops) for is_loud, hops in pattern])
    at_once = trim([samples])
    in_chunks = trim(np.split(samples, sorted({cut for cut in cuts if cut < len(samples)})))
    np.testing.assert_array_equal(in_chunks, at_once)
    assert np.count_nonzero(at_once > 3000) == np.count_nonzero(samples > 0.1)
