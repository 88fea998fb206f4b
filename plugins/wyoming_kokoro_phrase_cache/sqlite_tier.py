"""The tier on the disk: a SQLite file, used on one worker thread."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from wyoming_kokoro import CachedPhrase, Pcm, PhraseKey, SteadyClock, TextKey, load_flac_library
from wyoming_kokoro_phrase_cache.database_file import DatabaseFile
from wyoming_kokoro_phrase_cache.store import Limits, PhraseStore, Totals
from wyoming_kokoro_phrase_cache.usage import UsageLog

T = TypeVar("T")
MAX_QUEUED_BYTES = 8_000_000
"""Limit for recordings that wait for a slow disk: almost three minutes of speech."""
MAINTENANCE_INTERVAL_SECONDS = 10.0
CLOSE_TIMEOUT_SECONDS = 5.0


class SqliteTier:
    """Stores recordings and phonemes in a file that several servers may share. Never raises for an error of the disk.

    Jobs run in the order of their calls. A lookup therefore waits for the write before it, which takes some 10 ms.
    """

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        clock: Callable[[], float],
        log: logging.Logger,
        *,
        maintenance_interval_seconds: float = MAINTENANCE_INTERVAL_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` returns the Unix time."""
        self.limit_bytes = limits.size_bytes
        self._clock = clock
        self._monotonic = monotonic
        self._steady_clock: SteadyClock | None = None
        self._log = log
        self._interval = maintenance_interval_seconds
        self._file = DatabaseFile(folder, limits, clock, log)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="phrase-cache")
        self._log_copier = ThreadPoolExecutor(1, thread_name_prefix="phrase-cache-log")
        self._lock = threading.Lock()
        self._queued_bytes = 0
        self._is_open = False
        self._usage = UsageLog()
        # Usage that is being written is in neither place, so totals must not be read meanwhile.
        self._usage_lock = asyncio.Lock()
        self._maintenance: asyncio.Task[None] | None = None

    @property
    def where(self) -> str:
        """The place of the phrases, or why there is none."""
        return self._file.where if self.limit_bytes else "in memory only (size_mb is 0)"

    async def open(self, usage: UsageLog, on_replaced: Callable[[], None]) -> None:
        """Open the file, and write `usage` to it regularly.

        `on_replaced` is called on the worker thread when another server has cleared the file.
        """
        if not self.limit_bytes:
            return
        self._usage = usage
        self._is_open = True
        await self._run(lambda: self._open(on_replaced))
        self._maintenance = asyncio.create_task(self._maintain())

    async def recording(self, digest: bytes) -> Pcm | None:
        """Return the recording of a `PhraseKey`, or None."""
        return await self._read(lambda store: store.recording(digest))

    async def has(self, digest: bytes) -> bool:
        """Return whether there is a recording of a `PhraseKey`."""
        return bool(await self._read(lambda store: store.has(digest)))

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        """Write a recording, which must not change any more. Returns at once."""

        def write() -> None:
            if self._file.write(lambda store: store.put(key, pcm, cost, self._now(store))):
                self._file.report_success()

        self._enqueue(write, pcm.nbytes)

    async def phonemes(self, digest: bytes) -> str | None:
        """Return the phonemes of a `TextKey`, or None."""
        return await self._read(lambda store: store.phonemes(digest))

    def put_phonemes(self, key: TextKey, phonemes: str) -> None:
        """Write the phonemes of a text. Returns at once."""
        self._enqueue(lambda: self._file.write(lambda store: store.put_phonemes(key, phonemes, self._now(store))), 0)

    async def flush(self) -> None:
        """Wait until all recordings, phonemes and uses are written."""
        async with self._usage_lock:
            await self._flush()

    async def _flush(self) -> None:
        usage = self._usage.take()
        if not await self._run(lambda: self._write_usage(usage)):
            self._usage.add(usage)

    async def totals(self) -> Totals | None:
        """Return the totals, or None if no file is open."""
        async with self._usage_lock:
            await self._flush()
            return await self._read(PhraseStore.totals)

    async def phrases(self) -> Sequence[CachedPhrase] | None:
        """Return the most recently used phrases, or None if no file is open."""
        await self.flush()
        return await self._read(lambda store: store.phrases(self._clock() - self._now(store)))

    async def clear(self) -> int | None:
        """Delete everything. Return the number of deleted phrases, or None if no file was open."""
        totals = await self.totals()
        await self._run(self._file.clear)
        return totals.phrases if totals else None

    async def close(self) -> None:
        """Write the queue and close the file."""
        if not self._is_open:
            return
        if self._maintenance:
            self._maintenance.cancel()
            await asyncio.wait({self._maintenance})
        try:
            await asyncio.wait_for(self._finish(), CLOSE_TIMEOUT_SECONDS)
        except asyncio.TimeoutError:
            self._log.warning("Phrase cache did not close in %.0f s; the last phrases are lost", CLOSE_TIMEOUT_SECONDS)
        with self._lock:
            self._is_open = False
            for executor in (self._executor, self._log_copier):
                executor.shutdown(wait=False, cancel_futures=True)

    async def _finish(self) -> None:
        await self.flush()
        # Two connections that close at the same time leave the log behind.
        await asyncio.get_running_loop().run_in_executor(self._log_copier, lambda: None)
        await self._run(self._file.close)

    def _open(self, on_replaced: Callable[[], None]) -> None:
        # The first recording must not wait for the library. If it is missing, the store reports that.
        with suppress(OSError):
            load_flac_library()
        self._file.open(on_replaced)

    def _now(self, store: PhraseStore) -> float:
        """Return the time for rows. It differs from the system's time after an absence, or if that was wrong."""
        if self._steady_clock is None:
            self._steady_clock = SteadyClock(store.newest_use(), self._clock(), self._monotonic)
        return self._steady_clock()

    async def _read(self, job: Callable[[PhraseStore], T]) -> T | None:
        return await self._run(lambda: self._file.read(job))

    async def _run(self, job: Callable[[], T]) -> T | None:
        if not self._is_open:
            return None
        return await asyncio.get_running_loop().run_in_executor(self._executor, job)

    def _enqueue(self, write: Callable[[], object], size: int) -> None:
        """Run `write` on the worker thread, unless the queue is full."""

        def run() -> None:
            try:
                write()
            except Exception:  # noqa: BLE001 no caller waits for it, and the next write may succeed
                self._log.exception("Phrase cache write failed")
            finally:
                with self._lock:
                    self._queued_bytes -= size

        with self._lock:
            if not self._is_open:
                return
            if self._queued_bytes > MAX_QUEUED_BYTES:
                self._log.debug("Phrase is not written because the disk is too slow")
                return
            self._queued_bytes += size
            self._executor.submit(run)

    def _write_usage(self, usage: UsageLog) -> bool:
        return not usage or bool(self._file.write(lambda store: store.add_usage(usage, self._now(store))))

    async def _maintain(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.flush()
                # Each call is a short job of its own, so that lookups run in between.
                while await self._run(lambda: self._file.write(lambda store: store.remove_excess(self._now(store)))):
                    pass
                await self._run(self._file.remove_leftovers)
                await asyncio.get_running_loop().run_in_executor(self._log_copier, self._file.copy_log)
            except Exception:  # noqa: BLE001 the next run may succeed
                self._log.exception("Phrase cache maintenance failed; will retry")
