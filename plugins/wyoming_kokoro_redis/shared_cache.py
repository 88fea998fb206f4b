"""The cache of one server, with the store of all servers behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from wyoming_kokoro import CachedPhrase, CacheStats, Pcm, PhraseCache, PhraseKey, TextKey
from wyoming_kokoro_redis.store import SharedStore

# A distilled model needs about this for a short phrase. With the full model, the wait delays the first audio by half.
WAIT_SECONDS = 0.05
POLL_INTERVAL_SECONDS = 0.01


class SharedPhraseCache:
    """A `PhraseCache` that looks into a local cache, then into the shared store.

    A recording from the store is put into the local cache at once. Phonemes are not shared.
    """

    def __init__(self, local: PhraseCache, machine: str, store: SharedStore) -> None:
        """Servers with another `machine` use other names in the store."""
        self._local = local
        self._machine = machine
        self._store = store

    async def open(self) -> None:
        """Begin to connect to the store, and open the local cache."""
        self._store.open()
        await self._local.open()

    async def get(self, key: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        """Return the recording of `key`, or None. Waits briefly if another server is synthesizing it."""
        with self._released_if_cancelled(key):
            pcm = None if await self._local.has(key) else await self._wait_for(key)
            chunks = await self._local.get(key)
        if chunks is None and pcm is not None:
            # The local cache has no room for it.
            return _one_chunk(pcm)
        return chunks

    async def has(self, key: PhraseKey) -> bool:
        """Return whether `key` is cached. If only the store has it, it is put into the local cache."""
        return await self._local.has(key) or await self._store.load(*self._lookup(key)) is not None

    async def claim(self, key: PhraseKey) -> bool:
        """Return whether no other server is synthesizing `key`, or has stored it meanwhile."""
        with self._released_if_cancelled(key):
            answer = await self._store.load_or_claim(*self._lookup(key))
        return answer.pcm is None and not answer.is_elsewhere

    def release(self, key: PhraseKey) -> None:
        """End the claim of `get` or `claim`, unless the recording was put. Returns at once."""
        self._store.release(self._name(key))

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        """Put a recording into the local cache and into the store. Returns at once."""
        self._local.put(key, pcm, cost)
        self._store.put(self._name(key), pcm, cost)

    async def phonemes(self, key: TextKey) -> str | None:
        """Return the phonemes of `key` in the local cache."""
        return await self._local.phonemes(key)

    def put_phonemes(self, key: TextKey, phonemes: str) -> None:
        """Put the phonemes of a text into the local cache."""
        self._local.put_phonemes(key, phonemes)

    async def flush(self) -> None:
        """Wait until everything is stored, here and in the store."""
        await self._store.flush()
        await self._local.flush()

    async def stats(self) -> CacheStats:
        """Return the statistics of the local cache and of the store."""
        return replace(await self._local.stats(), shared=await self._store.stats())

    async def phrases(self) -> Sequence[CachedPhrase]:
        """Return the phrases of the local cache."""
        return await self._local.phrases()

    def trim(self, size: int) -> int:
        """Free memory of the local cache."""
        return self._local.trim(size)

    async def clear(self) -> int:
        """Delete the phrases of the store and of the local cache. Return the number of the latter."""
        await self._store.clear()
        return await self._local.clear()

    async def close(self) -> None:
        """Store what waits, and close both."""
        await self._store.close()
        await self._local.close()

    def _name(self, key: PhraseKey) -> str:
        # A cluster keeps all names with the same text in braces on one node.
        return f"{self._machine}:{{{key.digest.hex()}}}"

    def _lookup(self, key: PhraseKey) -> tuple[str, Callable[[Pcm, float], object]]:
        return self._name(key), lambda pcm, cost: self._local.put(key, pcm, cost)

    @contextmanager
    def _released_if_cancelled(self, key: PhraseKey) -> Iterator[None]:
        """Release `key` if the block is cancelled, because the caller does not know then that it was claimed."""
        try:
            yield
        except asyncio.CancelledError:
            self.release(key)
            raise

    async def _wait_for(self, key: PhraseKey) -> Pcm | None:
        """Return the recording in the store. If another server is synthesizing it, give it some time."""
        deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
        while True:
            answer = await self._store.load_or_claim(*self._lookup(key))
            if not answer.is_elsewhere or asyncio.get_running_loop().time() >= deadline:
                return answer.pcm
            await asyncio.sleep(POLL_INTERVAL_SECONDS)


async def _one_chunk(pcm: Pcm) -> AsyncGenerator[Pcm, None]:
    yield pcm
