"""`/metrics`: metrics in Prometheus's text formats."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import get_args

from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.utils import floatToGoString

from wyoming_kokoro.api.metrics import Histogram, ModelState
from wyoming_kokoro.api.observations import Level
from wyoming_kokoro_dashboard.context import DashboardContext
from wyoming_kokoro_dashboard.snapshot import Snapshot, take_snapshot

PREFIX = "wyoming_kokoro_"
VOCODER_FRAME_SECONDS = 0.0125
Row = tuple[tuple[str, ...], float]
"""Label values and the sample."""


async def get_metrics(context: DashboardContext, request: web.Request) -> web.Response:
    """Answer with the metrics of the server and of its process."""
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    snapshot = await take_snapshot(context)

    def encode_metrics() -> bytes:
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(SnapshotCollector(snapshot))
        return encode(registry)

    # A thread encodes them because the process metrics come from files in /proc.
    return web.Response(body=await asyncio.to_thread(encode_metrics), headers={"Content-Type": content_type})


class SnapshotCollector:
    """Collector of the metrics of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        """Yield all metric families of the snapshot."""
        for families in (_server, _requests, _speech, _model, _providers, _cache, _shared_cache, _memory):
            yield from families(self._snapshot)


def _server(snapshot: Snapshot) -> Iterator[Metric]:
    versions = ((snapshot.version, platform.python_version()), 1.0)
    yield _gauge("build_info", "Versions of the server and of Python. Always 1.", ("version", "python"), [versions])
    yield _value("ready", "Whether the model is loaded (1) or still loading (0).", snapshot.is_ready)
    milestones = [((name,), seconds) for name, seconds in snapshot.timeline.items()]
    help_text = "Time from process start to a startup milestone."
    yield _gauge("startup_seconds", help_text, ("milestone",), milestones)
    yield _value("idle_seconds", "Time since the last request was spoken.", snapshot.idle_seconds)
    yield _value("event_loop_tasks", "Number of asyncio tasks.", snapshot.event_loop_tasks)


def _requests(snapshot: Snapshot) -> Iterator[Metric]:
    metrics = snapshot.metrics
    finished = [((row.outcome, row.code), row.count) for row in metrics.requests]
    help_text = "Finished requests by outcome and error code."
    yield _counter("requests_total", help_text, ("outcome", "code"), finished)
    rejections = [((row.listener, row.code), row.count) for row in metrics.rejections]
    help_text = "Connections that were refused, or closed because of their clients, by listener and error code."
    yield _counter("rejected_connections_total", help_text, ("listener", "code"), rejections)
    first_audio = [(("false",), metrics.first_audio_uncached), (("true",), metrics.first_audio_cached)]
    help_text = "Time from the first text of a request to its first audio sample. cached: all audio was cached."
    yield _histogram("time_to_first_audio_seconds", help_text, ("cached",), first_audio)
    help_text = "Time that a request waited for the full model; only requests that used it."
    yield _histogram("wait_seconds", help_text, (), [((), metrics.wait)])
    help_text = "Requests that wait until the full model has time for them."
    yield _value("waiting_requests", help_text, snapshot.waiting_requests)
    yield _value("active_requests", "Requests that are being spoken.", snapshot.active_requests)


def _speech(snapshot: Snapshot) -> Iterator[Metric]:
    segments: list[Row] = []
    seconds: list[Row] = []
    for voice, totals in snapshot.metrics.voices.items():
        segments += [((voice, "true"), totals.cached), ((voice, "false"), totals.segments - totals.cached)]
        synthesized_seconds = totals.seconds - totals.cached_seconds
        seconds += [((voice, "true"), totals.cached_seconds), ((voice, "false"), synthesized_seconds)]
    labels = ("voice", "cached")
    help_text = "Spoken segments (clauses or sentences) by voice. cached: the phrase cache contained the segment."
    yield _counter("segments_total", help_text, labels, segments)
    yield _counter("speech_seconds_total", "Playing time of the spoken segments.", labels, seconds)
    selections = [((row.quality, row.reason), row.segments) for row in snapshot.metrics.selections]
    help_text = "Spoken segments by the model, full or distilled, and the reason for which it spoke."
    yield _counter("segments_by_model_total", help_text, ("quality", "reason"), selections)


def _model(snapshot: Snapshot) -> Iterator[Metric]:
    help_text = "Seconds of computation per second of speech of the full model; below 1 is faster than real time."
    yield _histogram("real_time_factor", help_text, (), [((), snapshot.metrics.rtf)])
    labels = ("stage", "provider", "purpose")
    runs = [((row.stage, row.provider, row.purpose), row) for row in snapshot.metrics.inferences]
    counts: list[Row] = []
    for key, row in runs:
        counts += [((*key, "ok"), row.count - row.failures), ((*key, "failed"), row.failures)]
    yield _counter("inferences_total", "Runs of a model stage.", (*labels, "result"), counts)
    seconds = [(key, row.seconds) for key, row in runs]
    yield _counter("inference_seconds_total", "Duration of all successful runs of a model stage.", labels, seconds)
    decoded = [(key, row.frames * VOCODER_FRAME_SECONDS) for key, row in runs if row.frames]
    help_text = "Playing time of the audio that the vocoder produced, before silence is trimmed."
    yield _counter("decoded_audio_seconds_total", help_text, labels, decoded)
    states = [
        ((model.name, model.quality, state), model.state == state)
        for model in snapshot.models
        for state in get_args(ModelState)
    ]
    help_text = "State of a speech model. 1 for the present state, 0 for the others."
    yield _gauge("model_state", help_text, ("model", "quality", "state"), states)
    yield _value("waiting_syntheses", "Syntheses that wait for the model.", snapshot.waiting_syntheses)
    help_text = "Duration so far of the unit of work that the model is running."
    yield _value("running_unit_seconds", help_text, snapshot.running_unit_seconds)


