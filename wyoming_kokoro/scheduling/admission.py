"""How many may be spoken to at once: as many as the machine can speak to in real time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable

from wyoming_kokoro.errors import Overloaded
from wyoming_kokoro.scheduling.playback import Playback

ASSUMED_RTF = 0.35
"""Seconds of work for a second of speech, before anything was measured, for who is to be let in."""
UNMEASURED_RTF = 1.0
"""And for who is to be spoken to: nobody is, beside another, on a presumption."""
RTF_MARGIN_RATIO = 1.3
"""What is measured is the vocoder, nine tenths of the work; and machines are noisy."""
POLL_INTERVAL_SECONDS = 0.02
"""How soon is noticed that something was measured."""


class AdmissionControl:
    """The listeners for whom something is made. Those who hear the same are one."""

    def __init__(self, rtf: Callable[[], float], max_streams: int = 0) -> None:
        """`factor` tells the seconds of work for a second of speech as measured, 0 for not yet.

        `most` is how many different things may be made at once, 0 for as many as the machine can.
        """
        self.max_streams = max_streams
        self._factor = rtf
        self._hearing: dict[Playback, Hashable] = {}

    @property
    def in_use(self) -> int:
        """How many different things are being made."""
        return len(set(self._hearing.values()))

    @property
    def capacity(self) -> int:
        """How many may be made at once; never less than one, however slow the machine is."""
        return self._room(self._factor() or ASSUMED_RTF)

    def can_admit(self, listener: Playback, what: Hashable) -> bool:
        """Return whether `what` can be made for `listener`, and everybody still hears it in real time."""
        is_known = listener in self._hearing or what in self._hearing.values()
        return is_known or self.in_use < self.capacity

    def admit(self, listener: Playback, what: Hashable) -> None:
        """Note that `listener` is to hear `what` now."""
        self._hearing[listener] = what

    async def wait_for_slot(self, listener: Playback) -> None:
        """Wait until `listener`, who entered, can be spoken to in real time beside those who entered before.

        That is at once, but for who was let in on a presumption, or just before the machine turned out to be slower.
        """
        while not (listener.has_started or self._is_turn(listener)):  # noqa: ASYNC110 it is measured in a thread
            await asyncio.sleep(POLL_INTERVAL_SECONDS)

    def _is_turn(self, listener: Playback) -> bool:
        first = list(dict.fromkeys(self._hearing.values()))[: self._room(self._factor() or UNMEASURED_RTF)]
        return listener not in self._hearing or self._hearing[listener] in first

    def release(self, listener: Playback) -> None:
        """Note that `listener` has heard everything."""
        self._hearing.pop(listener, None)

    def overloaded_error(self) -> Overloaded:
        """Return what a client is told for whom there is no room."""
        return Overloaded(
            f"the machine speaks to {self.in_use} already, which is all it can in real time; try again in a moment"
        )

    def _room(self, factor: float) -> int:
        return self.max_streams or max(1, int(1 / (RTF_MARGIN_RATIO * factor)))
