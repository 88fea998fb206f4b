from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from wyoming_kokoro import CacheStats, SharedCacheStats
from wyoming_kokoro.api.metrics import StageStatus, TrialSummary
from wyoming_kokoro.api.observations import MemoryPressureChanged, Observation, RequestFinished, SegmentFinished
from wyoming_kokoro.metrics.advice import MANY_LEVEL_CHANGES, MIN_SEGMENTS, AdviceInput, ModelFacts, recommend
from wyoming_kokoro.metrics.advice_file import (
    FILE_NAME,
    CollectInput,
    MissedPhrases,
    read_advice,
    redact,
    write_advice,
    write_advice_regularly,
)
from wyoming_kokoro.metrics.collector import MetricsCollector
from wyoming_kokoro.metrics.sentence_patterns import SentencePattern

CACHE = CacheStats(10, 20.0, 500_000, 512_000_000, 100_000, 32_000_000, 1, 9, "on the disk")
SYNTHESIZED = SegmentFinished("Attic lamp is on", "af_heart", cached=False, seconds=1.0, work_seconds=0.3)
REQUEST = RequestFinished("af_heart", "spoken", first_seconds=0.1, seconds=1.0, audio_seconds=1.0, work_seconds=0.3)
PATTERN = SentencePattern("… glows now", 20, ("Attic lamp", "Desk fan"))


def facts(*observations: Observation) -> AdviceInput:
    collector = MetricsCollector()
    for observation in observations:
        collector.observe(observation)
    return AdviceInput(collector.metrics, CACHE)


def recommend_one(facts: AdviceInput) -> tuple[str, str]:
    """Return the finding and the action of the only recommendation."""
    (advice,) = recommend(facts)
    return advice.finding, advice.action


def test_healthy_server_gets_no_advice() -> None:
    cached = replace(SYNTHESIZED, cached=True, work_seconds=0.0)
    assert recommend(facts()) == ()
    assert recommend(facts(*[SYNTHESIZED] * 10, *[cached] * 90, *[REQUEST] * 40)) == ()


@pytest.mark.parametrize(
    ("shared", "finding", "action"),
    [
        (SharedCacheStats("redis://a:1", "refused"), "redis://a:1 is not usable: refused.", "Correct url"),
        (SharedCacheStats("redis://a:1", "", "Redis 7, noeviction"), "never removes", "maxmemory-policy allkeys-lfu"),
        (SharedCacheStats("redis://a:1", "", "Redis 7, volatile-lru"), "never removes", "maxmemory-policy allkeys-lfu"),
        (SharedCacheStats("redis://a:1", "", "Redis 7, allkeys-lfu, 3 MB without a limit"), "never", "Set maxmemory"),
        (SharedCacheStats("redis://a:1", write_problem="read only"), "accepts no phrases: read only.", "permissions"),
    ],
)
def test_shared_cache_that_fails_or_never_forgets_is_named(shared: SharedCacheStats, finding: str, action: str) -> None:
    found = recommend_one(replace(facts(), cache=replace(CACHE, shared=shared)))
    assert finding in found[0]
    assert action in found[1]


def test_healthy_shared_cache_gets_no_advice() -> None:
    shared = SharedCacheStats("redis://a:1", "", "Redis 7, allkeys-lfu, 3 of 256 MB")
    assert recommend(replace(facts(), cache=replace(CACHE, shared=shared))) == ()


def test_few_segments_give_no_advice_about_rates() -> None:
    assert recommend(facts(*[SYNTHESIZED] * (MIN_SEGMENTS - 1))) == ()


def test_frequent_template_is_named_with_its_fillers() -> None:
    finding, action = recommend_one(replace(facts(*[SYNTHESIZED] * 50), pattern=PATTERN, missed_sentences=50))
    assert finding.startswith("0% of all segments were cached, because 40% of the others have the same")
    assert finding.endswith("template: “… glows now”.")
    assert action.endswith("Attic lamp, Desk fan.")


def test_rare_template_is_not_named() -> None:
    finding, _ = recommend_one(replace(facts(*[SYNTHESIZED] * 500), pattern=PATTERN, missed_sentences=500))
    assert finding.endswith("the others have no common template.")


