"""Strategies that predict phrases, and the queue of the phrases to synthesize."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import Protocol, runtime_checkable

from wyoming_kokoro.types import Voice

BASE_EFFORT_CHARACTERS = 20
"""What any phrase costs beside its sound, in characters: the shortest takes half as long as one of forty."""

MAX_PHRASES = 5000
"""A home with 25 named devices has about 3,000 phrases. The benefit of the 5,000th is negligible."""


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


class PhraseQueue:
    """Merges the phrases of all warmup strategies."""

    def __init__(self, strategies: Sequence[WarmupStrategy], default: Voice, log: logging.Logger) -> None:
        self._strategies = strategies
        self._default = default
        self._log = log
        self._broken: set[str] = set()

    def read(self) -> list[Phrase]:
        """Return each phrase once, the highest benefit first. Blocks.

        If strategies disagree about a phrase, the highest rate counts. A strategy that fails is logged once; the
        phrases that it yielded before are used.
        """
        merged: dict[tuple[str, str | None], Phrase] = {}
        for strategy in self._strategies:
            for phrase in self._phrases_of(strategy):
                key = (phrase.text, phrase.voice)
                if key not in merged or phrase.requests_per_day > merged[key].requests_per_day:
                    merged[key] = phrase
        return nlargest(MAX_PHRASES, merged.values(), key=lambda phrase: phrase.benefit)

    def _phrases_of(self, strategy: WarmupStrategy) -> Iterator[Phrase]:
        try:
            for phrase in strategy.phrases(self._default):
                if phrase.text.strip() and phrase.requests_per_day > 0:
                    # The default voice is the same with and without its name.
                    yield replace(phrase, voice=None) if phrase.voice == self._default.name else phrase
        except Exception:  # noqa: BLE001 a plugin may raise anything
            level = logging.DEBUG if strategy.name in self._broken else logging.ERROR
            self._log.log(level, "Warmup strategy %s failed; the others continue", strategy.name, exc_info=True)
            self._broken.add(strategy.name)


@dataclass(frozen=True, slots=True)
class WarmupResult:
    """What it took to have a phrase ready: nothing, if it was."""

    work_seconds: float = 0.0
    """Seconds that the model ran."""
    speech_seconds: float = 0.0
    """Seconds of speech that are kept now and were not before."""

    def __add__(self, other: WarmupResult) -> WarmupResult:
        return WarmupResult(self.work_seconds + other.work_seconds, self.speech_seconds + other.speech_seconds)
