"""The service: looks again and again, has memory given back where it is short, and tells the owner once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from wyoming_kokoro import BackgroundService, MemoryPressure, Server
from wyoming_kokoro.api.observations import Level, MemoryPressureChanged
from wyoming_kokoro_memory_watchdog.judgement import MEGABYTE, judge
from wyoming_kokoro_memory_watchdog.reading import Reading, Sensors
from wyoming_kokoro_memory_watchdog.steadiness import LEVELS, Steadiness


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When things are looked at again, in seconds."""

    calm: float = 5.0
    """While all is well."""
    tense: float = 2.0
    """While memory is short."""
    again: float = 60.0
    """Until more is given back, while it stays short."""
    settle: float = 300.0
    """Until the process takes what it will: growth is counted from then on."""


class Watchdog(BackgroundService):
    """Watches for as long as it is entered. Entering waits for nothing; a look that fails is not the last."""

    def __init__(
        self,
        server: Server,
        sensors: Sensors,
        log: logging.Logger,
        rhythm: Rhythm,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._sensors = sensors
        self._log = log
        self._rhythm = rhythm
        self._clock = clock
        self._steadiness = Steadiness()
        self._begun_at = self._again_at = clock()
        self._baseline = 0
        self._failures: set[str] = set()

    async def look(self) -> None:
        """Look once, and do what is to be done."""
        reading = await asyncio.to_thread(self._sensors.read)
        now = self._clock()
        if not self._baseline and now - self._begun_at >= self._rhythm.settle:
            reading = await asyncio.to_thread(self._measured)  # opening the model leaves some 80 MB in pieces
            self._baseline = reading.resident
        seen = judge(reading, self._baseline)
        before = self._steadiness.level
        pressure = replace(seen, level=self._steadiness.follow(seen.level, now))
        if pressure.level != before:
            await self._change(before, pressure)
        elif pressure.level != "normal" and now >= self._again_at:
            await self._relieve(pressure)

    async def run(self) -> None:
        """Look again and again."""
        await asyncio.to_thread(self._sensors.trim)  # what is left then is known to be of use
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 whatever it is, it is logged, and the server is better off with us
                level = logging.DEBUG if repr(error) in self._failures else logging.ERROR
                self._log.log(level, "Looking after the memory has failed; it goes on", exc_info=True)
                self._failures.add(repr(error))
            calm = self._steadiness.level == "normal"
            await asyncio.sleep(self._rhythm.calm if calm else self._rhythm.tense)

    async def _change(self, before: Level, pressure: MemoryPressure) -> None:
        givers, freed = await self._relieve(pressure)
        self._tell(before, pressure, givers, freed)
        self._server.emit(MemoryPressureChanged(before, pressure.level, pressure.reason, freed))

    async def _relieve(self, pressure: MemoryPressure) -> tuple[list[str], int]:
        """Have memory given back until there is enough; return who gave, and how many bytes fewer are in memory."""
        givers = []
        after = pressure.resident_bytes
        async with aclosing(self._server.free_memory(pressure)) as reliefs:
            async for relief in reliefs:
                reading = await asyncio.to_thread(self._measured)
                if relief.bytes or reading.resident < after:
                    givers.append(relief.source)
                after = reading.resident
                if pressure.level != "normal" and judge(reading, self._baseline).level == "normal":
                    break  # that is enough; when all is well everybody is told to the end
        self._again_at = self._clock() + self._rhythm.again
        if self._baseline:
            self._baseline = max(self._baseline, after)  # what stays when all is given back is what there is
        return givers, max(0, pressure.resident_bytes - after)

    def _measured(self) -> Reading:
        self._sensors.trim()
        return self._sensors.read()

    def _tell(self, before: Level, pressure: MemoryPressure, givers: list[str], freed: int) -> None:
        if pressure.level == "normal":
            self._log.info("Memory is no longer short: %s", pressure.reason)
            return
        is_worse = LEVELS.index(pressure.level) > LEVELS.index(before)
        level = logging.WARNING if is_worse and pressure.is_at_least("high") else logging.INFO
        given = f"; {freed / MEGABYTE:.0f} MB were given back ({', '.join(givers)})" if givers else ""
        word = "short" if is_worse else "less short"
        self._log.log(level, "Memory is %s (%s): %s%s", word, pressure.level, pressure.reason, given)
