from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.text.word_timings.timing import SOUND_LEAD_SECONDS, TimedRecording, time_words


def near(seconds: float) -> Any:
    return pytest.approx(seconds)


def late(*times: float) -> list[float]:
    """Return the times of a model whose sounds have these times."""
    return [time + SOUND_LEAD_SECONDS for time in times]


def test_word_begins_with_its_first_sound_and_ends_with_its_last() -> None:
    """The model times the comma and the space after it as a pause."""
    recording = TimedRecording("hi, ðɛɹ.", 0.0, 1.0, late(0.05, 0.1, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 1.4))
    assert time_words(["hi,", "ðɛɹ."], [recording]) == [
        (0.0, near(0.2)),
        (near(0.5), near(0.8)),
    ]


def test_sounds_of_fast_speech_come_less_early() -> None:
    times = [0.0, 0.3, 0.3, 0.6]
    starts = [
        time_words(["a", "b"], [TimedRecording("a b", 0.0, 1.0, times, speed=speed)])[1][0] for speed in (0.7, 1, 2)
    ]
    assert starts == [near(0.3 - SOUND_LEAD_SECONDS / speed) for speed in (0.7, 1, 2)]


def test_pause_of_the_audio_decides_where_words_end_and_begin() -> None:
    """The model times the pause as a part of the last sound before it."""
    recording = TimedRecording("hi ðɛɹ", 1.0, 2.0, late(0, 0.2, 0.8, 0.9, 1.1, 1.3, 1.6), [(0.5, 1.0)])
    assert time_words(["hi", "ðɛɹ"], [recording]) == [(1.0, 1.5), (2.0, near(2.6))]


def test_pause_far_from_the_border_of_words_moves_nothing() -> None:
    recording = TimedRecording("hi ðɛɹ", 0.0, 2.0, late(0, 0.2, 0.8, 0.9, 1.1, 1.6, 2.0), [(1.2, 1.4)])
    assert time_words(["hi", "ðɛɹ"], [recording]) == [
        (0.0, near(0.8)),
        (near(0.9), near(2.0)),
    ]


def test_second_recording_continues_after_the_first() -> None:
    first = TimedRecording("hi", 0.0, 0.5, late(0.0, 0.2, 0.5))
    second = TimedRecording("ðɛɹ", 0.5, 0.6, late(0.0, 0.2, 0.4, 0.6))
    assert time_words(["hi", "ðɛɹ"], [first, second]) == [(0.0, near(0.5)), (0.5, near(1.1))]


def test_unknown_times_are_proportional() -> None:
    times = time_words(["ab", "c"], [TimedRecording("ab c", 1.0, 4.0, ())])
    assert times == [
        (1.0, near(3.0)),
        (near(4.0), near(5.0)),
    ]


@pytest.mark.parametrize(("spoken", "expected"), [(["", "ab"], [0, 1, 2]), (["ab", ""], [0, 1, 2])])
def test_word_that_was_not_found_shares_the_time_of_its_neighbour(spoken: list[str], expected: list[int]) -> None:
    times = time_words(spoken, [TimedRecording("ab", 0.0, 2.0, late(0.0, 1.0, 2.0))])
    assert times == [(near(begin), near(end)) for begin, end in pairwise(expected)]


@given(
    st.lists(st.text("abˈ", max_size=4), min_size=1, max_size=6),
    st.lists(st.tuples(st.text("abc ˈ.,", min_size=1, max_size=12), st.floats(0.01, 5), st.booleans()), min_size=1),
)
def test_times_ascend_and_stay_inside_the_segment(spoken: list[str], parts: list[tuple[str, float, bool]]) -> None:
    recordings, begin = [], 0.0
    for phonemes, seconds, is_timed in parts:
        times = [seconds * i / len(phonemes) * 1.2 - 0.1 for i in range(len(phonemes) + 1)] if is_timed else []
        recordings.append(TimedRecording(phonemes, begin, seconds, times))
        begin += seconds
    words = time_words(spoken, recordings)
    assert len(words) == len(spoken)
    edges = [edge for word in words for edge in word]
    assert all(before <= after + 1e-9 for before, after in pairwise(edges))
    assert edges[0] >= 0
    assert edges[-1] <= begin + 1e-9
