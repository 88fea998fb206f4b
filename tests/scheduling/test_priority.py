from __future__ import annotations

from tests.helpers.units import Clock, playback_with
from wyoming_kokoro.scheduling.playback import Playback


def test_a_new_listener_waits_for_one_who_is_about_to_run_dry() -> None:
    clock = Clock()
    old, new = playback_with(0.2, clock), Playback(clock)
    assert old.deadline < new.deadline
    old.add_audio(1.0)
    assert new.deadline < old.deadline
    assert new.buffered_seconds == 0


def test_a_listener_has_what_it_heard_left() -> None:
    """A listener given two seconds runs dry two seconds after the first sound, not after the request."""
    clock = Clock()
    listener = Playback(clock)
    clock.now = 5.0
    assert listener.buffered_seconds == 0
    listener.add_audio(2.0)
    clock.now = 6.5
    assert listener.buffered_seconds == 0.5
    assert listener.deadline == 7.0
