"""Makes what may be asked for while nobody asks for anything."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from wyoming_kokoro import Phrase, Server, SpeechError, WarmupResult
from wyoming_kokoro_warmup.day import DayFile
from wyoming_kokoro_warmup.governor import Governor
from wyoming_kokoro_warmup.learned import Learned
from wyoming_kokoro_warmup.progress import Progress
from wyoming_kokoro_warmup.rounds import RECOVERY_SECONDS, Rounds
from wyoming_kokoro_warmup.wishes import Key, Wishes, key


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When things are looked at again, in seconds."""

    poll: float = 2.0
    """Whether an obstacle is gone."""
    list: float = 180.0
    """What wins most, while it is made: time goes by, and people say things."""
    rest: float = 600.0
    """What is new, when all is done."""
    stumble: float = 1.0
    """After a phrase that could not be spoken."""
    save: float = 30.0
    """What was spent, onto the disk."""
    keep: float = 300.0
    """What was heard, onto the disk."""
    recovery: float = RECOVERY_SECONDS


class Warmup(Rounds):
    """A service: has one phrase after the other made, those that win most first.

    What is in the phrase cache already costs nothing, so that a restart goes on where the last run was.
    """

    def __init__(
        self, server: Server, wishes: Wishes, governor: Governor, file: DayFile, log: logging.Logger, *, rhythm: Rhythm
    ) -> None:
        super().__init__("warmup", log, rhythm.recovery)
        self._server = server
        self._wishes = wishes
        self._governor = governor
        self._file = file
        self._rhythm = rhythm
        self._progress = Progress(log)
        self._ready: set[Key] = set()
        self._unspeakable: set[Key] = set()
        self._day = ""
        self._saved_at = 0.0
        self._unsaved = False

    async def turn(self) -> float:
        """Make what is on the list, until it is done or too old."""
        await self._begin_day()
        await self._allowed()
        phrases = await asyncio.to_thread(self._wishes.read)
        tried = self._ready | self._unspeakable
        wanted = [phrase for phrase in phrases if key(phrase) not in tried]
        clock = asyncio.get_running_loop().time
        old = clock() + self._rhythm.list
        for left, phrase in zip(range(len(wanted), 0, -1), wanted, strict=True):
            await self._allowed()
            if clock() >= old:
                return 0.0
            await self._make(phrase, left, len(phrases))
            self._progress.step(left - 1, len(phrases))
        self._progress.finish(len(phrases) - len(self._unspeakable), len(phrases))
        self._unspeakable.clear()
        return self._rhythm.rest

    async def close(self) -> None:
        """Keep what was spent."""
        if self._unsaved:
            await asyncio.to_thread(self._file.write, self._governor.today)

    async def _begin_day(self) -> None:
        """On a new day look at everything again: the cache may have dropped what was in it."""
        if not self._day:
            self._governor.recall(await asyncio.to_thread(self._file.read))
        today = self._governor.today.day
        if self._day != today:
            self._day = today
            self._ready.clear()

    async def _allowed(self) -> None:
        while obstacle := await asyncio.to_thread(self._governor.why_not, self._server.idle_seconds):
            self._progress.pause(obstacle)
            await asyncio.sleep(self._rhythm.poll)
        self._progress.resume()

    async def _make(self, phrase: Phrase, left: int, total: int) -> None:
        try:
            warmth = await self._server.warm(phrase)
        except SpeechError as error:
            self._log.debug("%r is not made: %s", phrase.text, error)
            self._unspeakable.add(key(phrase))
            await asyncio.sleep(self._rhythm.stumble)
            return
        self._ready.add(key(phrase))
        if warmth != WarmupResult():
            self._progress.begin(left, total)
            await self._spend(warmth)

    async def _spend(self, warmth: WarmupResult) -> None:
        rest = self._governor.spend(warmth)
        self._unsaved = True
        now = asyncio.get_running_loop().time()
        if now - self._saved_at >= self._rhythm.save:
            self._saved_at = now
            self._unsaved = False
            await asyncio.to_thread(self._file.write, self._governor.today)
        await asyncio.sleep(rest)


class Listening(Rounds):
    """A service: keeps, now and then, what was heard."""

    def __init__(self, learned: Learned, log: logging.Logger, rhythm: Rhythm) -> None:
        super().__init__("warmup's learning", log, rhythm.recovery)
        self._learned = learned
        self._rhythm = rhythm

    async def turn(self) -> float:
        """Keep what was heard since the last turn."""
        await asyncio.to_thread(self._learned.keep)
        return self._rhythm.keep

    async def close(self) -> None:
        """Keep the rest."""
        await asyncio.to_thread(self._learned.keep)
