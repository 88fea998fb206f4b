from __future__ import annotations

import pytest

from tests.helpers.fake_clock import FakeClock
from tests.helpers.synthesis.units import playback_with
from wyoming_kokoro.scheduling.playback import Playback


def test_new_request_waits_for_stream_with_little_audio_but_not_for_one_with_much() -> None:
    clock = FakeClock()
    running, new = playback_with(0.2, clock), Playback(clock)
    assert running.deadline < new.deadline
    running.add_audio(1.0)
    assert new.deadline < running.deadline
    assert new.buffered_seconds == 0


def test_audio_that_the_output_filter_holds_back_is_not_buffered() -> None:
    clock = FakeClock()
    playback = Playback(clock, output_delay_seconds=0.04)
    playback.add_audio(0.0)
    playback.add_audio(0.2)
    playback.add_audio(0.2)
    assert playback.buffered_seconds == pytest.approx(0.36)
    clock.now = 9.0
    playback.add_audio(0.2)
    assert playback.buffered_seconds == pytest.approx(0.2)


def test_deadline_counts_from_the_first_audio() -> None:
    clock = FakeClock()
    playback = Playback(clock)
    clock.now = 5.0
    assert playback.buffered_seconds == 0
    playback.add_audio(2.0)
    clock.now = 6.5
    assert playback.buffered_seconds == 0.5
    assert playback.deadline == 7.0
