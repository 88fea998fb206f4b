"""The services of the plugin: synthesis of predicted phrases, and learning."""

from __future__ import annotations

import asyncio
import logging
import math
from datetime import date

from wyoming_kokoro import BackgroundService, Phrase, PhraseQueue, Server, SpeechError
from wyoming_kokoro_warmup.learned_phrases import LearnedPhrases
from wyoming_kokoro_warmup.throttle import Throttle

_Key = tuple[str, "str | None"]

PAUSE_POLL_SECONDS = 2.0
# The order of the queue changes with the time of day and with learning.
QUEUE_MAX_AGE_SECONDS = 180.0
# How often to look for new phrases when all are cached.
QUEUE_POLL_SECONDS = 600.0
FAILED_PHRASE_REST_SECONDS = 1.0
SAVE_INTERVAL_SECONDS = 300.0
RETRY_SECONDS = 60.0
# Another server needs a second or a few for a phrase.
ELSEWHERE_RETRY_SECONDS = 10.0
# Between two log lines with the same reason for a pause.
PAUSE_LOG_INTERVAL_SECONDS = 3600.0


class WarmupService(BackgroundService):
    """Synthesizes the phrases of the queue one after the other, while the server is idle.

    Phrases that are cached already take no time, so a restarted server continues where it stopped. Servers with a
    shared cache divide the queue: each one skips the phrases that another one is synthesizing, and looks again later.
    """

    def __init__(
        self, server: Server, queue: PhraseQueue, throttle: Throttle, recheck: asyncio.Event, log: logging.Logger
    ) -> None:
        """`recheck` is set when cached phrases may sound different."""
        self._server = server
        self._queue = queue
        self._throttle = throttle
        self._recheck = recheck
        self._log = log
        self._cached: set[_Key] = set()
        self._failed: set[_Key] = set()
        self._day: date | None = None
        self._pauses_logged_at: dict[str, float] = {}
        self._has_started = False
        self._log_level = logging.INFO

    async def run(self) -> None:
        """Work through the queue until the server stops."""
        await self.repeat(self._process_queue, self._log, RETRY_SECONDS)

    async def _process_queue(self) -> float:
        """Synthesize the queue until its end, or until its order is too old. Return the seconds to wait."""
        # Check all phrases again once a day: the cache may have dropped some.
        if self._day != self._throttle.today or self._recheck.is_set():
            self._day = self._throttle.today
            self._recheck.clear()
            self._cached.clear()
        await self._wait_until_allowed()
        phrases = await asyncio.to_thread(self._queue.read)
        done = self._cached | self._failed
        remaining = [phrase for phrase in phrases if _key(phrase) not in done]
        clock = asyncio.get_running_loop().time
        deadline = clock() + QUEUE_MAX_AGE_SECONDS
        is_divided = False
        for index, phrase in enumerate(remaining):
            await self._wait_until_allowed()
            if clock() >= deadline:
                return 0.0
            is_divided |= await self._synthesize(phrase, len(remaining) - index)
        if is_divided:
            return ELSEWHERE_RETRY_SECONDS
        if self._has_started:
            cached = len(phrases) - len(self._failed)
            self._log.log(self._log_level, "Warmup finished (%d of %d phrases cached)", cached, len(phrases))
        # Later runs concern only a few new phrases.
        self._has_started, self._log_level = False, logging.DEBUG
        self._failed.clear()
        await self._wait_for_recheck()
        return 0.0

    async def _wait_for_recheck(self) -> None:
        waiting = asyncio.create_task(self._recheck.wait())
        try:
            # Before Python 3.12, `asyncio.wait_for` loses a cancellation that arrives just after the event.
            await asyncio.wait({waiting}, timeout=QUEUE_POLL_SECONDS)
        finally:
            waiting.cancel()
            await asyncio.wait({waiting})

    async def _wait_until_allowed(self) -> None:
        while reason := await asyncio.to_thread(self._throttle.pause_reason, self._server.idle_seconds):
            now = asyncio.get_running_loop().time()
            if now - self._pauses_logged_at.get(reason.name, -math.inf) >= PAUSE_LOG_INTERVAL_SECONDS:
                self._pauses_logged_at[reason.name] = now
                self._log.log(reason.log_level, "Warmup paused (%s)", reason.message)
            await asyncio.sleep(PAUSE_POLL_SECONDS)

    async def _synthesize(self, phrase: Phrase, remaining: int) -> bool:
        """Return whether another server is synthesizing the phrase."""
        try:
            result = await self._server.warm(phrase)
        except SpeechError as error:
            self._log.debug("Warmup skipped %r: %s", phrase.text, error)
            self._failed.add(_key(phrase))
            await asyncio.sleep(FAILED_PHRASE_REST_SECONDS)
            return False
        if not result.is_elsewhere:
            self._cached.add(_key(phrase))
        if result.work_seconds:
            if not self._has_started:
                self._has_started = True
                self._log.log(self._log_level, "Warmup started (up to %d phrases)", remaining)
            await asyncio.sleep(self._throttle.add_work(result.work_seconds))
        return result.is_elsewhere


class LearningService(BackgroundService):
    """Saves spoken phrases at intervals, and when the server stops."""

    def __init__(self, learned: LearnedPhrases, log: logging.Logger) -> None:
        self._learned = learned
        self._log = log

    async def run(self) -> None:
        """Save until the server stops."""
        await self.repeat(self._save, self._log, RETRY_SECONDS)

    async def __aexit__(self, *reason: object) -> None:
        await super().__aexit__(*reason)
        await self._save()

    async def _save(self) -> float:
        await asyncio.to_thread(self._learned.save)
        return SAVE_INTERVAL_SECONDS


def _key(phrase: Phrase) -> _Key:
    # The rate of a phrase changes between two readings of the queue.
    return phrase.text, phrase.voice
