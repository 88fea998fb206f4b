"""How long a client can go on playing what it was given."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

START_GRACE_SECONDS = 0.4
"""How much a listener who is already listening may have left and still come before one who just asked: a gap in a word
is worse than a beginning that is a little later."""


class Priority(Protocol):
    """Somebody whom something is made for."""

    @property
    def deadline(self) -> float:
        """The moment by which the next sound should be there."""

    @property
    def has_started(self) -> bool:
        """Whether there was a first sound, so that there is a gap in it after the deadline."""


class Playback:
    """One request's playback account. Times are seconds of `clock`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._asked_at = self._dry_at = clock()
        self._is_listening = False
        self.work_seconds = 0.0
        """How long the model ran for what was made to its end."""
        self.cached = True
        """Whether nothing had to be made until now."""

    @property
    def has_started(self) -> bool:
        """Whether there was a first sound."""
        return self._is_listening

    @property
    def deadline(self) -> float:
        """The moment the listener runs dry, or should at the latest have heard a first sound."""
        return self._dry_at if self._is_listening else self._asked_at + START_GRACE_SECONDS

    @property
    def buffered_seconds(self) -> float:
        """Seconds until the listener runs dry, 0 when it already has."""
        return max(0.0, self._dry_at - self._clock())

    def add_audio(self, seconds: float) -> None:
        """Add so much audio to what the listener has to play."""
        self._is_listening = self._is_listening or seconds > 0
        self._dry_at = max(self._dry_at, self._clock()) + seconds

    def add_work(self, seconds: float) -> None:
        """Add so much work of the model."""
        self.work_seconds += seconds


class IdlePriority:
    """Whom phrases are made for in advance: everybody else is served first."""

    deadline = math.inf
    has_started = False
