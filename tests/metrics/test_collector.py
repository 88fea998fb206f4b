"""What is observed is counted once, and nothing is kept of what was said."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from typing import get_args

from hypothesis import given
from hypothesis import strategies as some

from wyoming_kokoro.api.metrics import MAX_RECENT_REQUESTS, Metrics
from wyoming_kokoro.api.observations import (
    AcceleratorShare,
    Inference,
    MemoryPressureChanged,
    Observation,
    Outcome,
    ProviderSwitched,
    Purpose,
    RequestFinished,
    SegmentFinished,
)
from wyoming_kokoro.metrics.collector import MAX_VOICES, OTHER_VOICES, RTF_BOUNDS, TTFA_BOUNDS, MetricsCollector

SECRET = "The alarm code is one two three four."
SEGMENT = SegmentFinished(SECRET, "af_heart", cached=False, seconds=2.0, work_seconds=0.6)
REQUEST = RequestFinished("af_heart", "spoken", "", 0.12, 1.0, 2.0, work_seconds=0.6)


def test_clients_that_ask_for_ever_other_blends_do_not_fill_the_memory() -> None:
    tally = MetricsCollector()
    for weight in range(1, 300):
        tally.observe(replace(SEGMENT, voice=f"af_heart*{weight}+af_bella"))
    counted = tally.metrics.voices
    assert len(counted) == MAX_VOICES + 1
    assert counted[OTHER_VOICES].segments == 299 - MAX_VOICES
    assert tally.metrics.speech.segments == 299


voices = some.sampled_from(["af_heart", "bf_emma"])
moments = some.floats(0, 100)
segments = some.builds(
    SegmentFinished, some.just(SECRET), voices, cached=some.booleans(), seconds=moments, work_seconds=moments
)
requests = some.builds(
    RequestFinished,
    voices,
    some.sampled_from(get_args(Outcome)),
    code=some.sampled_from(["", "unknown-voice"]),
    first_seconds=some.none() | moments,
    seconds=moments,
    audio_seconds=moments,
    work_seconds=moments,
    cached=some.booleans(),
)
inferences = some.builds(
    Inference,
    some.sampled_from(["vocoder", "prosody"]),
    some.sampled_from([0, 8, 16]),
    some.sampled_from(["cpu", "npu"]),
    some.none() | moments,
    some.sampled_from(get_args(Purpose)),
)


def told(*observations: Observation) -> Metrics:
    tally = MetricsCollector(lambda: 1000.0)
    for observation in observations:
        tally.observe(observation)
    return tally.metrics


@given(some.lists(requests))
def test_every_request_is_counted_once(observed: list[RequestFinished]) -> None:
    figures = told(*observed)
    assert {(row.outcome, row.code): row.count for row in figures.requests} == Counter(
        (request.outcome, request.code) for request in observed
    )
    sounding = [request for request in observed if request.first_seconds is not None]
    assert figures.first_audio_cached.count == sum(request.cached for request in sounding)
    assert figures.first_audio_uncached.count == len(sounding) - figures.first_audio_cached.count


@given(some.lists(inferences))
def test_every_inference_is_counted_once(observed: list[Inference]) -> None:
    runs = told(*observed).inferences
    assert {(row.stage, row.provider, row.purpose): (row.count, row.failures) for row in runs} == {
        key: (
            sum((it.stage, it.provider, it.purpose) == key for it in observed),
            sum((it.stage, it.provider, it.purpose) == key and it.seconds is None for it in observed),
        )
        for key in {(it.stage, it.provider, it.purpose) for it in observed}
    }
    assert abs(sum(row.seconds for row in runs) - sum(it.seconds or 0 for it in observed)) < 1e-6
    made = [it.window for it in observed if it.stage == "vocoder" and it.seconds is not None]
    assert sum(row.frames for row in runs) == sum(made)


@given(some.lists(segments))
def test_what_each_voice_spoke_adds_up(observed: list[SegmentFinished]) -> None:
    figures = told(*observed)
    assert figures.voices.keys() == {segment.voice for segment in observed}
    assert figures.speech.segments == len(observed)
    assert figures.speech.cached == sum(segment.cached for segment in observed)
    assert abs(figures.speech.seconds - sum(segment.seconds for segment in observed)) < 1e-6


@given(some.lists(moments))
def test_a_value_is_in_the_lowest_bucket_that_holds_it(values: list[float]) -> None:
    """As Prometheus counts: a bound is part of its bucket."""
    figures = told(*(replace(REQUEST, first_seconds=value) for value in values))
    for place, bound in enumerate(TTFA_BOUNDS):
        assert sum(figures.first_audio_uncached.counts[: place + 1]) == sum(value <= bound for value in values)
    assert figures.first_audio_uncached.count == len(values)
    assert abs(figures.first_audio_uncached.sum - sum(values)) < 1e-6


def test_bounds_rise() -> None:
    for bounds in (TTFA_BOUNDS, RTF_BOUNDS):
        assert list(bounds) == sorted(set(bounds))
    assert 1.0 in RTF_BOUNDS, "the bound between in time and late"


def test_only_what_the_model_made_has_a_real_time_factor() -> None:
    """What was kept, what was made for another listener, and what has no sound tell nothing."""
    figures = told(
        SEGMENT, replace(SEGMENT, cached=True, work_seconds=0.0), replace(SEGMENT, seconds=0.0), replace(REQUEST)
    )
    assert (figures.rtf.count, figures.rtf.sum) == (1, 0.3)
    assert [request.rtf for request in figures.recent_requests] == [0.3]
    assert told(replace(REQUEST, work_seconds=0.0)).recent_requests[0].rtf is None
    assert told(replace(REQUEST, audio_seconds=0.0)).recent_requests[0].rtf is None


def test_hits_are_a_share() -> None:
    assert told().speech.hit_rate is None
    assert told(SEGMENT, replace(SEGMENT, cached=True)).speech.hit_rate == 0.5


def test_levels_and_switches_are_told() -> None:
    figures = told(
        ProviderSwitched("vocoder", 16, "cpu", "npu"),
        ProviderSwitched("vocoder", 8, "cpu", "npu"),
        MemoryPressureChanged("normal", "high", "the container has 20 MB left", 1000),
        MemoryPressureChanged("high", "high", "the container has 10 MB left", 500),
    )
    assert [(row.stage, row.before, row.after, row.count) for row in figures.provider_switches] == [
        ("vocoder", "cpu", "npu", 2)
    ]
    assert (figures.memory_level, figures.memory_level_reason) == ("high", "the container has 10 MB left")
    assert (figures.memory_level_changes, figures.freed_bytes) == (1, 1500)


def test_what_was_told_last_of_an_accelerator_counts() -> None:
    first = AcceleratorShare("vocoder", 16, "coreml-ane", "Neural Engine", 0.5)
    last = replace(first, share=0.9)
    other = replace(first, window=8)
    assert told(first, other, last).accelerator_shares == (other, last)


def test_the_last_requests_are_remembered_and_no_more() -> None:
    figures = told(*(replace(REQUEST, seconds=float(number)) for number in range(2 * MAX_RECENT_REQUESTS)))
    assert [request.seconds for request in figures.recent_requests] == [
        *range(MAX_RECENT_REQUESTS, 2 * MAX_RECENT_REQUESTS)
    ]
    assert {request.ended_at for request in figures.recent_requests} == {1000.0}


def test_nothing_of_what_was_said_is_kept() -> None:
    """Neither in what is told nor in what tells it."""
    tally = MetricsCollector()
    before = sys.getrefcount(SECRET)
    tally.observe(replace(SEGMENT))
    assert sys.getrefcount(SECRET) == before
    assert SECRET not in repr(tally.metrics)


def test_a_snapshot_does_not_change() -> None:
    tally = MetricsCollector()
    tally.observe(SEGMENT)
    before = tally.metrics
    tally.observe(SEGMENT)
    assert (before.speech.segments, tally.metrics.speech.segments) == (1, 2)
