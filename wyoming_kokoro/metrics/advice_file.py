"""Keeps what advice stands on while the server runs, and leaves the advice where `check` finds it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from wyoming_kokoro.api.metrics import Advice
from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro.metrics.advice import AdviceInput, recommend
from wyoming_kokoro.metrics.sentence_patterns import Pattern, most_frequent
from wyoming_kokoro.storage import write_atomically

MAX_SENTENCES = 300
"""So many of the last sentences that had to be made are looked at; they are in memory only."""
FILE = "advice.json"
WRITE_INTERVAL_SECONDS = 600.0

CollectInput = Callable[[], Awaitable[AdviceInput]]

log = logging.getLogger(__name__)


class MissedPhrases:
    """The last sentences that the phrase cache did not have."""

    def __init__(self) -> None:
        self._sentences: deque[str] = deque(maxlen=MAX_SENTENCES)

    def observe(self, observation: Observation) -> None:
        """Remember what was said and had to be made."""
        if isinstance(observation, SegmentFinished) and observation.seconds and not observation.cached:
            self._sentences.append(observation.text)

    async def pattern(self) -> tuple[Pattern | None, int]:
        """Return the template that made most of them, and how many there are."""
        sentences = tuple(self._sentences)
        return await asyncio.to_thread(most_frequent, sentences), len(sentences)


@asynccontextmanager
async def advice_written_regularly(collect: CollectInput, folder: Path) -> AsyncIterator[None]:
    """Write the advice into `folder` now and then, and at the end; it tells nothing of what was said."""
    writing = asyncio.create_task(_write_now_and_then(collect, folder))
    try:
        yield
    finally:
        writing.cancel()
        await asyncio.wait([writing])
        await write(collect, folder)


async def write(collect: CollectInput, folder: Path) -> None:
    """Write the advice into `folder`; a disk that takes nothing is a debug line."""
    found = recommend(redacted(await collect()))
    try:
        await asyncio.to_thread(_write, folder / FILE, found)
    except OSError as error:
        log.debug("The advice is not written: %s", error)


def read(folder: Path) -> tuple[Advice, ...]:
    """Return what the server wrote last, or nothing. Blocks."""
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((folder / FILE).read_bytes(), type=tuple[Advice, ...])
    return ()


def redacted(facts: AdviceInput) -> AdviceInput:
    """Return `facts` without what was said in the house."""
    pattern = facts.pattern
    return replace(facts, pattern=replace(pattern, text="", fillers=()) if pattern else None)


async def _write_now_and_then(collect: CollectInput, folder: Path) -> None:
    while True:
        await asyncio.sleep(WRITE_INTERVAL_SECONDS)
        await write(collect, folder)


def _write(file: Path, found: tuple[Advice, ...]) -> None:
    write_atomically(file, msgspec.json.encode(found))
