from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.synthesis.units import new_playback, playback_with
from wyoming_kokoro.scheduling.admission import ASSUMED_RTF, POLL_INTERVAL_SECONDS, RTF_MARGIN_RATIO, AdmissionControl
from wyoming_kokoro.scheduling.playback import Playback


@given(rtf=st.floats(0.001, 100), requests=st.integers(1, 50))
def test_admitted_streams_fit_into_real_time_and_at_least_one_is_admitted(rtf: float, requests: int) -> None:
    admission = AdmissionControl(lambda: rtf)
    for content in range(requests):
        playback = new_playback()
        if admission.can_admit(playback, content):
            admission.admit(playback, content)
    assert admission.in_use >= 1
    assert admission.in_use == 1 or admission.in_use * rtf * RTF_MARGIN_RATIO <= 1
    assert admission.in_use == requests or (admission.in_use + 1) * rtf * RTF_MARGIN_RATIO > 1


def test_two_streams_are_admitted_before_rtf_is_measured() -> None:
    assert AdmissionControl(lambda: 0.0).capacity == int(1 / (ASSUMED_RTF * RTF_MARGIN_RATIO)) == 2


@pytest.mark.parametrize(("rtf", "fits_beside_first"), [(0.3, True), (0.6, False)])
async def test_second_stream_waits_for_measured_rtf_or_end_of_first(rtf: float, fits_beside_first: bool) -> None:
    measured = [0.0]
    admission = AdmissionControl(lambda: measured[-1])
    first, second = new_playback(), new_playback()
    for content, playback in enumerate((first, second)):
        assert admission.can_admit(playback, content)
        admission.admit(playback, content)
    await asyncio.wait_for(admission.wait_for_slot(first), 1)
    waiting = asyncio.create_task(admission.wait_for_slot(second))
    await asyncio.sleep(3 * POLL_INTERVAL_SECONDS)
    assert not waiting.done()
    measured.append(rtf)
    await asyncio.sleep(3 * POLL_INTERVAL_SECONDS)
    assert waiting.done() == fits_beside_first
    admission.release(first)
    await asyncio.wait_for(waiting, 1)


async def test_only_a_new_stream_with_new_content_waits() -> None:
    """Capacity is one. The first, a started, a sharing and an unadmitted stream do not wait."""
    admission = AdmissionControl(lambda: 1.0)
    first, second, started, sharing = new_playback(), new_playback(), playback_with(1.0), new_playback()
    for playback, content in ((first, 0), (second, 1), (started, 2), (sharing, 0)):
        admission.admit(playback, content)
    for playback in (first, started, sharing, new_playback()):
        await asyncio.wait_for(admission.wait_for_slot(playback), 1)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(admission.wait_for_slot(second), 3 * POLL_INTERVAL_SECONDS)


def test_max_streams_replaces_computed_capacity() -> None:
    assert AdmissionControl(lambda: 10.0, max_streams=3).capacity == 3


def test_error_names_the_limit() -> None:
    assert str(AdmissionControl(lambda: 0.35).overloaded_error()) == (
        "at capacity: 2 streams is the real-time limit of this machine; try again shortly"
    )
    assert "1 stream is the limit set by max_streams" in str(AdmissionControl(lambda: 0.1, 1).overloaded_error())


@given(st.lists(st.sampled_from(["admit", "release", "admit again"]), max_size=40))
def test_each_stream_holds_one_slot_until_first_release(actions: list[str]) -> None:
    admission = AdmissionControl(lambda: 0.1)
    admitted: list[Playback] = []
    for content, action in enumerate(actions):
        if action == "admit":
            admitted.append(new_playback())
            admission.admit(admitted[-1], content)
        elif admitted and action == "release":
            admission.release(playback := admitted.pop())
            admission.release(playback)
        elif admitted:
            assert admission.can_admit(admitted[0], content)
            admission.admit(admitted[0], content)
        admission.release(new_playback())
        assert admission.in_use == len(admitted)


@given(rtf=st.floats(0, 100), streams=st.integers(0, 5), max_streams=st.integers(0, 5))
def test_stream_fits_in_real_time_only_if_the_machine_is_measured_and_fast_enough(
    rtf: float, streams: int, max_streams: int
) -> None:
    admission = AdmissionControl(lambda: rtf, max_streams)
    for content in range(streams):
        admission.admit(new_playback(), content)
    fits = 0 < rtf * RTF_MARGIN_RATIO * (streams + 1) <= 1 and (not max_streams or streams < max_streams)
    assert admission.fits_in_real_time(new_playback(), "new") == fits
