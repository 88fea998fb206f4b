"""The use of the store by one server: bounded in time and memory, and without an exception to the caller."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import NamedTuple, TypeVar

import numpy as np

from wyoming_kokoro import Pcm, RareLog, SharedCacheStats
from wyoming_kokoro_redis.address import StoreAddress
from wyoming_kokoro_redis.circuit import Circuit
from wyoming_kokoro_redis.client import CLAIM_MS, PROBE, StoreClient
from wyoming_kokoro_redis.sealing import MAX_SAMPLES, seal, unseal

T = TypeVar("T")
Keep = Callable[[Pcm, float], object]
"""Receives a recording from the store, and the seconds that its synthesis took. Called on any thread."""
MAX_QUEUED_BYTES = 2 * MAX_SAMPLES
"""Limit for recordings that wait to be stored: almost three minutes of speech."""
CLAIM_SECONDS = CLAIM_MS / 1000
MAX_LOOKUPS = 8
"""Lookups at the same time. Each has a thread and a connection."""
CLOSE_TIMEOUT_SECONDS = 2.0
MAX_PROBLEM_CHARACTERS = 200


class StoreAnswer(NamedTuple):
    """What the store knows about a recording."""

    pcm: Pcm | None = None
    is_elsewhere: bool = False
    """Whether another server is synthesizing the recording."""


class SharedStore:
    """Looks recordings up within a deadline, and stores recordings in the background.

    The client runs on threads, so that neither its connections nor the samples block the event loop. While the circuit
    is open, lookups return at once, and a task on the event loop tries the store again.
    """

    def __init__(self, address: StoreAddress, read_timeout_seconds: float, log: logging.Logger) -> None:
        self._address = address
        self._read_timeout = read_timeout_seconds
        self._log = log
        self._rare_log = RareLog(log)
        self._client: StoreClient | None = None
        # Lookups begin after the first attempt has succeeded.
        self._reads = Circuit(time.monotonic, is_open=True)
        self._writes = Circuit(time.monotonic)
        self._circuit_opened = asyncio.Event()
        self._has_tried = asyncio.Event()
        self._problem = self._write_problem = "not connected yet"
        self._server = ""
        self._counts: Counter[str] = Counter()
        self._claimed_at: dict[str, float] = {}
        """When this server claimed each recording that it has not put or released since."""
        self._claiming: Counter[str] = Counter()
        """The number of lookups for each recording that may still claim it."""
        self._released: set[str] = set()
        """The recordings of `_claiming` that were released meanwhile."""
        self._queued_bytes = 0
        self._is_closed = False
        self._lock = threading.Lock()
        self._lookups = ThreadPoolExecutor(MAX_LOOKUPS, thread_name_prefix="shared-cache")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="shared-cache-writer")
        self._connecting: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to connect."""
        self._connecting = asyncio.create_task(self._stay_connected())

    async def load(self, name: str, keep: Keep) -> Pcm | None:
        """Return the recording of this name, or None. `keep` also gets one that comes too late for the caller."""
        return (await self._look_up(lambda client: StoreAnswer(self._unseal(name, client.get(name), keep)))).pcm

    async def load_or_claim(self, name: str, keep: Keep) -> StoreAnswer:
        """Return the recording as `load` does. If there is none, tell the other servers that this one makes it."""

        def load_or_claim(client: StoreClient) -> StoreAnswer:
            with self._claim_counted(name):
                value, is_elsewhere = client.get_or_claim(name)
                if value is None and not is_elsewhere:
                    self._remember_claim(name)
            return StoreAnswer(self._unseal(name, value, keep), is_elsewhere)

        return await self._look_up(load_or_claim)

    def release(self, name: str) -> None:
        """End the claim of a recording that was not put, also the claim of a lookup that continues without its caller.

        Returns at once, on any thread.
        """
        with self._lock:
            if name in self._claiming:
                self._released.add(name)
            claimed_at = self._claimed_at.pop(name, -CLAIM_SECONDS)
            if time.monotonic() - claimed_at < CLAIM_SECONDS and not self._is_closed:
                self._writer.submit(self._end_claim, name)

    def put(self, name: str, pcm: Pcm, cost: float) -> None:
        """Store a copy of a recording that took `cost` seconds to synthesize. Returns at once, on any thread."""
        copy = np.array(pcm, dtype=np.int16)
        with self._lock:
            if self._is_closed:
                return
            is_full = self._queued_bytes + copy.nbytes > MAX_QUEUED_BYTES
            if not is_full:
                self._queued_bytes += copy.nbytes
                self._claimed_at.pop(name, None)
                self._writer.submit(self._store, name, copy, cost)
        if is_full:
            self._drop("too many phrases wait to be stored")

    async def flush(self) -> None:
        """Wait until all recordings are stored or dropped."""
        await asyncio.get_running_loop().run_in_executor(self._writer, lambda: None)

    async def clear(self) -> None:
        """Delete the recordings of all servers."""
        await self._has_tried.wait()
        try:
            if self._client is None:
                raise ConnectionError(self._problem)
            await asyncio.get_running_loop().run_in_executor(self._writer, self._client.clear)
        except Exception as error:  # noqa: BLE001 what answers may be no store, so that any error is possible
            self._rare_log.warning("clear", "Shared cache is not cleared (%s)", self._describe(error))

    async def stats(self) -> SharedCacheStats:
        """Return the state, after the first attempt to connect."""
        await self._has_tried.wait()
        return SharedCacheStats(
            location=str(self._address),
            problem=self._problem if self._reads.is_open else "",
            write_problem="" if self._reads.is_open else self._write_problem,
            server=self._server,
            **{name: self._counts[name] for name in ("hits", "misses", "failures", "damaged", "stored", "dropped")},
        )

    async def close(self) -> None:
        """Store what waits, for at most two seconds, and disconnect."""
        if self._connecting:
            await asyncio.wait({asyncio.ensure_future(self.flush())}, timeout=CLOSE_TIMEOUT_SECONDS)
            self._connecting.cancel()
            await asyncio.wait({self._connecting})
        with self._lock:
            self._is_closed = True
            for executor in (self._writer, self._lookups):
                executor.shutdown(wait=False, cancel_futures=True)
        if self._client:
            # This ends the calls that still wait for an answer.
            await asyncio.to_thread(self._client.close)

    async def _look_up(self, lookup: Callable[[StoreClient], StoreAnswer]) -> StoreAnswer:
        """Return the answer of the store, or an empty one if there is none in time."""
        client = self._client
        if client is None or self._reads.is_open:
            return StoreAnswer()
        try:
            answer = await self._within_deadline(lambda: lookup(client))
        except Exception as error:  # noqa: BLE001 as in `clear`
            self._count("failures")
            self._report_failure(error)
            return StoreAnswer()
        self._reads.report_success()
        return answer

    async def _within_deadline(self, call: Callable[[], T]) -> T:
        """Return the result of `call`. Raises `TimeoutError` at the deadline; a call that has begun continues."""
        future = asyncio.get_running_loop().run_in_executor(self._lookups, call)
        done, _ = await asyncio.wait({future}, timeout=self._read_timeout)
        if not done:
            future.cancel()
            raise TimeoutError(f"no answer within {1000 * self._read_timeout:.0f} ms")
        return future.result()

    def _unseal(self, name: str, value: bytes | None, keep: Keep) -> Pcm | None:
        if value is None:
            self._count("misses")
            return None
        try:
            pcm, cost = unseal(name, value)
        except Exception as error:  # noqa: BLE001 the library of FLAC raises its own errors
            self._count("damaged")
            message = "Shared cache has a damaged phrase, which is synthesized again (%s)"
            self._rare_log.warning("damaged", message, error)
            return None
        self._count("hits")
        keep(pcm, cost)
        return pcm

    async def _stay_connected(self) -> None:
        while True:
            await self._connect()
            self._has_tried.set()
            if not self._reads.is_open:
                await self._circuit_opened.wait()
            self._circuit_opened.clear()
            await asyncio.sleep(self._reads.pause_seconds)

    async def _connect(self) -> None:
        """Connect, and close the circuit if the store answers in time."""
        try:
            # Recordings that are put meanwhile wait for the end of the attempt.
            client = await asyncio.get_running_loop().run_in_executor(self._writer, self._greet)
            # The first calls had to connect. This one is what all later ones are.
            await self._within_deadline(lambda: client.get(PROBE))
        except Exception as error:  # noqa: BLE001 as in `clear`
            self._report_failure(error)
            return
        self._reads.report_success()
        self._log.info("Shared cache connected (%s, %s)", self._address, self._server)

    def _greet(self) -> StoreClient:
        self._client = self._client or StoreClient(self._address)
        self._server = self._client.describe()
        try:
            self._client.try_write()
        except Exception as error:  # noqa: BLE001 as in `clear`
            # Lookups may still work: a replica of Redis, for example, only refuses writes.
            self._write_problem = self._describe(error)
        else:
            self._write_problem = ""
            self._writes.report_success()
        return self._client

    def _report_failure(self, error: Exception) -> None:
        was_usable = not self._reads.is_open
        self._problem = self._describe(error)
        self._reads.report_failure()
        if self._reads.is_open:
            self._circuit_opened.set()
            if was_usable or not self._has_tried.is_set():
                message = "Shared cache is not usable, phrases stay local (%s, %s)"
                self._log.warning(message, self._address, self._problem)

    def _store(self, name: str, pcm: Pcm, cost: float) -> None:
        try:
            if self._client is None or self._writes.pause_seconds:
                self._drop(self._write_problem)
                return
            self._client.set(name, seal(name, pcm, cost))
        except Exception as error:  # noqa: BLE001 as in `clear`
            self._writes.report_failure()
            self._write_problem = self._describe(error)
            self._drop(self._write_problem)
        else:
            self._writes.report_success()
            self._write_problem = ""
            self._count("stored")
        finally:
            with self._lock:
                self._queued_bytes -= pcm.nbytes

    @contextmanager
    def _claim_counted(self, name: str) -> Iterator[None]:
        """Count a lookup that may claim `name`. At the end of the last one, end its claim if it was released before."""
        with self._lock:
            self._claiming[name] += 1
        try:
            yield
        finally:
            with self._lock:
                # This drops counts of 0.
                self._claiming -= Counter((name,))
                is_released = name in self._released and name not in self._claiming
                if is_released:
                    self._released.remove(name)
            if is_released:
                self.release(name)

    def _remember_claim(self, name: str) -> None:
        now = time.monotonic()
        with self._lock:
            valid = {other: at for other, at in self._claimed_at.items() if now - at < CLAIM_SECONDS}
            self._claimed_at = {**valid, name: now}

    def _end_claim(self, name: str) -> None:
        if self._client and not self._reads.is_open:
            # The store ends it in ten seconds anyway.
            with suppress(Exception):
                self._client.end_claim(name)

    def _drop(self, reason: str) -> None:
        self._count("dropped")
        self._rare_log.warning("dropped", "Shared cache does not store a phrase (%s)", reason)

    def _count(self, what: str) -> None:
        with self._lock:
            self._counts[what] += 1

    def _describe(self, error: Exception) -> str:
        """Return the message of an error in one short line without secrets."""
        text = " ".join(str(error).split()) or type(error).__name__
        for secret in self._address.secrets:
            text = text.replace(secret, "***")
        return text[:MAX_PROBLEM_CHARACTERS]
