"""The rules of docs/scheduling.md over thousands of random requests, on a clock that the simulation sets."""

from __future__ import annotations

from statistics import mean

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tools.simulate.admission import (
    DEFAULT_MAX_WAIT_SECONDS,
    MAX_FORECAST_ERROR_SECONDS,
    MAX_WAIT_RATIO,
    SimulatedMachine,
    SimulatedRequest,
    ideal_waits,
    random_requests,
)
from wyoming_kokoro.scheduling.forecast import RTF_MARGIN_RATIO


@pytest.mark.parametrize(("rtf", "load"), [(0.2, 0.9), (0.5, 0.7), (0.5, 1.2), (1.5, 0.9)])
def test_waits_are_short_and_limited_and_refusals_are_right(rtf: float, load: float) -> None:
    requests = random_requests(150, rtf, load, seed=1)
    outcomes = SimulatedMachine(rtf, noise=0.0).run(requests)
    assert len(outcomes.waits) + len(outcomes.refused) == len(requests)
    assert max(outcomes.waits.values()) <= DEFAULT_MAX_WAIT_SECONDS + MAX_FORECAST_ERROR_SECONDS
    assert outcomes.forecast_error_seconds <= MAX_FORECAST_ERROR_SECONDS
    accepted = [request for request in requests if request.number in outcomes.waits]
    assert mean(outcomes.waits.values()) <= MAX_WAIT_RATIO * mean(ideal_waits(accepted, rtf))
    assert outcomes.gap_seconds == 0 or rtf * RTF_MARGIN_RATIO > 1


@settings(max_examples=8, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    rtf=st.floats(0.05, 3.0),
    load=st.floats(0.3, 3.0),
    noise=st.floats(0.0, 0.25),
    clients=st.sampled_from([1, 4]),
    seed=st.integers(0, 1_000_000),
)
def test_no_request_starves_and_no_stream_stutters_on_a_noisy_machine(
    rtf: float, load: float, noise: float, clients: int, seed: int
) -> None:
    """A request that waits for others of its client may wait twice as long as others."""
    requests = random_requests(50, rtf, load, seed, clients)
    outcomes = SimulatedMachine(rtf, noise, seed).run(requests, counterfactuals=False)
    assert len(outcomes.waits) + len(outcomes.refused) == len(requests)
    max_wait_seconds = DEFAULT_MAX_WAIT_SECONDS * (1 if clients == 1 else 2)
    assert max(outcomes.waits.values()) <= (1 + noise) * (max_wait_seconds + MAX_FORECAST_ERROR_SECONDS)
    assert min(outcomes.refused, default=DEFAULT_MAX_WAIT_SECONDS) >= DEFAULT_MAX_WAIT_SECONDS
    if rtf * RTF_MARGIN_RATIO <= 1:
        assert outcomes.gap_seconds == 0


def test_client_with_endless_short_requests_does_not_starve_others() -> None:
    """The busy client always has three requests. Each of the other client's longer requests is still served."""
    busy = [SimulatedRequest(number, 0.4 * number, "busy", 2.0) for number in range(150)]
    other = [SimulatedRequest(1000 + number, 10.0 * number + 0.1, "other", 6.0) for number in range(5)]
    requests = sorted([*busy, *other], key=lambda request: request.at)
    outcomes = SimulatedMachine(rtf=0.5, noise=0.0).run(requests, counterfactuals=False)
    assert all(request.number in outcomes.waits for request in other)
    assert mean(outcomes.waits[request.number] for request in other) < DEFAULT_MAX_WAIT_SECONDS
    assert len(outcomes.refused) > 15


def test_long_readings_do_not_delay_short_texts_on_a_fast_machine() -> None:
    readings = [SimulatedRequest(number, 0.0, "reader", 600.0) for number in range(2)]
    short = [SimulatedRequest(10 + number, 5.0 + 4.0 * number, "home", 2.0) for number in range(50)]
    outcomes = SimulatedMachine(rtf=0.25, noise=0.0).run([*readings, *short])
    assert not outcomes.refused
    assert outcomes.gap_seconds == 0
    assert mean(outcomes.waits[request.number] for request in short) < 0.5
