"""The lower tier: a file that several servers may share, read on one thread and written on another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from wyoming_kokoro import CachedPhrase, Pcm, PhraseKey, TextKey
from wyoming_kokoro_phrase_cache.database_file import DatabaseFile
from wyoming_kokoro_phrase_cache.failures import DamagedRow
from wyoming_kokoro_phrase_cache.folder import FileIdentity, Folder
from wyoming_kokoro_phrase_cache.reader import Reader
from wyoming_kokoro_phrase_cache.store import PhraseStore, Totals
from wyoming_kokoro_phrase_cache.upkeep import Maintenance, Pace
from wyoming_kokoro_phrase_cache.usage import UsageLog
from wyoming_kokoro_phrase_cache.worker import Worker
from wyoming_kokoro_phrase_cache.writable import Limits, WritablePhraseStore

CLOSING_PATIENCE = 5.0
"""Seconds for what waits to be written at the end."""
HURRY = 1.0
"""Seconds more for what was interrupted then."""


class SqliteTier:
    """Keeps recordings and phonemes in a file."""

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        ledger: UsageLog,
        clock: Callable[[], float],
        log: logging.Logger,
        *,
        pace: Pace = Pace(),  # noqa: B008 it is frozen
    ) -> None:
        """`clock` tells the Unix time."""
        self.limit = limits.size
        self._clock = clock
        self._log = log
        self._forget: Callable[[], None] = lambda: None
        self._keeper = DatabaseFile(Folder(folder), limits, clock, log)
        self._upkeep = Maintenance(self._keeper, ledger, clock, pace)
        self._writer = Worker("phrases-write", self._look_around, self._finish, pace.pause, log)
        self._reader = Reader(lambda: self._keeper.place, self._complain, pace.pause, log)

    @property
    def where(self) -> str:
        """Where recordings are kept, in words."""
        return self._keeper.where

    async def open(self, forget: Callable[[], None]) -> None:
        """Open the file."""
        self._forget = forget
        self._writer.start()
        self._reader.start()
        await asyncio.wrap_future(self._writer.ask(self._keeper.open))

    async def recording(self, digest: bytes) -> Pcm | None:
        """Return the recording of a `PhraseKey`, or None, also when it is damaged."""
        try:
            return await self._reader.ask(lambda shelf: shelf.recording(digest))
        except DamagedRow as damage:
            self._log.info("A phrase on the disk was damaged (%s); it is made anew", damage)
            self._submit(lambda shelf: shelf.remove_if_damaged(digest))
        return None

    async def has(self, digest: bytes) -> bool:
        """Return whether there is one."""
        return bool(await self._reader.ask(lambda shelf: shelf.has(digest)))

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        """Have a recording written, unless too much waits already."""
        if not self._writer.submit(partial(self._keep, key, pcm, cost), 1 + pcm.nbytes):
            self._log.debug("A phrase is not written, for the disk is too slow")

    async def phonemes(self, key: TextKey) -> str | None:
        """Return the phonemes of a text, or None."""
        return await self._reader.ask(lambda shelf: shelf.phonemes(key))

    def put_phonemes(self, key: TextKey, phonemes: str) -> None:
        """Have the phonemes of a text written, unless too much waits already."""
        self._submit(lambda shelf: shelf.keep_phonemes(key, phonemes, self._clock()), 1 + len(phonemes))

    async def flush(self) -> None:
        """Wait until everything is written, uses too."""
        await asyncio.wrap_future(self._writer.ask(self._upkeep.write_down))

    async def totals(self) -> Totals | None:
        """Return what is kept in all, or None when there is no file."""
        await self.flush()
        return await self._reader.ask(PhraseStore.totals)

    async def listing(self) -> Sequence[CachedPhrase] | None:
        """Return the phrases that were used last, the last first, or None when there is no file."""
        await self.flush()
        return await self._reader.ask(PhraseStore.listing)

    async def clear(self) -> int | None:
        """Forget everything; return how many phrases, or None when there is no file."""
        totals = await self.totals()
        await asyncio.wrap_future(self._writer.ask(self._keeper.discard))
        await self._reader.let_go()  # only then is there room again, which a full disk needs to begin anew
        await asyncio.wrap_future(self._writer.ask(self._keeper.open))
        return totals.phrases if totals else None

    async def close(self) -> None:
        """Write what waits, as far as there is time, and end."""
        await asyncio.to_thread(self._close)

    def _submit(self, job: Callable[[WritablePhraseStore], object], size: int = 0) -> None:
        self._writer.submit(partial(self._keeper.write, job), size)

    def _keep(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        if self._keeper.write(lambda shelf: shelf.keep(key, pcm, cost, self._clock())):
            self._keeper.relieved()

    def _complain(self, place: FileIdentity, error: BaseException) -> None:
        self._writer.submit(partial(self._keeper.blame, place, error))

    def _look_around(self) -> None:
        if self._keeper.follow():
            self._forget()
        self._upkeep.write_down()
        self._upkeep.tidy()

    def _finish(self) -> None:
        self._upkeep.write_down()
        self._keeper.close()

    def _close(self) -> None:
        self._reader.stop(HURRY)
        if not self._writer.stop(CLOSING_PATIENCE):
            self._keeper.interrupt()
            if not self._writer.stop(HURRY):
                self._log.warning("The disk does not answer; what was spoken last is not kept")
