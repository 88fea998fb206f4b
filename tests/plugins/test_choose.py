"""Who runs what: the configured provider, else the fastest; and what becomes of one that is slow or fails."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.plugins.race_track import Track
from wyoming_kokoro import ConfigError, Provider, ProviderSelector, ProviderTiming, RunResult
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_choose import Choosing
from wyoming_kokoro_choose.post import STRETCH_RUNS
from wyoming_kokoro_choose.recovery import HOUR
from wyoming_kokoro_choose.standing import FAILED_SECONDS, RUNS, SLOW_SECONDS

LEFT = STRETCH_RUNS + RUNS
"""After so many windows a slow provider is left."""


def unopened(*_: object) -> None:
    raise NotImplementedError


# The plugin


def test_the_plugin_brings_a_chooser(tmp_path: Path) -> None:
    chooser = Choosing(plugin_context("choose", tmp_path, {"provider": "gpu"})).kokoro_choose_provider()
    cpu, gpu = (Provider(name, 1, "float", unopened) for name in ("cpu", "gpu"))  # type: ignore[arg-type]
    assert isinstance(chooser, ProviderSelector)
    assert chooser.choose("vocoder", 16, [ProviderTiming(cpu, 0.1), ProviderTiming(gpu, 0.2)]) is gpu
    chooser.observe(RunResult("gpu", "vocoder", 16, None))
    assert chooser.choose("vocoder", 16, [ProviderTiming(cpu, 0.1), ProviderTiming(gpu, 0.2)]) is cpu


def test_a_provider_s_name_is_a_word(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"plugins\.choose\.provider"):
        Choosing(plugin_context("choose", tmp_path, {"provider": 5}))


# Who is chosen


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        ({"gpu": None, "cpu": None}, "gpu"),
        ({"gpu": None, "cpu": 0.2}, "cpu"),
        ({"npu": 0.3, "gpu": 0.1, "cpu": 0.2}, "gpu"),
        ({"gpu": 0.2, "cpu": 0.2}, "gpu"),
    ],
)
@pytest.mark.parametrize("window", [0, 16])
def test_the_fastest_is_chosen_and_rank_counts_where_nothing_is_measured(
    measured: dict[str, float | None], expected: str, window: int
) -> None:
    assert Track(measured, window=window).chosen() == expected


def test_the_configured_provider_wins_however_slow_it_is() -> None:
    track = Track({"gpu": 0.1, "cpu": 0.9}, preferred="cpu")
    track.takes["cpu"] = 5.0
    assert set(track.run(100)) == {"cpu"}


def test_the_configured_provider_is_waited_for_and_missed_once(caplog: pytest.LogCaptureFixture) -> None:
    track = Track({"cpu": 0.2}, preferred="coreml")
    with caplog.at_level(logging.INFO):
        track.run(50)
        track.measured["coreml"] = 0.3
        track.takes["coreml"] = 0.3
        assert track.run() == ["coreml"]
        track.broken.add("coreml")
        assert track.run() == ["cpu"]
    (record,) = caplog.records
    assert record.levelname == "INFO"
    assert record.getMessage().startswith("coreml, which [plugins.choose] names, is not open for vocoder, or not yet")


def test_nobody_is_missed_where_nobody_is_configured(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Track({"cpu": 0.2}).run(50)
    assert not caplog.records


def test_one_that_was_measured_meanwhile_takes_over_at_once_when_it_is_faster() -> None:
    """It was measured in the background for just that; nobody has become slow."""
    track = Track({"cpu": 0.2})
    track.run(3)
    track.measured |= {"gpu": 0.1, "npu": 0.19}
    track.takes |= {"gpu": 0.1, "npu": 0.19}
    assert track.run() == ["gpu"]
    track.takes["gpu"] = 0.4
    assert track.run(LEFT)[-1] == "npu"
    track.takes["npu"] = 0.4
    assert track.run(LEFT)[-1] == "cpu"


def test_one_that_is_hardly_faster_does_not_take_over() -> None:
    track = Track({"cpu": 0.2})
    track.run(3)
    track.measured["gpu"] = 0.18
    assert set(track.run(100)) == {"cpu"}


def test_who_only_asks_changes_nothing() -> None:
    """It is also asked whom it would choose: of providers that are not open yet, for what is not run."""
    track, other = Track({"gpu": 0.1, "cpu": 0.2}), Track({"gpu": 0.1, "cpu": 0.2})
    for each in (track, other):
        each.takes["gpu"] = 0.4
    for _ in range(3 * LEFT):
        other.measured = {"npu": 0.01, "gpu": 0.1, "cpu": 0.2}
        assert other.chosen() == "npu"
        assert other.chosen("npu", "gpu") == "cpu"
        other.measured = {"gpu": 0.1, "cpu": 0.2}
        assert other.run() == track.run()
    assert track.switches == 1


def test_one_that_was_opened_anew_is_as_new() -> None:
    track = Track({"gpu": 0.1, "cpu": 0.2})
    track.run(3)
    del track.measured["gpu"]
    assert track.run() == ["cpu"]
    track.measured["gpu"] = 0.1
    assert track.run() == ["gpu"]


def test_every_stage_and_window_is_chosen_for_by_itself() -> None:
    track = Track({"gpu": 0.1, "cpu": 0.2})
    track.takes["gpu"] = 0.9
    track.run(LEFT)
    gpu, cpu = (Provider(name, 1, "float", unopened) for name in ("gpu", "cpu"))  # type: ignore[arg-type]
    measurements = [ProviderTiming(gpu, 0.1), ProviderTiming(cpu, 0.2)]
    where = [("vocoder", 16), ("vocoder", 32), ("decoder", 16)]
    assert [track.chooser.choose(*place, measurements).name for place in where] == ["cpu", "gpu", "gpu"]


# Slow ones


def test_one_that_becomes_slow_is_left_and_taken_back_when_it_had_time_to_recover() -> None:
    track = Track({"gpu": 0.1, "cpu": 0.2})
    assert set(track.run(50)) == {"gpu"}
    track.takes["gpu"] = 0.4
    assert track.run(LEFT)[-1] == "cpu"
    assert set(track.run(int(SLOW_SECONDS / 0.2) - LEFT)) == {"cpu"}
    track.takes["gpu"] = 0.1
    track.clock.now += LEFT * 0.2
    assert set(track.run(1000)) == {"gpu"}


def test_one_that_is_still_slow_is_left_again_for_longer() -> None:
    track = Track({"gpu": 0.1, "cpu": 0.2})
    track.takes["gpu"] = 0.4
    for times in (1, 2, 4):
        assert track.run(LEFT)[-1] == "cpu"
        track.clock.now += times * SLOW_SECONDS - LEFT * 0.2
        assert track.run() == ["cpu"]
        track.clock.now += LEFT * 0.2


def test_seconds_count_too_where_windows_are_short() -> None:
    """Twenty short windows are over before a browser tab has opened."""
    track = Track({"gpu": 0.01, "cpu": 0.02})
    track.takes["gpu"] = 0.04
    assert set(track.run(75)) == {"gpu"}
    assert track.run(5)[-1] == "cpu"


def test_a_day_old_impression_does_not_count() -> None:
    track = Track({"gpu": 0.2, "cpu": 0.3})
    track.takes["gpu"] = 0.9
    track.run(STRETCH_RUNS)
    track.clock.now += 24 * HOUR
    assert set(track.run(STRETCH_RUNS)) == {"gpu"}


def test_few_windows_a_day_are_enough_to_notice() -> None:
    """A quiet house says a sentence now and then: what was seen is kept from one to the next."""
    track = Track({"gpu": 0.1, "cpu": 0.2})
    track.takes["gpu"] = 0.4
    for _ in range(5):
        track.run(6)
        track.clock.now += HOUR / 2
    assert "cpu" in track.winners


def test_the_lesser_evil_is_taken_back_early() -> None:
    """The machine is busy: what was fast in a quiet house is slower now than what it took over from."""
    track = Track({"gpu": 0.1, "cpu": 0.2})
    for _ in range(2):
        track.takes |= {"gpu": 0.4, "cpu": 1.0}
        assert track.run(LEFT)[-1] == "cpu"
        assert track.run(LEFT)[-1] == "gpu"
        track.takes["gpu"] = 0.1
        track.run(LEFT)
        track.clock.now += 2 * SLOW_SECONDS
        assert set(track.run(LEFT)) == {"gpu"}


def test_nobody_is_taken_back_early_again_and_again() -> None:
    track = Track({"gpu": 0.1, "cpu": 0.2})
    track.takes |= {"gpu": 0.4, "cpu": 1.0}
    track.run(2 * LEFT)
    track.takes["gpu"] = 3.0
    assert set(track.run(2 * LEFT)) == {"gpu"}


@pytest.mark.parametrize("window", [0, 16])
def test_one_that_was_never_measured_is_not_compared(window: int) -> None:
    track = Track({"gpu": None, "cpu": None}, window=window)
    track.takes["gpu"] = 9.0
    assert set(track.run(100)) == {"gpu"}


def test_whole_segments_are_not_compared() -> None:
    """A long sentence takes longer than a short one, and that is no fault."""
    track = Track({"gpu": 0.1, "cpu": 0.2}, window=0)
    track.takes["gpu"] = 9.0
    assert set(track.run(100)) == {"gpu"}


# Those that fail


@pytest.mark.parametrize("window", [0, 16])
@pytest.mark.parametrize("measured", [{"gpu": 0.1, "cpu": 0.3}, {"gpu": None, "cpu": None}])
def test_one_that_failed_is_left_alone_until_it_had_time_to_recover(
    measured: dict[str, float | None], window: int
) -> None:
    track = Track(measured, window=window)
    track.run(3)
    track.broken.add("gpu")
    assert track.run() == ["cpu"]
    track.broken.clear()
    failed_at = track.clock.now
    while track.winners[-1] == "cpu":
        track.run()
    assert FAILED_SECONDS <= track.clock.now - failed_at < FAILED_SECONDS + 0.3 * LEFT
    assert set(track.run(100)) == {"gpu"}


def test_the_time_doubles_with_each_relapse_and_is_forgotten_after_an_hour() -> None:
    track = Track({"gpu": None, "cpu": None})
    waited = []
    for _ in range(9):
        track.fail("gpu")
        failed_at = track.clock.now
        while track.chosen() != "gpu":
            track.clock.now += 1
        waited.append(track.clock.now - failed_at)
    assert waited == [60, 120, 240, 480, 960, 1920, HOUR, HOUR, HOUR]
    track.clock.now += HOUR
    track.fail("gpu")
    track.clock.now += FAILED_SECONDS
    assert track.chosen() == "gpu"


def test_one_that_had_no_time_to_recover_has_no_relapse() -> None:
    """There is nobody else, so that it is tried nevertheless."""
    track = Track({"gpu": None})
    for _ in range(5):
        assert track.chosen() == "gpu"
        track.fail("gpu")
    track.measured["cpu"] = None
    track.clock.now += FAILED_SECONDS - 1
    assert track.chosen() == "cpu"
    track.clock.now += 1
    assert track.chosen() == "gpu"


def test_where_all_fail_each_is_tried_in_its_turn() -> None:
    track = Track({"gpu": 0.1, "cpu": 0.2})
    for name in ("gpu", "cpu", "gpu", "cpu"):
        assert track.chosen() == name
        track.clock.now += 1
        track.fail(name)
    assert track.chosen("gpu") == "cpu"


def test_the_configured_one_is_taken_back_at_once() -> None:
    track = Track({"gpu": 0.1, "cpu": 0.2}, preferred="cpu")
    track.fail("cpu")
    assert track.chosen() == "gpu"
    track.clock.now += FAILED_SECONDS
    assert track.chosen() == "cpu"
