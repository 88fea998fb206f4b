"""What is done with the file besides: uses are written down, and when nobody is there it is tidied up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wyoming_kokoro_phrase_cache.database_file import DatabaseFile
from wyoming_kokoro_phrase_cache.maintenance import WEEK, tidy
from wyoming_kokoro_phrase_cache.usage import UsageLog


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something is done, in seconds."""

    pause: float = 10.0
    """Between two looks for uses to write down, and for what another server did."""
    idle: float = 30.0
    """Without a request, after which there is time to tidy up."""
    round: float = 3600.0
    """Between two times that everything is tidied up."""


class Maintenance:
    """Looks after the file, on the thread that writes."""

    def __init__(self, keeper: DatabaseFile, ledger: UsageLog, clock: Callable[[], float], pace: Pace) -> None:
        """`clock` tells the Unix time."""
        self._keeper = keeper
        self._ledger = ledger
        self._clock = clock
        self._pace = pace
        self._tidied_at = float("-inf")

    def write_down(self) -> None:
        """Write down what was used; what cannot be written is counted later, but valued no more."""
        uses = self._ledger.take()
        if uses and not self._keeper.write(lambda shelf: shelf.note(uses, self._ledger.fingerprints)):
            self._ledger.give_back(uses)

    def tidy(self) -> None:
        """Do one slice of tidying, if there is time and a round is due."""
        now = self._clock()
        if now - self._ledger.active_at < self._pace.idle or 0 <= now - self._tidied_at < self._pace.round:
            return
        if self._keeper.write(lambda shelf: tidy(shelf, self._ledger.fingerprints, now)):
            return  # there may be more, next time
        self._keeper.discard_set_aside(now - WEEK)
        self._tidied_at = now
