"""What lies below memory: the role, and the lack of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from wyoming_kokoro import CachedPhrase, Pcm, PhraseKey, TextKey
from wyoming_kokoro_phrase_cache.store import Totals


class Tier(Protocol):
    """Keeps recordings and phonemes. Never raises for what the disk does."""

    @property
    def limit(self) -> int:
        """How many bytes may be taken."""

    @property
    def where(self) -> str:
        """Where recordings are kept, in words."""

    async def open(self, forget: Callable[[], None]) -> None:
        """Get ready. `forget` is called, on any thread, when another server may have cleared the cache."""

    async def recording(self, digest: bytes) -> Pcm | None:
        """Return the recording of a `PhraseKey`, or None."""

    async def has(self, digest: bytes) -> bool:
        """Return whether there is one."""

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        """Keep a recording, which nobody changes any more. Returns at once."""

    async def phonemes(self, key: TextKey) -> str | None:
        """Return the phonemes of a text, or None."""

    def put_phonemes(self, key: TextKey, phonemes: str) -> None:
        """Keep the phonemes of a text. Returns at once."""

    async def flush(self) -> None:
        """Wait until everything is written."""

    async def totals(self) -> Totals | None:
        """Return what is kept in all, or None when there is no file."""

    async def listing(self) -> Sequence[CachedPhrase] | None:
        """Return the phrases that were used last, the last first, or None when there is no file."""

    async def clear(self) -> int | None:
        """Forget everything; return how many phrases, or None when there is no file."""

    async def close(self) -> None:
        """Write what waits, and end."""


class NoDisk:
    """Keeps nothing."""

    limit = 0

    def __init__(self, reason: str) -> None:
        """`reason` says why."""
        self.where = f"in memory only ({reason})"

    async def open(self, _: Callable[[], None]) -> None:
        """There is nothing to open."""

    async def recording(self, _: bytes) -> Pcm | None:
        """Return None."""
        return None

    async def has(self, _: bytes) -> bool:
        """Return False."""
        return False

    def put(self, _: PhraseKey, pcm: Pcm, cost: float) -> None:
        """Forget the recording."""

    async def phonemes(self, _: TextKey) -> str | None:
        """Return None."""
        return None

    def put_phonemes(self, _: TextKey, phonemes: str) -> None:
        """Forget the phonemes."""

    async def flush(self) -> None:
        """There is nothing to wait for."""

    async def totals(self) -> Totals | None:
        """Return None."""
        return None

    async def listing(self) -> Sequence[CachedPhrase] | None:
        """Return None."""
        return None

    async def clear(self) -> int | None:
        """Return None."""
        return None

    async def close(self) -> None:
        """There is nothing to close."""
