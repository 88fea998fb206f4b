"""Silence around speech is not decoded and not sent; soft sounds are."""

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
    SilenceTrimmer,
    speech_bounds,
)
from wyoming_kokoro.types import Samples


def loud(hops: int) -> Samples:
    return np.full(hops * HOP, 0.2, dtype=np.float32)


def quiet(hops: int) -> Samples:
    return np.full(hops * HOP, 1e-5, dtype=np.float32)


def passed(trim: SilenceTrimmer, chunks: list[Samples]) -> Samples:
    return np.concatenate([*(trim.feed(chunk) for chunk in chunks), trim.finish()])


def test_energy_tells_where_speech_begins_and_ends() -> None:
    energy = np.array([-9.0] * 20 + [-2.5, 4.0, 8.0, -6.0, 5.0, -3.5] + [-8.0] * 20, dtype=np.float32)
    assert speech_bounds(energy) == (20 - LEAD_FRAMES, 26 + TAIL_FRAMES)


def test_speech_never_leaves_the_utterance() -> None:
    assert speech_bounds(np.array([2.0, 3.0], dtype=np.float32)) == (0, 2)
    assert speech_bounds(np.full(7, -9.0, dtype=np.float32)) == (0, 7)


def test_quiet_is_cut_before_and_behind_but_not_between() -> None:
    heard = passed(SilenceTrimmer(), [quiet(30), quiet(10), loud(5), quiet(40), loud(5), quiet(60)])
    assert len(heard) == LEAD_SAMPLES + len(loud(5)) + len(quiet(40)) + len(loud(5)) + TAIL_SAMPLES
    assert np.abs(heard[:LEAD_SAMPLES]).max() < 1e-4
    assert np.abs(heard[-TAIL_SAMPLES:]).max() < 1e-4


@given(
    pattern=st.lists(st.tuples(st.booleans(), st.integers(1, 30)), min_size=1, max_size=8),
    cuts=st.lists(st.integers(1, 4000), max_size=10),
)
def test_what_is_heard_does_not_depend_on_the_chunks(pattern: list[tuple[bool, int]], cuts: list[int]) -> None:
    samples = np.concatenate([loud(hops) if is_loud else quiet(hops) for is_loud, hops in pattern])
    at_once = passed(SilenceTrimmer(), [samples])
    in_chunks = passed(SilenceTrimmer(), np.split(samples, sorted({cut for cut in cuts if cut < len(samples)})))
    np.testing.assert_array_equal(in_chunks, at_once)
    assert np.count_nonzero(at_once > 0.1) == np.count_nonzero(samples > 0.1)
