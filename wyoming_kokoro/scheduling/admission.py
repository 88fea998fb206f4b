"""Admits as many streams as the machine can synthesize in real time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable

from wyoming_kokoro.errors import Overloaded
from wyoming_kokoro.scheduling.playback import Playback

# Before the RTF is known, two streams are admitted (0.35 * RTF_MARGIN_RATIO < 1/2), and only the first one starts.
ASSUMED_RTF = 0.35
UNMEASURED_RTF = 1.0
# The measured RTF is that of the vocoder, which is nine tenths of the work. The rest covers noisy machines.
RTF_MARGIN_RATIO = 1.3
# A waiting stream starts this long after a measurement at the latest.
POLL_INTERVAL_SECONDS = 0.02


class AdmissionControl:
    """Limits the number of streams. Streams of the same content count once, because they share a synthesis."""

    def __init__(self, rtf: Callable[[], float], max_streams: int = 0) -> None:
        """`rtf` returns the measured RTF, or 0 before it is known. `max_streams` 0 derives the capacity from it."""
        self.max_streams = max_streams
        self._rtf = rtf
        self._streams: dict[Playback, Hashable] = {}

    @property
    def rtf(self) -> float:
        """The measured RTF of the full model; 0 before it is known."""
        return self._rtf()

    @property
    def in_use(self) -> int:
        """The number of different contents in synthesis."""
        return len(set(self._streams.values()))

    @property
    def capacity(self) -> int:
        """The number of contents that can be synthesized at once: at least one, however slow the machine is."""
        return self._capacity_at(self._rtf() or ASSUMED_RTF)

    def can_admit(self, playback: Playback, content: Hashable) -> bool:
        """Return whether all streams stay in real time when `playback` also gets `content`."""
        has_slot = playback in self._streams or content in self._streams.values()
        return has_slot or self.in_use < self.capacity

    def fits_in_real_time(self, playback: Playback, content: Hashable) -> bool:
        """Return whether this machine was measured, and is fast enough to serve `content` beside all other streams.

        Unlike `can_admit`, this is False for the first stream of a machine that is slower than real time.
        """
        load = RTF_MARGIN_RATIO * self._rtf() * len({*{**self._streams, playback: content}.values()})
        return 0 < load <= 1 and self.can_admit(playback, content)

    def admit(self, playback: Playback, content: Hashable) -> None:
        """Give `playback` a slot for `content`, in place of its previous content."""
        self._streams[playback] = content

    async def wait_for_slot(self, playback: Playback) -> None:
        """Wait until the admitted `playback` fits beside the streams admitted before it.

        Return at once unless it was admitted on an estimate, or the RTF rose since.
        """
        while not (playback.has_started or self._fits(playback)):  # noqa: ASYNC110 a thread measures the RTF
            await asyncio.sleep(POLL_INTERVAL_SECONDS)

    def release(self, playback: Playback) -> None:
        """Free the slot of `playback`, if it has one."""
        self._streams.pop(playback, None)

    def overloaded_error(self) -> Overloaded:
        """Return the error for a request that is not admitted."""
        streams = "1 stream" if self.capacity == 1 else f"{self.capacity} streams"
        limit = "the limit set by max_streams" if self.max_streams else "the real-time limit of this machine"
        return Overloaded(f"at capacity: {streams} is {limit}; try again shortly")

    def _fits(self, playback: Playback) -> bool:
        in_order_of_admission = list(dict.fromkeys(self._streams.values()))
        running = in_order_of_admission[: self._capacity_at(self._rtf() or UNMEASURED_RTF)]
        return playback not in self._streams or self._streams[playback] in running

    def _capacity_at(self, rtf: float) -> int:
        return self.max_streams or max(1, int(1 / (RTF_MARGIN_RATIO * rtf)))
