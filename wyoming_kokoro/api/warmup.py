"""Strategies that predict phrases, and the queue of the phrases to synthesize."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import Protocol, runtime_checkable

from wyoming_kokoro.types import Voice

# The work that any phrase needs besides its sound, in characters.
BASE_EFFORT_CHARACTERS = 20
# A home with 25 named devices has about 3,000 phrases. The benefit of the 5,000th is negligible.
MAX_PHRASES = 5000


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text that clients may request."""

    text: str
    requests_per_day: float = 1.0
    """An estimate."""
    voice: str | None = None
    """A voice, a blend or a voice of `[voices]`; None means the default voice."""

    @property
    def benefit(self) -> float:
        """The requests that are saved per unit of work. Phrases with the highest benefit are synthesized first."""
        return self.requests_per_day / (BASE_EFFORT_CHARACTERS + len(self.text))


@runtime_checkable
class WarmupStrategy(Protocol):
    """Predicts phrases, so that they are synthesized before a client requests them."""

    @property
    def name(self) -> str:
        """The name in messages."""

    def phrases(self, default: Voice) -> Iterable[Phrase]:
        """Return phrases. `default` is the default voice. Called repeatedly, on a worker thread."""

    def forget(self) -> None:
        """Delete everything that was learned about this home, also on disk. Called on a worker thread."""


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
    """The effort and the result of warming one phrase; both 0 if it was already cached."""

    work_seconds: float = 0.0
    """How long the model ran."""
    speech_seconds: float = 0.0
    """The duration of the speech that was added to the cache."""
    is_elsewhere: bool = False
    """Whether another server that shares the cache is synthesizing the phrase, or a part of it, now."""

    def __add__(self, other: WarmupResult) -> WarmupResult:
        return WarmupResult(
            self.work_seconds + other.work_seconds,
            self.speech_seconds + other.speech_seconds,
            self.is_elsewhere or other.is_elsewhere,
        )
