"""Tests of what `bench` computes and prints."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from dataclasses import asdict

import psutil
import pytest

from wyoming_kokoro.bench.compare import TEXTS, compare_targets, phonemize, run_bench
from wyoming_kokoro.bench.processes import BenchPhrase, BenchTarget, SpeechTiming
from wyoming_kokoro.bench.report import BenchReport, MedianComparison, PhraseResult, format_report
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.plugins.manager import PluginManager

SHORT = BenchPhrase("Hi.", "hˈaɪ.")
LONG = BenchPhrase("A quick brown fox.", "ɐ kwˈɪk bɹˈaʊn fˈɑːks.")


def fake_target(name: str, seconds: float, requests: list[tuple[str, str]]) -> BenchTarget:
    """Return a target that records its requests. Each takes one millisecond longer than the one before."""
    times = itertools.count(seconds + 0.001, 0.001)

    def speak(phrase: BenchPhrase) -> SpeechTiming:
        requests.append((name, phrase.text))
        now = next(times)
        return SpeechTiming(now, 2 * now, 4.0)

    return BenchTarget(name, speak)


def test_medians_ignore_one_slow_round() -> None:
    assert MedianComparison.of([1.0, 9.0, 2.0], [4.0, 3.0, 90.0]) == MedianComparison(2.0, 4.0, 0.5)


def test_targets_alternate_and_warm_up_is_not_measured() -> None:
    requests: list[tuple[str, str]] = []
    ours, theirs = fake_target("ours", 0.1, requests), fake_target("theirs", 0.2, requests)
    results = compare_targets(ours, theirs, [SHORT, LONG], 3)
    firsts = [name for name, _ in requests[::2]]
    assert firsts == ["theirs", "ours", "ours", "theirs", "theirs", "ours", "ours", "theirs"]
    assert [text for _, text in requests[::2]] == [SHORT.text, LONG.text] * 4
    assert [result.phonemes for result in results] == [5, 22]
    # The short phrase is spoken in turn 1 (warm-up), 3, 5 and 7.
    assert results[0].ttfa.ours == pytest.approx(0.105)
    assert results[0].total.ratio == pytest.approx(0.105 / 0.205)
    assert results[0].rtf.ours == pytest.approx(0.21 / 4)


def test_texts_have_the_documented_number_of_phonemes(config: Config) -> None:
    plugins = PluginManager.load(config)
    phonemizer = plugins.phonemizer("en-US")
    assert phonemizer
    phrases = asyncio.run(phonemize(plugins.text_filters(), {"en-US": phonemizer}, "en-US", TEXTS))
    counts = [len(phrase.phonemes) for phrase in phrases]
    assert all(abs(count - expected) <= 2 for count, expected in zip(counts, (12, 27, 76, 214), strict=True)), counts
    assert all("," not in text and text.count(".") == 1 for text in TEXTS)


def example_report() -> BenchReport:
    comparison = MedianComparison(0.25, 0.5, 0.5)
    phrase = PhraseResult("A quick brown fox jumps over it.", 28, comparison, comparison, comparison)
    return BenchReport("kokoro-onnx 2", {"rounds": 1, "voice": "af_heart"}, [phrase], MedianComparison(4e8, 8e8, 0.5))


def test_text_report_has_ours_theirs_and_ratio() -> None:
    lines = format_report(example_report()).splitlines()
    assert lines[:2] == [
        "wyoming-kokoro / kokoro-onnx 2 = ratio, medians; below 1 is better",
        "rounds 1, voice af_heart",
    ]
    heads, row = lines[3:5]
    assert heads.split("  ")[0] == "phonemes"
    assert row.startswith("28        A quick brown fox jumps …")
    assert row.count("0.250 / 0.500 = 0.50") == 3
    assert row.index("0.250") == heads.index("TTFA")
    assert lines[-1] == "peak memory: 400 / 800 MB = 0.50"


def test_report_can_be_written_as_json() -> None:
    report = json.loads(json.dumps(asdict(example_report())))
    assert report["phrases"][0]["rtf"] == {"ours": 0.25, "theirs": 0.5, "ratio": 0.5}


def test_missing_kokoro_onnx_starts_no_process(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kokoro_onnx", None)
    before = psutil.Process().children()
    with pytest.raises(StartupError, match=r"needs Python < 3\.14"):
        run_bench(config, TEXTS, 1)
    assert psutil.Process().children() == before


def test_less_than_one_round_is_rejected(config: Config) -> None:
    with pytest.raises(ConfigError, match=r"--rounds: must be at least 1"):
        run_bench(config, TEXTS, 0)


def test_invalid_address_of_other_server_is_rejected(config: Config) -> None:
    with pytest.raises(ConfigError, match=r"--against: 'kitchen' is not like tcp://HOST:PORT"):
        run_bench(config, TEXTS, 1, "kitchen")
