"""Silence around speech is not decoded and not sent; soft sounds are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.speech.silence import HOP, LEAD_FRAMES, MARGIN, TAIL_FRAMES, Trim, spoken
from wyoming_kokoro.types import Samples


def loud(hops: int) -> Samples:
    return np.full(hops * HOP, 0.2, dtype=np.float32)


def quiet(hops: int) -> Samples:
    return np.full(hops * HOP, 1e-5, dtype=np.float32)


def passed(trim: Trim, chunks: list[Samples]) -> Samples:
    return np.concatenate([*(trim.feed(chunk) for chunk in chunks), trim.finish()])


def test_durations_tell_where_speech_begins_and_ends() -> None:
    durations = np.array([13, 2, 3, 6, 4, 1])
    sounding = np.array([False, True, True, True, False, False])
    assert spoken(durations, sounding) == (26 - LEAD_FRAMES, 48 + TAIL_FRAMES)


def test_speech_never_leaves_the_utterance() -> None:
    durations = np.array([1, 2, 1])
    assert spoken(durations, np.array([False, True, False])) == (0, 8)
    assert spoken(durations, np.array([False, False, False])) == (0, 8)


def test_quiet_is_cut_before_and_behind_but_not_between() -> None:
    heard = passed(Trim(), [quiet(30), quiet(10), loud(5), quiet(40), loud(5), quiet(60)])
    assert len(heard) == MARGIN + len(loud(5)) + len(quiet(40)) + len(loud(5)) + MARGIN
    assert np.abs(heard[:MARGIN]).max() < 1e-4
    assert np.abs(heard[-MARGIN:]).max() < 1e-4


def test_a_trim_knows_how_long_it_has_been_quiet() -> None:
    trim = Trim()
    trim.feed(quiet(100))
    assert trim.quiet_seconds == 0
    trim.feed(np.concatenate([loud(4), quiet(MARGIN // HOP + 40)]))
    assert trim.quiet_seconds == pytest.approx(40 * 0.005)


@given(
    pattern=st.lists(st.tuples(st.booleans(), st.integers(1, 30)), min_size=1, max_size=8),
    cuts=st.lists(st.integers(1, 4000), max_size=10),
)
def test_what_is_heard_does_not_depend_on_the_chunks(pattern: list[tuple[bool, int]], cuts: list[int]) -> None:
    samples = np.concatenate([loud(hops) if is_loud else quiet(hops) for is_loud, hops in pattern])
    at_once = passed(Trim(), [samples])
    in_chunks = passed(Trim(), np.split(samples, sorted({cut for cut in cuts if cut < len(samples)})))
    np.testing.assert_array_equal(in_chunks, at_once)
    assert np.count_nonzero(at_once > 0.1) == np.count_nonzero(samples > 0.1)