def test_disabled_warmup_is_named() -> None:
    _, action = recommend_one(replace(facts(*[SYNTHESIZED] * 50), plugins={"warmup": "disabled"}))
    assert "[plugins.warmup]" in action


def test_missing_cache_is_named() -> None:
    assert "[plugins.phrase_cache]" in recommend_one(replace(facts(), cache=None))[1]


def test_full_cache_is_named_with_a_larger_size() -> None:
    assert "to 1024 if" in recommend_one(replace(facts(), cache=replace(CACHE, disk_bytes=500_000_000)))[1]


def test_faster_unused_provider_is_named_with_its_speedup() -> None:
    trials = (TrialSummary("npu", 0.05), TrialSummary("cpu", 0.07))
    finding, action = recommend_one(
        replace(facts(), stages=(StageStatus("vocoder", {16: "cpu"}, ("npu", "cpu"), trials),))
    )
    assert finding.startswith("npu was 1.4 times faster in its trial")
    assert "[inference]" in action
    assert recommend(replace(facts(), stages=(StageStatus("vocoder", {16: "npu"}, ("npu", "cpu"), trials),))) == ()


def test_unusable_provider_is_named_with_the_reason() -> None:
    stage = StageStatus(
        "vocoder", {16: "cpu"}, ("cpu",), (TrialSummary("coreml-ane", None, "its sound is wrong (3 dB)"),)
    )
    finding, action = recommend_one(replace(facts(), stages=(stage,)))
    assert "its sound is wrong" in finding
    assert "[plugins.coreml]" in action


def test_slow_machine_gets_advice_about_missing_openvino() -> None:
    slow = replace(SYNTHESIZED, work_seconds=1.4)
    cached = replace(SYNTHESIZED, cached=True, work_seconds=0.0)
    plugins = {"openvino": "unavailable: install it with pip install 'wyoming-kokoro[openvino]'"}
    slow_facts = facts(*[slow] * MIN_SEGMENTS, *[cached] * 100)
    assert "pip install 'wyoming-kokoro[openvino]'" in recommend_one(replace(slow_facts, plugins=plugins))[1]
    assert "faster machine" in recommend_one(slow_facts)[1]


def test_late_first_audio_is_reported() -> None:
    finding, _ = recommend_one(facts(*[replace(REQUEST, first_seconds=0.8)] * MIN_SEGMENTS))
    assert finding.startswith("Half of the synthesized requests start to play 0.5 s")


@pytest.mark.parametrize(
    ("outcome", "code", "topic"), [("failed", "internal-error", "failures"), ("refused", "overloaded", "overload")]
)
def test_failed_and_rejected_requests_are_reported(outcome: str, code: str, topic: str) -> None:
    (advice,) = recommend(facts(RequestFinished("af_heart", outcome, code)))  # type: ignore[arg-type]
    assert advice.topic == topic


