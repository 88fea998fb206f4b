"""Reads the file in use on a thread of its own, so that what is found never waits for what is written."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from wyoming_kokoro_phrase_cache import flac
from wyoming_kokoro_phrase_cache.failures import FAILURES
from wyoming_kokoro_phrase_cache.folder import FileIdentity
from wyoming_kokoro_phrase_cache.store import PhraseStore
from wyoming_kokoro_phrase_cache.worker import Worker

T = TypeVar("T")


class Reader:
    """Answers questions; what cannot be read is not there."""

    def __init__(
        self,
        place: Callable[[], FileIdentity | None],
        complain: Callable[[FileIdentity, BaseException], None],
        pause: float,
        log: logging.Logger,
    ) -> None:
        """`place` tells the file in use at once; what goes wrong with it is handed to `complain`."""
        self._place = place
        self._complain = complain
        self._log = log
        self._opened: FileIdentity | None = None
        self._shelf: PhraseStore | None = None
        self._worker = Worker("phrases-read", self._let_go, self._drop, pause, log)

    def start(self) -> None:
        """Begin, and load what the first recording would have to wait for."""
        self._worker.start()
        self._worker.submit(flac.prepare)

    async def ask(self, question: Callable[[PhraseStore], T]) -> T | None:
        """Return the answer, or None. What `question` raises but for the disk is raised."""
        if self._place() is None:
            return None
        return await asyncio.wrap_future(self._worker.ask(partial(self._answer, question)))

    async def let_go(self) -> None:
        """Close the file if it is no longer in use: one that was removed takes room until then."""
        await asyncio.wrap_future(self._worker.ask(self._let_go))

    def stop(self, patience: float) -> bool:
        """End within so many seconds, and give back the file; return whether that was possible. Blocks."""
        return self._worker.stop(patience)

    def _answer(self, question: Callable[[PhraseStore], T]) -> T | None:
        place = self._place()
        try:
            shelf = self._at(place)
            return question(shelf) if shelf else None
        except FAILURES as error:
            self._log.debug("%s cannot be read (%s)", place, error)
            self._drop()
            if place:
                self._complain(place, error)
        return None

    def _at(self, place: FileIdentity | None) -> PhraseStore | None:
        if place != self._opened:
            self._drop()
            self._shelf = PhraseStore.for_reading(place.path) if place else None
            self._opened = place
        return self._shelf

    def _let_go(self) -> None:
        if self._place() != self._opened:
            self._drop()

    def _drop(self) -> None:
        shelf, self._shelf, self._opened = self._shelf, None, None
        if shelf:
            with suppress(sqlite3.Error):
                shelf.close()