def _providers(snapshot: Snapshot) -> Iterator[Metric]:
    switches = [((row.stage, row.before, row.after), row.count) for row in snapshot.metrics.provider_switches]
    help_text = "Changes from one provider to another."
    yield _counter("provider_switches_total", help_text, ("stage", "before", "after"), switches)
    in_use = {(stage.stage, provider): 1.0 for stage in snapshot.stages for provider in stage.in_use.values()}
    help_text = "Provider that runs a model stage. Always 1."
    yield _gauge("provider_in_use", help_text, ("stage", "provider"), in_use.items())
    shares = [
        ((row.stage, str(row.window), row.provider, row.device), row.share)
        for row in snapshot.metrics.accelerator_shares
    ]
    help_text = "Share of a model stage that an accelerator runs, from the provider's plan."
    yield _gauge("accelerator_share_ratio", help_text, ("stage", "window", "provider", "device"), shares)
    trials = [
        ((trial.provider,), trial.seconds)
        for stage in snapshot.stages
        for trial in stage.trials
        if trial.seconds is not None
    ]
    help_text = "Time that the vocoder took for a window of 200 ms when the provider was tried."
    yield _gauge("provider_trial_seconds", help_text, ("provider",), trials)


def _cache(snapshot: Snapshot) -> Iterator[Metric]:
    cache = snapshot.cache
    lookups = {"memory": cache.lookups.memory, "disk": cache.lookups.disk, "miss": cache.lookups.misses}
    help_text = "Phrase cache lookups by the tier that contained the phrase, or miss."
    yield _counter("phrase_cache_lookups_total", help_text, ("result",), _by_label(lookups))
    yield _value("phrase_cache_phrases", "Cached phrases.", cache.phrases)
    yield _value("phrase_cache_speech_seconds", "Playing time of the cached phrases.", cache.speech_seconds)
    sizes = {"memory": cache.memory_bytes, "disk": cache.disk_bytes}
    yield _gauge("phrase_cache_bytes", "Size of the phrase cache.", ("tier",), _by_label(sizes))
    limits = {"memory": cache.memory_limit_bytes, "disk": cache.disk_limit_bytes}
    yield _gauge("phrase_cache_limit_bytes", "Maximum size of the phrase cache.", ("tier",), _by_label(limits))


def _shared_cache(snapshot: Snapshot) -> Iterator[Metric]:
    shared = snapshot.cache.shared
    if shared is None:
        return
    help_text = "Whether the shared phrase cache is in use (1) or failing (0)."
    yield _value("shared_cache_usable", help_text, not shared.problem)
    lookups = {"hit": shared.hits, "miss": shared.misses, "failed": shared.failures, "damaged": shared.damaged}
    help_text = "Lookups in the shared phrase cache, which follow a miss in the local one."
    yield _counter("shared_cache_lookups_total", help_text, ("result",), _by_label(lookups))
    writes = {"stored": shared.stored, "dropped": shared.dropped}
    help_text = "Phrases that this server stored in the shared phrase cache, or could not store."
    yield _counter("shared_cache_writes_total", help_text, ("result",), _by_label(writes))


def _memory(snapshot: Snapshot) -> Iterator[Metric]:
    metrics = snapshot.metrics
    yield _value("memory_resident_bytes", "Resident memory of the process and its children.", snapshot.resident_bytes)
    levels = [((level,), level == metrics.memory_level) for level in get_args(Level)]
    help_text = "Memory pressure. 1 for the present level, 0 for the others."
    yield _gauge("memory_pressure_level", help_text, ("level",), levels)
    changes = [((), metrics.memory_level_changes)]
    yield _counter("memory_pressure_changes_total", "Changes of the memory pressure level.", (), changes)
    freed = [((), metrics.freed_bytes)]
    yield _counter("memory_freed_bytes_total", "Memory freed because of memory pressure.", (), freed)


def _by_label(values: dict[str, int]) -> list[Row]:
    return [((label,), value) for label, value in values.items()]


def _counter(name: str, help_text: str, labels: Sequence[str], rows: Iterable[Row]) -> Metric:
    return _with_samples(CounterMetricFamily(PREFIX + name, help_text, labels=labels), rows)


def _gauge(name: str, help_text: str, labels: Sequence[str], rows: Iterable[Row]) -> Metric:
    return _with_samples(GaugeMetricFamily(PREFIX + name, help_text, labels=labels), rows)


def _value(name: str, help_text: str, value: float) -> Metric:
    """Return a gauge without labels."""
    return GaugeMetricFamily(PREFIX + name, help_text, value=value)


def _with_samples(family: CounterMetricFamily | GaugeMetricFamily, rows: Iterable[Row]) -> Metric:
    for values, value in rows:
        family.add_metric(values, value)
    return family


def _histogram(
    name: str, help_text: str, labels: Sequence[str], rows: Iterable[tuple[tuple[str, ...], Histogram]]
) -> Metric:
    family = HistogramMetricFamily(PREFIX + name, help_text, labels=labels)
    for values, histogram in rows:
        bounds = [*map(floatToGoString, histogram.bounds), "+Inf"]
        buckets = list(zip(bounds, map(float, accumulate(histogram.counts)), strict=True))
        family.add_metric(values, buckets, histogram.sum)
    return family
