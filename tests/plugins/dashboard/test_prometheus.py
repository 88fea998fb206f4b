"""Format, names and values of the Prometheus metrics."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from prometheus_client.core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from tests.helpers.servers.dashboard import busy_server, running_dashboard
from tools.load.server_process import cached_ratio, count_segments, count_tasks
from wyoming_kokoro import __version__
from wyoming_kokoro.testing import FakeServer

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
UNITS = {"seconds", "bytes", "ratio", "info"}
"""Prometheus's base units."""
FORBIDDEN_UNITS = {
    "ms",
    "milliseconds",
    "minutes",
    "hours",
    "days",
    "kilobytes",
    "megabytes",
    "kb",
    "mb",
    "percent",
    "rtf",
}


async def scrape(server: FakeServer, accept: str = "") -> list[Metric]:
    async with running_dashboard(server) as dashboard:
        response = await dashboard.get("/metrics", {"Accept": accept})
        assert response.status_code == 200
        parse = parse_openmetrics if accept else parse_text
        assert response.headers["content-type"].startswith(accept.partition(";")[0] or "text/plain")
        return list(parse(response.text))


def value(families: Iterable[Metric], name: str, **labels: str) -> float:
    """Return the sample with this name and these labels."""
    (found,) = [
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == f"wyoming_kokoro_{name}" and sample.labels == labels
    ]
    return found


async def test_observations_appear_as_metrics() -> None:
    families = await scrape(busy_server())
    assert value(families, "requests_total", outcome="spoken", code="") == 2
    assert value(families, "requests_total", outcome="refused", code="unknown-voice") == 1
    assert value(families, "rejected_connections_total", listener="wyoming", code="protocol-error") == 2
    assert value(families, "active_requests") == 1
    assert value(families, "waiting_syntheses") == 2
    assert value(families, "segments_total", voice="af_heart", cached="true") == 1
    assert value(families, "speech_seconds_total", voice="bf_emma", cached="true") == 1
    assert value(families, "segments_by_model_total", quality="full", reason="setting") == 1
    assert value(families, "segments_by_model_total", quality="full", reason="cached") == 2
    assert value(families, "model_state", model="kokoro", quality="full", state="open") == 1
    assert value(families, "model_state", model="kokoro", quality="full", state="failed") == 0
    assert value(families, "inferences_total", stage="vocoder", provider="cpu", purpose="speech", result="ok") == 1
    assert value(families, "inferences_total", stage="vocoder", provider="cpu", purpose="speech", result="failed") == 1
    assert value(families, "inference_seconds_total", stage="vocoder", provider="npu", purpose="warmup") == 0.03
    assert value(families, "decoded_audio_seconds_total", stage="vocoder", provider="npu", purpose="warmup") == 0.2
    assert value(families, "provider_switches_total", stage="vocoder", before="cpu", after="npu") == 1
    assert value(families, "provider_in_use", stage="vocoder", provider="npu") == 1
    npu = {"stage": "vocoder", "window": "16", "provider": "npu", "device": "Neural Engine"}
    assert value(families, "accelerator_share_ratio", **npu) == 0.9
    assert value(families, "provider_trial_seconds", provider="npu") == 0.03
    for result, count in {"memory": 2, "disk": 1, "miss": 4}.items():
        assert value(families, "phrase_cache_lookups_total", result=result) == count
    assert value(families, "phrase_cache_bytes", tier="disk") == 160_000
    assert value(families, "shared_cache_usable") == 1
    for result, count in {"hit": 5, "miss": 6, "failed": 7, "damaged": 8}.items():
        assert value(families, "shared_cache_lookups_total", result=result) == count
    for result, count in {"stored": 9, "dropped": 10}.items():
        assert value(families, "shared_cache_writes_total", result=result) == count
    assert value(families, "memory_resident_bytes") > 10_000_000
    assert value(families, "memory_pressure_level", level="raised") == 1
    assert value(families, "memory_pressure_level", level="normal") == 0
    assert value(families, "memory_freed_bytes_total") == 4_000_000
    assert value(families, "ready") == 1
    assert value(families, "startup_seconds", milestone="listening") == 0.4
    assert any(
        sample.labels["version"] == __version__
        for family in families
        for sample in family.samples
        if sample.name == "wyoming_kokoro_build_info"
    )


async def test_histograms_are_cumulative() -> None:
    families = await scrape(busy_server())
    name = "time_to_first_audio_seconds"
    below = [value(families, f"{name}_bucket", cached="false", le=bound) for bound in ("0.1", "0.15", "10.0", "+Inf")]
    assert below == [0, 1, 1, 1]
    assert value(families, f"{name}_bucket", cached="true", le="0.001") == 1
    assert value(families, f"{name}_sum", cached="false") == 0.12
    assert value(families, "real_time_factor_count") == 1
    assert value(families, "real_time_factor_sum") == pytest.approx(0.3)


@pytest.mark.parametrize("accept", ["", OPENMETRICS], ids=["text", "openmetrics"])
async def test_names_and_units_follow_the_conventions_of_prometheus(accept: str) -> None:
    """These are the rules of `promtool check metrics`; each sample appears once."""
    families = await scrape(busy_server(), accept)
    ours = [family for family in families if family.name.startswith("wyoming_kokoro_")]
    assert len(ours) > 25
    assert {family.name.partition("_")[0] for family in families} == {"wyoming", "process"}
    for family in ours:
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", family.name)
        assert re.match(r"[A-Z].+[.]$", family.documentation)
        words = set(family.name.split("_"))
        assert words.isdisjoint(FORBIDDEN_UNITS)
        assert words.isdisjoint({"counter", "gauge", "histogram", "count", "sum", "bucket", "total"})
        if words & {"second", "byte"}:
            pytest.fail(f"{family.name}: the unit must be in the plural")
        if words & UNITS:
            assert family.name.rsplit("_", 1)[1] in UNITS, "the unit must come last"
        samples = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in family.samples]
        assert len(samples) == len(set(samples))
        for sample in family.samples:
            assert sample.name.endswith("_total") == (family.type == "counter")
            assert ("le" in sample.labels) == sample.name.endswith("_bucket")
            assert all(re.fullmatch(r"[a-z_]+", label) for label in sample.labels)


async def test_metrics_exist_before_the_first_request() -> None:
    """Alerts need the counters from the start."""
    families = await scrape(FakeServer(is_ready=False))
    assert value(families, "ready") == 0
    assert value(families, "time_to_first_audio_seconds_count", cached="true") == 0
    assert value(families, "phrase_cache_lookups_total", result="memory") == 0
    assert value(families, "memory_pressure_changes_total") == 0


async def test_servers_of_one_process_have_separate_metrics() -> None:
    assert value(await scrape(busy_server()), "requests_total", outcome="spoken", code="") == 2
    families = await scrape(FakeServer())
    assert [
        sample for family in families if family.name == "wyoming_kokoro_requests" for sample in family.samples
    ] == []


async def test_load_tests_find_their_metrics() -> None:
    async with running_dashboard(busy_server()) as dashboard:
        address = f"http://127.0.0.1:{dashboard.port}/"
        assert await count_tasks(address) >= 1
        assert (await count_segments(address)).total() == 3
        assert 0 < await cached_ratio(address) < 1
