"""What Prometheus is told, family by family: names end in their unit, as its naming rules want."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.utils import floatToGoString

from wyoming_kokoro.api.metrics import Histogram
from wyoming_kokoro.api.observations import Level
from wyoming_kokoro_dashboard.now import Now

PREFIX = "wyoming_kokoro_"
FRAME_SECONDS = 0.0125
Row = tuple[tuple[str, ...], float]
"""The values of the labels, and the sample."""


def families(now: Now) -> Iterator[Metric]:
    """Yield every family of ours; the process' own come with Prometheus' client."""
    yield from _server(now)
    yield from _requests(now)
    yield from _speech(now)
    yield from _model(now)
    yield from _cache(now)
    yield from _memory(now)


def _server(now: Now) -> Iterator[Metric]:
    build = ((now.version, platform.python_version()), 1.0)
    yield _gauge("build_info", "Versions; always 1.", ("version", "python"), [build])
    yield _gauge("ready", "Whether the model is open.", (), [((), now.ready)])
    moments = [((moment,), seconds) for moment, seconds in now.timeline.items()]
    yield _gauge("startup_seconds", "From the start of the process until something was ready.", ("moment",), moments)
    yield _gauge("quiet_seconds", "For how long nobody has been spoken to.", (), [((), now.quiet_seconds)])
    yield _gauge("tasks", "Tasks of the event loop: some for each connection, a few always.", (), [((), now.tasks)])


def _requests(now: Now) -> Iterator[Metric]:
    figures = now.figures
    ended = [((row.outcome, row.code), float(row.count)) for row in figures.requests]
    yield _counter("requests_total", "Requests that ended, by how.", ("outcome", "code"), ended)
    first = [(("false",), figures.first_audio_uncached), (("true",), figures.first_audio_cached)]
    what = "From the first text of a request to its first sample, by whether the phrase cache had all of it."
    yield _histogram("time_to_first_audio_seconds", what, ("cached",), first)
    yield _gauge("requests_speaking", "Requests that are spoken to now.", (), [((), now.speaking)])


def _speech(now: Now) -> Iterator[Metric]:
    voices = now.figures.voices.items()
    segments: list[Row] = []
    seconds: list[Row] = []
    for voice, spoken in voices:
        segments += [((voice, "true"), spoken.cached), ((voice, "false"), spoken.segments - spoken.cached)]
        made = spoken.seconds - spoken.cached_seconds
        seconds += [((voice, "true"), spoken.cached_seconds), ((voice, "false"), made)]
    labels = ("voice", "cached")
    yield _counter(
        "segments_total", "Segments that were spoken, by whether the phrase cache had them.", labels, segments
    )
    yield _counter("speech_seconds_total", "How long those segments play.", labels, seconds)


def _model(now: Now) -> Iterator[Metric]:
    figures = now.figures
    what = "Seconds that the model ran for a second of speech, of the segments that it made."
    yield _histogram("real_time_factor_ratio", what, (), [((), figures.rtf)])
    labels = ("stage", "provider", "purpose")
    keys = [(row.stage, row.provider, row.purpose) for row in figures.runs]
    counts: list[Row] = []
    for key, row in zip(keys, figures.runs, strict=True):
        counts += [((*key, "ok"), row.count - row.failures), ((*key, "failed"), row.failures)]
    yield _counter("inferences_total", "Runs of a stage of the model.", (*labels, "result"), counts)
    took = [(key, row.seconds) for key, row in zip(keys, figures.runs, strict=True)]
    yield _counter("inference_seconds_total", "What the runs took that did not fail.", labels, took)
    made = [(key, row.frames * FRAME_SECONDS) for key, row in zip(keys, figures.runs, strict=True) if row.frames]
    yield _counter("decoded_seconds_total", "Speech that was decoded in windows.", labels, made)
    yield _gauge("syntheses_waiting", "Syntheses that wait for the model now.", (), [((), now.waiting)])
    yield _gauge("unit_seconds", "How long the model has been at what it does now.", (), [((), now.unit_seconds)])
    yield from _providers(now)


def _providers(now: Now) -> Iterator[Metric]:
    switches = [((row.stage, row.before, row.after), float(row.count)) for row in now.figures.switches]
    what = "How often a provider took over from another."
    yield _counter("provider_switches_total", what, ("stage", "before", "after"), switches)
    in_use = {(facts.stage, provider): 1.0 for facts in now.stages for provider in facts.in_use.values()}
    yield _gauge("provider_in_use", "Which provider runs a stage; always 1.", ("stage", "provider"), in_use.items())
    shares = [((it.stage, str(it.window), it.provider, it.device), it.share) for it in now.figures.accelerators]
    what = "How much of a stage's work an accelerator does, by its provider's plan."
    yield _gauge("accelerator_share_ratio", what, ("stage", "window", "provider", "device"), shares)
    tried = [((it.provider,), it.seconds) for facts in now.stages for it in facts.tried if it.seconds is not None]
    yield _gauge("provider_window_seconds", "What a window of 200 ms took when it was measured.", ("provider",), tried)


def _cache(now: Now) -> Iterator[Metric]:
    cache = now.cache
    lookups = {"memory": cache.lookups.memory, "disk": cache.lookups.disk, "none": cache.lookups.missed}
    what = "How often phrases were looked up, by the tier that had them."
    yield _counter("phrase_cache_lookups_total", what, ("tier",), _by_name(lookups))
    yield _gauge("phrase_cache_phrases", "Phrases that are kept.", (), [((), cache.phrases)])
    yield _gauge("phrase_cache_speech_seconds", "How long those phrases play.", (), [((), cache.seconds)])
    sizes = {"memory": cache.memory_bytes, "disk": cache.bytes}
    yield _gauge("phrase_cache_bytes", "What those phrases take.", ("tier",), _by_name(sizes))
    limits = {"memory": cache.memory_limit_bytes, "disk": cache.limit_bytes}
    yield _gauge("phrase_cache_limit_bytes", "What phrases may take.", ("tier",), _by_name(limits))


def _memory(now: Now) -> Iterator[Metric]:
    figures = now.figures
    yield _gauge("memory_resident_bytes", "What the process has resident.", (), [((), now.memory_bytes)])
    levels = [((level,), level == figures.level) for level in get_args(Level)]
    yield _gauge("memory_level", "How short memory is: 1 for the level that it is at.", ("level",), levels)
    changes = [((), float(figures.level_changes))]
    yield _counter("memory_level_changes_total", "How often the level changed.", (), changes)
    freed = [((), float(figures.freed_bytes))]
    yield _counter("memory_freed_bytes_total", "What was given back because memory was short.", (), freed)


def _by_name(values: dict[str, int]) -> list[Row]:
    return [((name,), float(value)) for name, value in values.items()]


def _counter(name: str, what: str, labels: Sequence[str], rows: Iterable[Row]) -> Metric:
    family = CounterMetricFamily(PREFIX + name, what, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def _gauge(name: str, what: str, labels: Sequence[str], rows: Iterable[Row]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, what, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def _histogram(
    name: str, what: str, labels: Sequence[str], rows: Iterable[tuple[tuple[str, ...], Histogram]]
) -> Metric:
    family = HistogramMetricFamily(PREFIX + name, what, labels=labels)
    for values, histogram in rows:
        bounds = [*map(floatToGoString, histogram.bounds), "+Inf"]
        buckets = list(zip(bounds, map(float, accumulate(histogram.counts)), strict=True))
        family.add_metric(values, buckets, histogram.sum)
    return family
