"""What warmup plugins implement: strategies that predict phrases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from wyoming_kokoro.types import Voice

BASE_EFFORT_CHARACTERS = 20
"""What any phrase costs beside its sound, in characters: the shortest takes half as long as one of forty."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text that may be asked for."""

    text: str
    requests_per_day: float = 1.0
    """About how many times a day it may be asked for."""
    voice: str | None = None
    """What a client would ask for: a voice, one of the house's own or a blend; None means the default voice."""

    @property
    def benefit(self) -> float:
        """What there is to win by a second's work; the phrases that win most are made first."""
        return self.requests_per_day / (BASE_EFFORT_CHARACTERS + len(self.text))


@runtime_checkable
class WarmupStrategy(Protocol):
    """Knows what may be asked for, so that it is made before."""

    @property
    def name(self) -> str:
        """How messages call the strategy."""

    def phrases(self, default: Voice) -> Iterable[Phrase]:
        """Return phrases; `default` is the voice of those who name none. Called again and again, on a worker thread."""

    def forget(self) -> None:
        """Drop what was learned about this house, on the disk, too. Called on a worker thread."""


@dataclass(frozen=True, slots=True)
class WarmupResult:
    """What it took to have a phrase ready: nothing, if it was."""

    work_seconds: float = 0.0
    """Seconds that the model ran."""
    speech_seconds: float = 0.0
    """Seconds of speech that are kept now and were not before."""

    def __add__(self, other: WarmupResult) -> WarmupResult:
        return WarmupResult(self.work_seconds + other.work_seconds, self.speech_seconds + other.speech_seconds)
