"""What Prometheus is told: in its format, named by its rules, and true."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from prometheus_client.core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from tests.helpers.dashboard import busy_server, dashboard
from wyoming_kokoro import __version__
from wyoming_kokoro.testing import FakeServer

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
UNITS = {"seconds", "bytes", "ratio", "info"}
"""Base units, as Prometheus has them; what is counted has the name of the thing."""
FOREIGN_UNITS = {
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


async def scraped(server: FakeServer, accept: str = "") -> list[Metric]:
    async with dashboard(server) as browser:
        answer = await browser.get("/metrics", {"Accept": accept})
        assert answer.status_code == 200
        read = read_openmetrics if accept else read_text
        assert answer.headers["content-type"].startswith(accept.partition(";")[0] or "text/plain")
        return list(read(answer.text))


def value(families: Iterable[Metric], name: str, **labels: str) -> float:
    """Return the one sample of that name with these labels."""
    (found,) = [
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == f"wyoming_kokoro_{name}" and sample.labels == labels
    ]
    return found


async def test_what_was_observed_is_what_is_told() -> None:
    told = await scraped(busy_server())
    assert value(told, "requests_total", outcome="spoken", code="") == 2
    assert value(told, "requests_total", outcome="refused", code="unknown-voice") == 1
    assert value(told, "requests_speaking") == 1
    assert value(told, "syntheses_waiting") == 2
    assert value(told, "segments_total", voice="af_heart", cached="true") == 1
    assert value(told, "speech_seconds_total", voice="bf_emma", cached="true") == 1
    assert value(told, "inferences_total", stage="vocoder", provider="cpu", purpose="speech", result="ok") == 1
    assert value(told, "inferences_total", stage="vocoder", provider="cpu", purpose="speech", result="failed") == 1
    assert value(told, "inference_seconds_total", stage="vocoder", provider="npu", purpose="warmup") == 0.03
    assert value(told, "decoded_seconds_total", stage="vocoder", provider="npu", purpose="warmup") == 0.2
    assert value(told, "provider_switches_total", stage="vocoder", before="cpu", after="npu") == 1
    assert value(told, "provider_in_use", stage="vocoder", provider="npu") == 1
    npu = {"stage": "vocoder", "window": "16", "provider": "npu", "device": "Neural Engine"}
    assert value(told, "accelerator_share_ratio", **npu) == 0.9
    assert value(told, "provider_window_seconds", provider="npu") == 0.03
    for tier, count in {"memory": 2, "disk": 1, "none": 4}.items():
        assert value(told, "phrase_cache_lookups_total", tier=tier) == count
    assert value(told, "phrase_cache_bytes", tier="disk") == 160_000
    assert value(told, "memory_resident_bytes") > 10_000_000
    assert value(told, "memory_level", level="raised") == 1
    assert value(told, "memory_level", level="normal") == 0
    assert value(told, "memory_freed_bytes_total") == 4_000_000
    assert value(told, "ready") == 1
    assert value(told, "startup_seconds", moment="listening") == 0.4
    assert any(
        sample.labels["version"] == __version__
        for family in told
        for sample in family.samples
        if sample.name == "wyoming_kokoro_build_info"
    )


async def test_histograms_are_cumulative() -> None:
    told = await scraped(busy_server())
    name = "time_to_first_audio_seconds"
    below = [value(told, f"{name}_bucket", cached="false", le=bound) for bound in ("0.1", "0.15", "10.0", "+Inf")]
    assert below == [0, 1, 1, 1]
    assert value(told, f"{name}_bucket", cached="true", le="0.001") == 1
    assert value(told, f"{name}_sum", cached="false") == 0.12
    assert value(told, "real_time_factor_ratio_count") == 1
    assert value(told, "real_time_factor_ratio_sum") == pytest.approx(0.3)


@pytest.mark.parametrize("accept", ["", OPENMETRICS], ids=["text", "openmetrics"])
async def test_names_and_units_are_as_prometheus_wants_them(accept: str) -> None:
    """What `promtool check metrics` looks for, and that nothing is told twice."""
    families = await scraped(busy_server(), accept)
    ours = [family for family in families if family.name.startswith("wyoming_kokoro_")]
    assert len(ours) > 25
    assert {family.name.partition("_")[0] for family in families} == {"wyoming", "process"}
    for family in ours:
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", family.name)
        assert re.match(r"[A-Z].+[.]$", family.documentation)
        words = set(family.name.split("_"))
        assert words.isdisjoint(FOREIGN_UNITS)
        assert words.isdisjoint({"counter", "gauge", "histogram", "count", "sum", "bucket", "total"})
        if words & {"second", "byte"}:
            pytest.fail(f"{family.name}: units are in the plural")
        if words & UNITS:
            assert family.name.rsplit("_", 1)[1] in UNITS, "the unit comes last"
        samples = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in family.samples]
        assert len(samples) == len(set(samples))
        for sample in family.samples:
            assert sample.name.endswith("_total") == (family.type == "counter")
            assert ("le" in sample.labels) == sample.name.endswith("_bucket")
            assert all(re.fullmatch(r"[a-z_]+", label) for label in sample.labels)


async def test_a_server_that_nobody_spoke_to_yet_can_be_scraped() -> None:
    """Counters that Prometheus alerts on are there from the start."""
    told = await scraped(FakeServer(is_ready=False))
    assert value(told, "ready") == 0
    assert value(told, "time_to_first_audio_seconds_count", cached="true") == 0
    assert value(told, "phrase_cache_lookups_total", tier="memory") == 0
    assert value(told, "memory_level_changes_total") == 0


async def test_nothing_is_kept_between_servers() -> None:
    """There is no registry of the whole process: two servers of one process tell each their own."""
    assert value(await scraped(busy_server()), "requests_total", outcome="spoken", code="") == 2
    families = await scraped(FakeServer())
    assert [
        sample for family in families if family.name == "wyoming_kokoro_requests" for sample in family.samples
    ] == []
