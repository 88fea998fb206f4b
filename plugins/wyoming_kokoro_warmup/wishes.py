"""What is to be made, from all strategies, in the order in which it is made."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import islice

from wyoming_kokoro import Phrase, Voice, WarmupStrategy

MOST = 5000
"""Phrases that are made; what wins less than so many others is left for whoever asks."""

Key = tuple[str, str | None]


def key(phrase: Phrase) -> Key:
    """Return what makes two phrases the same."""
    return phrase.text, phrase.voice


class Wishes:
    """The phrases of all strategies."""

    def __init__(self, strategies: Sequence[WarmupStrategy], default: Voice, log: logging.Logger) -> None:
        self._strategies = strategies
        self._default = default
        self._log = log
        self._broken: set[str] = set()

    def read(self) -> list[Phrase]:
        """Return the phrases that win most, each once, in the order in which they are made. Blocks.

        A strategy that fails is logged once, and has no more phrases in this list than it had got to.
        """
        best: dict[Key, Phrase] = {}
        for strategy in self._strategies:
            for phrase in self._of(strategy):
                known = best.get(key(phrase))
                if known is None or phrase.requests_per_day > known.requests_per_day:
                    best[key(phrase)] = phrase
        return list(islice(sorted(best.values(), key=lambda phrase: -phrase.benefit), MOST))

    def _of(self, strategy: WarmupStrategy) -> Iterator[Phrase]:
        try:
            for phrase in strategy.phrases(self._default):
                if phrase.text.strip() and phrase.requests_per_day > 0:
                    yield self._plain(phrase)
        except Exception:  # noqa: BLE001 a plugin may raise anything
            level = logging.DEBUG if strategy.name in self._broken else logging.ERROR
            self._log.log(level, "The warmup strategy %s fails; the others go on", strategy.name, exc_info=True)
            self._broken.add(strategy.name)

    def _plain(self, phrase: Phrase) -> Phrase:
        """Whoever names the default voice means what is made for those who name none."""
        return Phrase(phrase.text, phrase.requests_per_day) if phrase.voice == self._default.name else phrase
