from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.synthesis.provider_simulation import ProviderSimulation
from wyoming_kokoro.inference.selection import (
    FIRST_BACKOFF_SECONDS,
    HISTORY_RUNS,
    HISTORY_SECONDS,
    MAX_BACKOFF_SECONDS,
)

SECONDS = st.floats(0.01, 10.0)


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
def test_fastest_is_selected_and_priority_decides_without_measurements(
    measured: dict[str, float | None], expected: str, window: int
) -> None:
    assert ProviderSimulation(measured, window=window).select() == expected


def test_configured_provider_is_selected_however_slow_it_is() -> None:
    simulation = ProviderSimulation({"gpu": 0.1, "cpu": 0.9}, preferred="cpu")
    simulation.seconds["cpu"] = 5.0
    assert set(simulation.run(50)) == {"cpu"}


def test_configured_provider_that_is_not_open_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    simulation = ProviderSimulation({"cpu": 0.2}, preferred="coreml")
    with caplog.at_level(logging.INFO):
        simulation.run(20)
    simulation.measured["coreml"] = simulation.seconds["coreml"] = 0.3
    assert simulation.run() == ["coreml"]
    assert [record.getMessage().split(" (")[0] for record in caplog.records] == ["The provider coreml"]


def test_slow_provider_is_replaced_and_tried_again_later() -> None:
    simulation = ProviderSimulation({"gpu": 0.1, "cpu": 0.2})
    assert set(simulation.run(HISTORY_RUNS)) == {"gpu"}
    simulation.seconds["gpu"] = 0.4
    assert simulation.run(HISTORY_RUNS)[-1] == "cpu"
    simulation.seconds["gpu"] = 0.1
    simulation.now += HISTORY_SECONDS
    assert set(simulation.run(100)) == {"gpu"}


def test_single_slow_runs_do_not_matter() -> None:
    simulation = ProviderSimulation({"gpu": 0.1, "cpu": 0.2})
    for _ in range(30):
        simulation.seconds["gpu"] = 5.0
        simulation.run()
        simulation.seconds["gpu"] = 0.1
        simulation.run(3)
    assert set(simulation.history) == {"gpu"}


def test_provider_that_is_hardly_faster_does_not_take_over() -> None:
    simulation = ProviderSimulation({"cpu": 0.2})
    simulation.run(3)
    simulation.measured["gpu"] = 0.18
    assert simulation.run() == ["cpu"]
    simulation.measured["gpu"] = simulation.seconds["gpu"] = 0.1
    assert simulation.run() == ["gpu"]


def test_less_slow_provider_is_selected_when_all_become_slow() -> None:
    simulation = ProviderSimulation({"gpu": 0.1, "cpu": 0.2})
    simulation.seconds |= {"gpu": 0.4, "cpu": 1.0}
    simulation.run(4 * HISTORY_RUNS)
    assert set(simulation.run(20)) == {"gpu"}


def test_whole_segments_are_not_compared_by_their_run_times() -> None:
    simulation = ProviderSimulation({"gpu": 0.1, "cpu": 0.2}, window=0)
    simulation.seconds["gpu"] = 9.0
    assert set(simulation.run(50)) == {"gpu"}


@pytest.mark.parametrize("window", [0, 16])
@pytest.mark.parametrize("measured", [{"gpu": 0.1, "cpu": 0.3}, {"gpu": None, "cpu": None}])
def test_failed_provider_is_skipped_until_its_backoff_ends(measured: dict[str, float | None], window: int) -> None:
    simulation = ProviderSimulation(measured, window=window)
    simulation.run(3)
    simulation.broken.add("gpu")
    assert simulation.run() == ["cpu"]
    simulation.broken.clear()
    simulation.now += FIRST_BACKOFF_SECONDS - 1
    assert simulation.select() == "cpu"
    simulation.now += 1
    assert simulation.select() == "gpu"


def test_backoff_doubles_up_to_an_hour_and_starts_again_after_an_hour_without_failure() -> None:
    simulation = ProviderSimulation({"gpu": None, "cpu": None})
    waits = []
    for _ in range(8):
        simulation.fail("gpu")
        failed_at = simulation.now
        while simulation.select() != "gpu":
            simulation.now += 1
        waits.append(simulation.now - failed_at)
    assert waits == [60, 120, 240, 480, 960, 1920, MAX_BACKOFF_SECONDS, MAX_BACKOFF_SECONDS]
    simulation.now += MAX_BACKOFF_SECONDS
    simulation.fail("gpu")
    simulation.now += FIRST_BACKOFF_SECONDS
    assert simulation.select() == "gpu"


def test_only_provider_is_selected_although_it_failed() -> None:
    simulation = ProviderSimulation({"gpu": 0.1, "cpu": 0.2})
    for name in ("gpu", "cpu", "gpu"):
        simulation.fail(name)
        simulation.now += 1
    assert simulation.select("gpu") == "cpu"


def test_selecting_changes_nothing() -> None:
    simulation = ProviderSimulation({"gpu": 0.1, "cpu": 0.2})
    simulation.run(3)
    assert [simulation.select("gpu") for _ in range(20)] == ["cpu"] * 20
    assert simulation.run() == ["gpu"]


@given(measured=st.dictionaries(st.sampled_from(["npu", "gpu", "cpu"]), SECONDS, min_size=2), data=st.data())
def test_fastest_runs_in_the_end_and_switches_are_rare(measured: dict[str, float | None], data: st.DataObject) -> None:
    """Whatever the real times are, the provider in use is at most the margin slower than the best known one."""
    simulation = ProviderSimulation(measured)
    simulation.seconds = {name: data.draw(SECONDS) for name in measured}
    simulation.run(len(measured) * (HISTORY_RUNS + 1))
    simulation.now += 1
    before = simulation.switches
    simulation.run(HISTORY_RUNS)
    assert simulation.switches - before <= len(measured)


@given(failures=st.lists(st.sampled_from(["npu", "gpu"]), max_size=30), wait=st.floats(0, 120))
def test_failed_provider_is_never_selected_beside_a_working_one(failures: list[str], wait: float) -> None:
    simulation = ProviderSimulation({"npu": 0.1, "gpu": 0.2, "cpu": 0.3})
    last: dict[str, float] = {}
    for name in failures:
        simulation.fail(name)
        last[name] = simulation.now
        selected = simulation.select()
        resting = {name for name, at in last.items() if simulation.now - at < FIRST_BACKOFF_SECONDS}
        assert selected not in resting
        simulation.now += wait
