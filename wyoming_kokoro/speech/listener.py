"""How long a client can go on playing what it was given."""

from __future__ import annotations

from collections.abc import Callable


class Listener:
    """One request's playback account. Times are seconds of `clock`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._dry_at = clock()

    @property
    def deadline(self) -> float:
        """The moment the listener runs dry; before the first sound, the moment the request came."""
        return self._dry_at

    @property
    def slack(self) -> float:
        """Seconds until the listener runs dry, 0 when it already has."""
        return max(0.0, self._dry_at - self._clock())

    def hear(self, seconds: float) -> None:
        """Add so much audio to what the listener has to play."""
        self._dry_at = max(self._dry_at, self._clock()) + seconds
