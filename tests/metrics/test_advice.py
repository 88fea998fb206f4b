"""Every recommendation has its evidence, says what to do, and is silent without a reason."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from wyoming_kokoro import CacheStats
from wyoming_kokoro.api.metrics import StageStatus, TrialSummary
from wyoming_kokoro.api.observations import MemoryPressureChanged, Observation, RequestFinished, SegmentFinished
from wyoming_kokoro.metrics.advice import MANY_LEVEL_CHANGES, MIN_SEGMENTS, AdviceInput, recommend
from wyoming_kokoro.metrics.advice_file import (
    FILE,
    CollectInput,
    MissedPhrases,
    advice_written_regularly,
    read,
    redacted,
    write,
)
from wyoming_kokoro.metrics.collector import MetricsCollector
from wyoming_kokoro.metrics.sentence_patterns import Pattern

CACHE = CacheStats(10, 20.0, 500_000, 512_000_000, 100_000, 32_000_000, 1, 9, "on the disk")
MADE = SegmentFinished("Attic lamp is on", "af_heart", cached=False, seconds=1.0, work_seconds=0.3)
FIRST = RequestFinished("af_heart", "spoken", first_seconds=0.1, seconds=1.0, audio_seconds=1.0, work_seconds=0.3)
LAMPS = Pattern("… glows now", 20, ("Attic lamp", "Desk fan"))


def facts(*observed: Observation) -> AdviceInput:
    tally = MetricsCollector()
    for observation in observed:
        tally.observe(observation)
    return AdviceInput(tally.metrics, CACHE)


def only(found: AdviceInput) -> tuple[str, str]:
    (item,) = recommend(found)
    return item.what, item.action


def test_a_server_that_does_well_is_told_nothing() -> None:
    kept = replace(MADE, cached=True, work_seconds=0.0)
    assert recommend(facts()) == ()
    assert recommend(facts(*[MADE] * 10, *[kept] * 90, *[FIRST] * 40)) == ()


def test_nothing_is_said_of_rates_after_a_few_sentences() -> None:
    assert recommend(facts(*[MADE] * (MIN_SEGMENTS - 1))) == ()


def test_a_changing_template_is_named_with_its_names() -> None:
    what, action = only(replace(facts(*[MADE] * 50), pattern=LAMPS, made=50))
    assert what.startswith("0% of what was said was ready when it was asked for, because 40% of the rest is one")
    assert what.endswith("template: “… glows now”.")
    assert action.endswith("Attic lamp, Desk fan.")


def test_a_template_that_made_little_is_not_blamed() -> None:
    what, _ = only(replace(facts(*[MADE] * 500), pattern=LAMPS, made=500))
    assert what.endswith("the rest is never the same.")


def test_a_warmup_that_is_off_is_named() -> None:
    _, action = only(replace(facts(*[MADE] * 50), plugins={"warmup": "disabled"}))
    assert "[plugins.warmup]" in action


def test_no_cache_at_all_is_named() -> None:
    assert "[plugins.phrase_cache]" in only(replace(facts(), cache=None))[1]


def test_a_full_cache_is_named_with_a_size() -> None:
    assert "to 1024 if" in only(replace(facts(), cache=replace(CACHE, bytes=500_000_000)))[1]


def test_a_faster_provider_that_is_not_used_is_named_with_its_measure() -> None:
    tried = (TrialSummary("npu", 0.05), TrialSummary("cpu", 0.07))
    what, action = only(replace(facts(), stages=(StageStatus("vocoder", {16: "cpu"}, ("npu", "cpu"), tried),)))
    assert what.startswith("npu was measured 1.4 times faster")
    assert "[inference]" in action
    assert recommend(replace(facts(), stages=(StageStatus("vocoder", {16: "npu"}, ("npu", "cpu"), tried),))) == ()


def test_a_provider_that_cannot_be_used_is_named_with_the_reason() -> None:
    stage = StageStatus(
        "vocoder", {16: "cpu"}, ("cpu",), (TrialSummary("coreml-ane", None, "its sound is wrong (3 dB)"),)
    )
    what, action = only(replace(facts(), stages=(stage,)))
    assert "its sound is wrong" in what
    assert "[plugins.coreml]" in action


def test_a_slow_machine_is_told_of_openvino_where_it_is_missing() -> None:
    slow = replace(MADE, work_seconds=1.4)
    kept = replace(MADE, cached=True, work_seconds=0.0)
    plugins = {"openvino": "unavailable: install it with pip install 'wyoming-kokoro[openvino]'"}
    found = facts(*[slow] * MIN_SEGMENTS, *[kept] * 100)
    assert "pip install 'wyoming-kokoro[openvino]'" in only(replace(found, plugins=plugins))[1]
    assert "faster machine" in only(found)[1]


def test_late_beginnings_are_told() -> None:
    what, _ = only(facts(*[replace(FIRST, first_seconds=0.8)] * MIN_SEGMENTS))
    assert what.startswith("Half of what is made begins 0.5 s")


@pytest.mark.parametrize(
    ("outcome", "code", "topic"), [("failed", "internal-error", "failures"), ("refused", "overloaded", "overload")]
)
def test_requests_that_were_not_answered_are_told(outcome: str, code: str, topic: str) -> None:
    (found,) = recommend(facts(RequestFinished("af_heart", outcome, code)))  # type: ignore[arg-type]
    assert found.topic == topic


def test_memory_that_is_short_again_and_again_is_told_with_the_reason() -> None:
    ups_and_downs = [
        MemoryPressureChanged("normal", "raised", "60 MB left"),
        MemoryPressureChanged("raised", "normal", "well"),
    ]
    what, _ = only(facts(*ups_and_downs * (MANY_LEVEL_CHANGES // 2)))
    assert what == f"Memory was short {MANY_LEVEL_CHANGES // 2} times: well."
    assert recommend(facts(*ups_and_downs)) == ()


def test_a_slow_start_names_its_longest_step() -> None:
    what, _ = only(replace(facts(), timeline={"listening": 0.4, "vocoder": 15.0, "ready": 16.0}))
    assert "15 of them until “vocoder”" in what


# What is kept of it


def collector_of(collected: AdviceInput) -> CollectInput:
    async def collect() -> AdviceInput:
        return collected

    return collect


async def test_check_finds_what_the_server_saw_but_not_what_was_said(tmp_path: Path) -> None:
    seen = replace(facts(*[MADE] * 50), pattern=LAMPS, made=50)
    async with advice_written_regularly(collector_of(seen), tmp_path / "state"):
        pass
    (found,) = await asyncio.to_thread(read, tmp_path / "state")
    assert "40% of the rest is one changing template; the dashboard shows it." in found.what
    text = await asyncio.to_thread((tmp_path / "state" / FILE).read_text, "utf-8")
    assert "Attic" not in text
    assert "glows" not in text


def test_silence_is_kept_where_there_is_no_pattern() -> None:
    assert redacted(facts()).pattern is None


async def test_a_folder_that_takes_nothing_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    await write(collector_of(facts()), tmp_path / "state")
    assert read(tmp_path / "state") == ()


def test_a_damaged_file_is_no_advice(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b'[{"topic": 3}]')
    assert read(tmp_path) == ()


async def test_only_what_had_to_be_made_is_looked_at() -> None:
    missed = MissedPhrases()
    for text in ("Attic lamp is on", "Desk fan is on"):
        missed.observe(replace(MADE, text=text))
    missed.observe(replace(MADE, text="Hall light is on", cached=True))
    missed.observe(replace(MADE, text="…", seconds=0.0))
    pattern, made = await missed.pattern()
    assert made == 2
    assert pattern
    assert pattern.fillers == ("Attic lamp", "Desk fan")
