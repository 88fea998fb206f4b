"""A client that asks as Home Assistant does, and takes note of when it could have heard what."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from wyoming.audio import AudioChunk
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped

ANSWER_SECONDS = 120.0
"""A request that is not answered for so long never will be."""


@dataclass
class Hearing:
    """What came of one request. Seconds count from the moment at which it was written."""

    text: str
    outcome: str = "unanswered"
    """`spoken`, the code of an error, or what became of the connection."""
    arrivals: list[tuple[float, float]] = field(default_factory=list)
    """When each piece of sound came, and how long it plays."""
    ended: float = 0.0

    @property
    def first(self) -> float | None:
        """When the first sound came."""
        return self.arrivals[0][0] if self.arrivals else None

    @property
    def audio(self) -> float:
        """How long all of it plays."""
        return sum(seconds for _, seconds in self.arrivals)

    @property
    def gap(self) -> float:
        """For how long in all a player that begins with the first sound has nothing to play."""
        return gap(self.arrivals)


def gap(arrivals: list[tuple[float, float]]) -> float:
    """Return for how long a player that begins with the first arrival runs dry."""
    dry = 0.0
    played_until = arrivals[0][0] if arrivals else 0.0
    for moment, seconds in arrivals:
        dry += max(0.0, moment - played_until)
        played_until = max(played_until, moment) + seconds
    return dry


async def hear(port: int, text: str, host: str = "127.0.0.1") -> Hearing:
    """Ask on a connection of its own, and listen to the end, whatever it is."""
    hearing = Hearing(text)
    began = time.perf_counter()
    try:
        await asyncio.wait_for(_hear(hearing, f"tcp://{host}:{port}"), ANSWER_SECONDS)
    except ConnectionRefusedError:
        hearing.outcome = "connection refused"
    except (OSError, EOFError) as error:
        hearing.outcome = f"connection broken ({type(error).__name__})"
    except asyncio.TimeoutError:
        pass
    hearing.ended = hearing.ended or time.perf_counter() - began
    return hearing


async def _hear(hearing: Hearing, uri: str) -> None:
    async with AsyncClient.from_uri(uri) as client:
        asked = time.perf_counter()
        for event in _exchange(hearing.text):
            await client.write_event(event)
        while event := await client.read_event():
            now = time.perf_counter() - asked
            if AudioChunk.is_type(event.type):
                chunk = AudioChunk.from_event(event)
                hearing.arrivals.append((now, chunk.samples / chunk.rate))
            elif Error.is_type(event.type):
                hearing.outcome, hearing.ended = Error.from_event(event).code or "error", now
            elif SynthesizeStopped.is_type(event.type):
                hearing.outcome = "spoken" if hearing.outcome == "unanswered" else hearing.outcome
                hearing.ended = hearing.ended or now
                return
        hearing.outcome = "hung up" if hearing.outcome == "unanswered" else hearing.outcome


def _exchange(text: str) -> list[Event]:
    return [
        SynthesizeStart().event(),
        SynthesizeChunk(text).event(),
        Synthesize(text).event(),
        SynthesizeStop().event(),
    ]