def test_repeated_memory_pressure_is_reported_with_the_reason() -> None:
    changes = [
        MemoryPressureChanged("normal", "raised", "60 MB left"),
        MemoryPressureChanged("raised", "normal", "well"),
    ]
    finding, _ = recommend_one(facts(*changes * (MANY_LEVEL_CHANGES // 2)))
    assert finding == f"Memory was short {MANY_LEVEL_CHANGES // 2} times: well."
    assert recommend(facts(*changes)) == ()


def test_slow_start_is_reported_with_its_longest_step() -> None:
    finding, _ = recommend_one(replace(facts(), timeline={"listening": 0.4, "vocoder": 15.0, "ready": 16.0}))
    assert "The longest step took 15 s, until “vocoder”." in finding


# The advice file


def returning(facts: AdviceInput) -> CollectInput:
    async def collect() -> AdviceInput:
        return facts

    return collect


async def test_file_contains_advice_without_spoken_text(tmp_path: Path) -> None:
    synthesized = replace(facts(*[SYNTHESIZED] * 50), pattern=PATTERN, missed_sentences=50)
    async with write_advice_regularly(returning(synthesized), tmp_path / "state"):
        pass
    (advice,) = await asyncio.to_thread(read_advice, tmp_path / "state")
    assert "40% of the others have the same template; see the dashboard." in advice.finding
    text = await asyncio.to_thread((tmp_path / "state" / FILE_NAME).read_text, "utf-8")
    assert "Attic" not in text
    assert "glows" not in text


def test_facts_without_a_pattern_are_redacted_unchanged() -> None:
    assert redact(facts()).pattern is None


async def test_unwritable_folder_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    await write_advice(returning(facts()), tmp_path / "state")
    assert read_advice(tmp_path / "state") == ()


def test_damaged_file_contains_no_advice(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b'[{"topic": 3}]')
    assert read_advice(tmp_path) == ()


async def test_pattern_is_searched_in_synthesized_sentences_only() -> None:
    missed = MissedPhrases()
    for text in ("Attic lamp is on", "Desk fan is on"):
        missed.observe(replace(SYNTHESIZED, text=text))
    missed.observe(replace(SYNTHESIZED, text="Hall light is on", cached=True))
    missed.observe(replace(SYNTHESIZED, text="…", seconds=0.0))
    pattern, count = await missed.find_pattern()
    assert count == 2
    assert pattern
    assert pattern.fillers == ("Attic lamp", "Desk fan")


@pytest.mark.parametrize(
    ("models", "action"),
    [
        (ModelFacts("full", "af_heart", ("af_heart",), 1.2), 'Set quality = "auto" in [voice].'),
        (ModelFacts("auto", "af_heart", ("af_heart",), 0.9), 'Set quality = "distilled" in [voice]'),
        (ModelFacts("auto", "bf_emma", ("af_heart",), 1.2), "Use a voice that has a distilled model, which is many"),
    ],
)
def test_slow_full_model_leads_to_a_distilled_one(models: ModelFacts, action: str) -> None:
    assert recommend_one(replace(facts(), models=models))[1].startswith(action)


@pytest.mark.parametrize(
    "models",
    [
        ModelFacts("distilled", "af_heart", ("af_heart",), 1.2),
        ModelFacts("full", "af_heart", ("af_heart",), 0.5),
        ModelFacts("full", "af_heart", (), 1.2),
    ],
)
def test_no_distilled_model_is_recommended_if_none_would_help(models: ModelFacts) -> None:
    assert recommend(replace(facts(), models=models)) == ()


DISTILLED = SegmentFinished(
    "Attic lamp is on", "af_heart", cached=False, seconds=1.0, work_seconds=0.01, quality="distilled"
)
ONLY_DISTILLED = ModelFacts("distilled", "af_heart", ("af_heart",))


@pytest.mark.parametrize(
    ("work_seconds", "full_rtf", "finding"),
    [
        (0.01, 0.2, "The full model, which sounds a little better, was measured to take 0.2 s"),
        (0.01, 0.0, "The full model, which sounds a little better, would take about 0."),
        (0.012, 0.0, None),
        (0.01, 0.5, None),
    ],
)
def test_auto_is_recommended_where_the_full_model_would_be_fast(
    work_seconds: float, full_rtf: float, finding: str | None
) -> None:
    segments = [replace(DISTILLED, work_seconds=work_seconds)] * MIN_SEGMENTS
    cached = [replace(DISTILLED, cached=True, work_seconds=0.0, reason="cached")] * 100
    advice = recommend(replace(facts(*segments, *cached), models=replace(ONLY_DISTILLED, full_rtf=full_rtf)))
    assert [item.finding[: len(finding or "")] for item in advice] == ([finding] if finding else [])


def test_full_model_is_not_recommended_where_memory_is_short() -> None:
    pressure = MemoryPressureChanged("normal", "raised", "60 MB left")
    assert recommend(replace(facts(pressure), models=replace(ONLY_DISTILLED, full_rtf=0.1))) == ()


@pytest.mark.parametrize(
    "observations",
    [
        [RequestFinished("af_heart", "refused", "overloaded")],
        [replace(REQUEST, first_seconds=0.8)] * MIN_SEGMENTS,
    ],
)
def test_auto_is_recommended_where_the_full_model_alone_is_too_slow(observations: list[Observation]) -> None:
    models = ModelFacts("full", "af_heart", ("af_heart",), 0.5)
    assert recommend_one(replace(facts(*observations), models=models))[1].startswith('Set quality = "auto" in [voice]')


def test_problem_is_reported() -> None:
    problem = "the model kokoro failed: the file is damaged"
    assert recommend_one(replace(facts(), problems=(problem,)))[0] == "The model kokoro failed: the file is damaged."
