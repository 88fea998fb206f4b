from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.api.metrics import MAX_RECENT_REQUESTS, Metrics, SelectionTotals
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


def test_number_of_counted_voices_is_limited() -> None:
    collector = MetricsCollector()
    for weight in range(1, 300):
        collector.observe(replace(SEGMENT, voice=f"af_heart*{weight}+af_bella"))
    voices = collector.metrics.voices
    assert len(voices) == MAX_VOICES + 1
    assert voices[OTHER_VOICES].segments == 299 - MAX_VOICES
    assert collector.metrics.speech.segments == 299


voice_names = st.sampled_from(["af_heart", "bf_emma"])
durations = st.floats(0, 100)
segments = st.builds(
    SegmentFinished, st.just(SECRET), voice_names, cached=st.booleans(), seconds=durations, work_seconds=durations
)
requests = st.builds(
    RequestFinished,
    voice_names,
    st.sampled_from(get_args(Outcome)),
    code=st.sampled_from(["", "unknown-voice"]),
    first_seconds=st.none() | durations,
    seconds=durations,
    audio_seconds=durations,
    work_seconds=durations,
    cached=st.booleans(),
)
inferences = st.builds(
    Inference,
    st.sampled_from(["vocoder", "prosody"]),
    st.sampled_from([0, 8, 16]),
    st.sampled_from(["cpu", "npu"]),
    st.none() | durations,
    st.sampled_from(get_args(Purpose)),
)


def count(*observations: Observation) -> Metrics:
    collector = MetricsCollector(lambda: 1000.0)
    for observation in observations:
        collector.observe(observation)
    return collector.metrics


@given(st.lists(requests))
def test_every_request_is_counted_once(observed: list[RequestFinished]) -> None:
    metrics = count(*observed)
    assert {(row.outcome, row.code): row.count for row in metrics.requests} == Counter(
        (request.outcome, request.code) for request in observed
    )
    sounding = [request for request in observed if request.first_seconds is not None]
    assert metrics.first_audio_cached.count == sum(request.cached for request in sounding)
    assert metrics.first_audio_uncached.count == len(sounding) - metrics.first_audio_cached.count


@given(st.lists(inferences))
def test_every_inference_is_counted_once(observed: list[Inference]) -> None:
    totals = count(*observed).inferences
    assert {(row.stage, row.provider, row.purpose): (row.count, row.failures) for row in totals} == {
        key: (
            sum((it.stage, it.provider, it.purpose) == key for it in observed),
            sum((it.stage, it.provider, it.purpose) == key and it.seconds is None for it in observed),
        )
        for key in {(it.stage, it.provider, it.purpose) for it in observed}
    }
    assert abs(sum(row.seconds for row in totals) - sum(it.seconds or 0 for it in observed)) < 1e-6
    windows = [it.window for it in observed if it.stage == "vocoder" and it.seconds is not None]
    assert sum(row.frames for row in totals) == sum(windows)


@given(st.lists(segments))
def test_totals_of_voices_add_up(observed: list[SegmentFinished]) -> None:
    metrics = count(*observed)
    assert metrics.voices.keys() == {segment.voice for segment in observed}
    assert metrics.speech.segments == len(observed)
    assert metrics.speech.cached == sum(segment.cached for segment in observed)
    assert abs(metrics.speech.seconds - sum(segment.seconds for segment in observed)) < 1e-6


@given(st.lists(durations))
def test_value_is_counted_in_the_lowest_bucket_that_contains_it(values: list[float]) -> None:
    """As in Prometheus, a bound belongs to its bucket."""
    metrics = count(*(replace(REQUEST, first_seconds=value) for value in values))
    for index, bound in enumerate(TTFA_BOUNDS):
        assert sum(metrics.first_audio_uncached.counts[: index + 1]) == sum(value <= bound for value in values)
    assert metrics.first_audio_uncached.count == len(values)
    assert abs(metrics.first_audio_uncached.sum - sum(values)) < 1e-6


def test_bounds_are_ascending() -> None:
    for bounds in (TTFA_BOUNDS, RTF_BOUNDS):
        assert list(bounds) == sorted(set(bounds))
    assert 1.0 in RTF_BOUNDS, "1 separates real time from slower"


def test_only_synthesized_speech_has_an_rtf() -> None:
    """Cached, shared and silent segments have none."""
    metrics = count(
        SEGMENT, replace(SEGMENT, cached=True, work_seconds=0.0), replace(SEGMENT, seconds=0.0), replace(REQUEST)
    )
    assert (metrics.rtf.count, metrics.rtf.sum) == (1, 0.3)
    assert [request.rtf for request in metrics.recent_requests] == [0.3]
    assert count(replace(REQUEST, work_seconds=0.0)).recent_requests[0].rtf is None
    assert count(replace(REQUEST, audio_seconds=0.0)).recent_requests[0].rtf is None


def test_hit_rate_is_a_share_of_segments() -> None:
    assert count().speech.hit_rate is None
    assert count(SEGMENT, replace(SEGMENT, cached=True)).speech.hit_rate == 0.5


def test_memory_levels_and_provider_switches_are_counted() -> None:
    metrics = count(
        ProviderSwitched("vocoder", 16, "cpu", "npu"),
        ProviderSwitched("vocoder", 8, "cpu", "npu"),
        MemoryPressureChanged("normal", "high", "the container has 20 MB left", 1000),
        MemoryPressureChanged("high", "high", "the container has 10 MB left", 500),
    )
    assert [(row.stage, row.before, row.after, row.count) for row in metrics.provider_switches] == [
        ("vocoder", "cpu", "npu", 2)
    ]
    assert (metrics.memory_level, metrics.memory_level_reason) == ("high", "the container has 10 MB left")
    assert (metrics.memory_level_changes, metrics.freed_bytes) == (1, 1500)


def test_latest_accelerator_share_of_a_window_counts() -> None:
    first = AcceleratorShare("vocoder", 16, "coreml-ane", "Neural Engine", 0.5)
    last = replace(first, share=0.9)
    other = replace(first, window=8)
    assert count(first, other, last).accelerator_shares == (other, last)


def test_number_of_recent_requests_is_limited() -> None:
    metrics = count(*(replace(REQUEST, seconds=float(number)) for number in range(2 * MAX_RECENT_REQUESTS)))
    assert [request.seconds for request in metrics.recent_requests] == [
        *range(MAX_RECENT_REQUESTS, 2 * MAX_RECENT_REQUESTS)
    ]
    assert {request.ended_at for request in metrics.recent_requests} == {1000.0}


def test_spoken_text_is_not_stored() -> None:
    collector = MetricsCollector()
    before = sys.getrefcount(SECRET)
    collector.observe(replace(SEGMENT))
    assert sys.getrefcount(SECRET) == before
    assert SECRET not in repr(collector.metrics)


def test_snapshot_does_not_change() -> None:
    collector = MetricsCollector()
    collector.observe(SEGMENT)
    before = collector.metrics
    collector.observe(SEGMENT)
    assert (before.speech.segments, collector.metrics.speech.segments) == (1, 2)


def test_segments_are_counted_by_model_and_reason_and_only_the_full_model_has_an_rtf() -> None:
    distilled = replace(SEGMENT, quality="distilled", reason="slow", work_seconds=0.01)
    metrics = count(SEGMENT, distilled, distilled)
    seconds = SEGMENT.seconds
    assert metrics.selections == (
        SelectionTotals("distilled", "slow", 2, 2 * seconds, 0.02),
        SelectionTotals("full", "setting", 1, seconds, SEGMENT.work_seconds),
    )
    assert metrics.rtf.count == 1
