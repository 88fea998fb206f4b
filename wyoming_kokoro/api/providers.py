"""Which provider runs a stage: what is known of them, and the role of who decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from wyoming_kokoro.types import Provider


@dataclass(frozen=True, slots=True)
class Measurement:
    """What is known of a provider that is open."""

    provider: Provider
    seconds: float | None = None
    """How long one run takes, as measured while the house was quiet; None when it was not measured."""


@dataclass(frozen=True, slots=True)
class Run:
    """What became of one run."""

    provider: str
    stage: str
    window: int
    """Frames of 12.5 ms, of ALBERT the tokens that a text may have; 0 for a stage that runs whole segments, whose time
    depends on their length."""
    seconds: float | None
    """How long it took; None when it failed."""


@runtime_checkable
class Chooser(Protocol):
    """Decides which provider runs what. Used by one thread at a time, between windows: answers at once."""

    def choose(self, stage: str, window: int, measurements: Sequence[Measurement]) -> Provider:
        """Return one of the providers in `measurements`: there is at least one, and the highest rank comes first."""

    def observe(self, run: Run) -> None:
        """Take note of what became of a run."""


class ByRank:
    """Chooses the provider of the highest rank: what is done when no plugin chooses."""

    def choose(self, stage: str, window: int, measurements: Sequence[Measurement]) -> Provider:  # noqa: ARG002
        """Return the first provider."""
        return measurements[0].provider

    def observe(self, run: Run) -> None:
        """Learn nothing."""
