"""Writes recommendations to a file while the server runs, so that `check` can show them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from wyoming_kokoro.api.background import keep_running
from wyoming_kokoro.api.metrics import Advice
from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro.decoding import parse_json
from wyoming_kokoro.metrics.advice import AdviceInput, recommend
from wyoming_kokoro.metrics.sentence_patterns import SentencePattern, find_most_frequent
from wyoming_kokoro.storage import write_atomically

MAX_SENTENCES = 300
FILE_NAME = "advice.json"
WRITE_INTERVAL_SECONDS = 600.0

CollectInput = Callable[[], Awaitable[AdviceInput]]

log = logging.getLogger(__name__)


class MissedPhrases:
    """The last sentences that were not cached. They are stored in memory only."""

    def __init__(self) -> None:
        self._sentences: deque[str] = deque(maxlen=MAX_SENTENCES)

    def observe(self, observation: Observation) -> None:
        """Remember a sentence that was synthesized."""
        if isinstance(observation, SegmentFinished) and observation.seconds and not observation.cached:
            self._sentences.append(observation.text)

    async def find_pattern(self) -> tuple[SentencePattern | None, int]:
        """Return the most frequent pattern of the sentences, and the number of sentences."""
        sentences = tuple(self._sentences)
        return await asyncio.to_thread(find_most_frequent, sentences), len(sentences)


@asynccontextmanager
async def write_advice_regularly(collect: CollectInput, folder: Path) -> AsyncIterator[None]:
    """Write the advice to `folder` every ten minutes and at the end."""
    task = asyncio.create_task(keep_running(lambda: _repeat_write(collect, folder), "Advice"))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        await write_advice(collect, folder)


async def write_advice(collect: CollectInput, folder: Path) -> None:
    """Write the advice to `folder`, without spoken text. An error of the disk is logged at debug level."""
    advice = recommend(redact(await collect()))
    try:
        await asyncio.to_thread(write_atomically, folder / FILE_NAME, msgspec.json.encode(advice))
    except OSError as error:
        log.debug("Advice cannot be written: %s", error)


def read_advice(folder: Path) -> tuple[Advice, ...]:
    """Return the advice that a server wrote last, or an empty tuple. Blocks."""
    with suppress(OSError, ValueError):
        return parse_json((folder / FILE_NAME).read_bytes(), tuple[Advice, ...])
    return ()


def redact(facts: AdviceInput) -> AdviceInput:
    """Return `facts` without spoken text."""
    pattern = facts.pattern
    return replace(facts, pattern=replace(pattern, text="", fillers=()) if pattern else None)


async def _repeat_write(collect: CollectInput, folder: Path) -> None:
    while True:
        await asyncio.sleep(WRITE_INTERVAL_SECONDS)
        await write_advice(collect, folder)
