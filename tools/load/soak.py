"""Ask a server for thousands of things, as a house does in months: does it fail, does it grow, does it leak?

    python -m tools.load.soak [--requests 20000] [--at-once 2] [--seed 1] [--config FILE]

Of the requests more than half repeat what was said before, a third are for speech that was never made (two fifths of
those go away in the middle), the others are broken clients, and those who only ask what the server is. What each
request is follows from the seed and its number. The memory at the end, after a rest, is compared with that after a
tenth of the requests, which of 20,000 is 2,000. As many are let in as ask at once: what is refused is what
`overload.py` looks at, and who is refused and asks again each second may do so in vain for a minute. The exit code is 0
if no good request failed, the memory grew by at most 5 %, and no thread, task, file or connection is left.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from wyoming.audio import AudioChunk
from wyoming.client import AsyncClient

from tools.load.malformed_conversations import converse, draw
from tools.load.server_process import (
    ANSWER_SECONDS,
    Failed,
    Heard,
    Refusal,
    Vitals,
    alone,
    complaints,
    counted,
    hear,
    in_pieces,
    new_words,
    settle,
    tasks,
    tell,
)
from tools.measure.household_server import Server, serving
from wyoming_kokoro.config import Config, load
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.ping import described

VOICES = ("af_heart", "af_bella", "am_michael", "bf_emma", "bm_george", "ff_siwis", "if_sara", "ef_dora")
KNOWN_PHRASES = 80
SHARES = {"repeated": 56, "new": 18, "new and long": 1, "cancelled": 13, "broken": 9, "described": 3}
"""How many of a hundred requests are of which kind."""
NEVER_MADE = {"new", "new and long", "cancelled"}
LONG_WORDS = 40
REFUSED_SECONDS = 1.0
"""A client that was refused asks again after so long."""
MOST_TRIES = 60
REST_SECONDS = 15.0
MOST_GROWTH = 1.05
SHOWN = 5


@dataclass(slots=True)
class Tally:
    """What became of the requests."""

    done: list[str] = field(default_factory=list)
    """The kind of each."""
    failures: list[str] = field(default_factory=list)
    """Good requests that failed."""
    refusals: int = 0
    speech: float = 0.0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that is asked for."""

    kind: str
    text: str
    voice: str
    streamed: bool
    dice: Random

    @classmethod
    def number(cls, number: int, seed: int) -> Request:
        """Return the request of that number: the same each time."""
        dice = Random(f"{seed} {number}")
        (kind,) = dice.choices(list(SHARES), list(SHARES.values()))
        voice = dice.choice(VOICES)
        if kind == "repeated":
            known = Random(f"{seed} known {dice.randrange(KNOWN_PHRASES)}")
            return cls(kind, new_words(known, known.randint(2, 6)), known.choice(VOICES), dice.random() < 0.5, dice)
        words = LONG_WORDS if kind == "new and long" else dice.randint(2, 3)
        return cls(kind, new_words(dice, words), voice, dice.random() < 0.5, dice)

    @property
    def pieces(self) -> list[str]:
        """How the text is streamed; empty when it is sent in one."""
        return in_pieces(self.text, self.dice) if self.streamed else []


class Soak:
    """Makes requests, several at a time, and looks at the server between."""

    def __init__(self, server: Server, port: int, requests: int, seed: int) -> None:
        self.tally = Tally()
        self.samples = {0: Vitals.of(server.process.pid)}
        """What was seen after how many requests."""
        self.tasks: list[int] = []
        """Of the event loop, before and after everything."""
        self._server = server
        self._port = port
        self._requests = requests
        self._every = max(1, requests // 20)
        self._numbers = iter(range(requests))
        self._seed = seed
        self._began = time.monotonic()

    async def run(self, at_once: int) -> None:
        """Make all requests, rest, and look once more. Raises `StartupError` if the server ends."""
        page = self._server.child.wait_for_log(r"dashboard is at (\S+)")[1]
        self.tasks.append(await tasks(page))
        await asyncio.gather(*(self._one_after_the_other() for _ in range(at_once)))
        await asyncio.sleep(REST_SECONDS)
        self.tasks.append(await tasks(page))
        self._look()

    @property
    def baseline(self) -> Vitals:
        """What was seen when everything had been opened, and every kind of request been made."""
        return self.samples[2 * self._every]

    async def _one_after_the_other(self) -> None:
        for number in self._numbers:
            request = Request.number(number, self._seed)
            await self._make(request)
            self.tally.done.append(request.kind)
            if len(self.tally.done) % self._every == 0:
                self._look()

    def _look(self) -> None:
        self._server.must_run()
        done = len(self.tally.done)
        self.samples[done] = Vitals.of(self._server.process.pid)
        passed = time.monotonic() - self._began
        left = passed / done * (self._requests - done)
        line = f"{done} requests, {passed:.0f} s, about {left:.0f} s to go: {self.samples[done]}"
        print(
            f"{line}, {len(self.tally.failures)} failures, {self.tally.refusals} refusals", file=sys.stderr, flush=True
        )

    async def _make(self, request: Request) -> None:
        if request.kind == "broken":
            await converse(self._port, draw(request.dice))
        elif request.kind == "cancelled":
            await self._good(request, lambda: cancelled(self._port, request))
        elif request.kind == "described":
            await self._good(request, lambda: described(f"tcp://127.0.0.1:{self._port}"))
        else:
            await self._good(request, lambda: self._hear(request))

    async def _hear(self, request: Request) -> None:
        heard: Heard = await hear(self._port, request.text, request.voice, request.pieces)
        self.tally.speech += heard.seconds
        self.tally.late += heard.late > 0.02

    async def _good(self, request: Request, ask: Callable[[], Awaitable[object]]) -> None:
        """Ask, again when refused; note it when it fails."""
        for _ in range(MOST_TRIES):
            try:
                await ask()
            except Refusal:
                self.tally.refusals += 1
                await asyncio.sleep(REFUSED_SECONDS)
            except (Failed, StartupError) as failure:
                self._failed(request, str(failure))
                return
            else:
                return
        self._failed(request, f"refused {MOST_TRIES} times")

    def _failed(self, request: Request, why: str) -> None:
        self.tally.failures.append(f"{request.kind}: {why}")
        print(f"failed: {self.tally.failures[-1]}", file=sys.stderr, flush=True)


async def cancelled(port: int, request: Request) -> None:
    """Go away at the first sound, or before there is any. Raises `Failed` when nothing comes."""
    async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
        await tell(client, request.text, request.voice, request.pieces)
        if request.dice.random() < 0.5:
            await asyncio.sleep(request.dice.random() * 0.2)
            return
        try:
            await asyncio.wait_for(_first_sound(client), ANSWER_SECONDS)
        except asyncio.TimeoutError:
            raise Failed(f"no sound within {ANSWER_SECONDS:g} s") from None
        except OSError as error:
            raise Failed(f"the connection broke: {error}") from None


async def _first_sound(client: AsyncClient) -> None:
    while event := await client.read_event():
        if AudioChunk.is_type(event.type):
            return
        if event.type == "error":
            raise Refusal(str(event.data))
    raise Failed("it hung up")


def report(soak: Soak, wrong: list[str]) -> Iterator[str]:
    """Yield what was found, line by line."""
    tally, first, last = soak.tally, soak.baseline, list(soak.samples.values())[-1]
    new = sum(kind in NEVER_MADE for kind in tally.done)
    yield f"{len(tally.done)} requests: {counted(tally.done)}"
    yield f"never made before: {100 * new / len(tally.done):.0f} %; heard to the end: {tally.speech:.0f} s of speech"
    yield f"with late audio: {tally.late}; refused, and asked again: {tally.refusals}"
    yield f"good requests that failed: {len(tally.failures)}"
    yield from (f"  {failure}" for failure in tally.failures[:SHOWN])
    yield f"server after a tenth: {first}"
    yield f"server at the end:    {last}"
    yield f"tasks of its event loop: {soak.tasks[0]} before, {soak.tasks[1]} at the end"
    yield f"resident memory: {last.rss_mb / first.rss_mb:.3f} of what it was"
    yield f"complaints in its log: {len(wrong)}"
    yield from (f"  {line}" for line in wrong[:SHOWN])


def is_sound(soak: Soak, wrong: list[str]) -> bool:
    """Return whether nothing failed, grew or was left."""
    first, last = soak.baseline, list(soak.samples.values())[-1]
    grown = last.rss_mb > MOST_GROWTH * first.rss_mb
    left = (
        last.sockets > soak.samples[0].sockets
        or last.threads > first.threads
        or last.files > first.files
        or soak.tasks[1] > soak.tasks[0]
        or last.children
    )
    return not (soak.tally.failures or wrong or grown or left)


async def new_speech_seconds(port: int, seed: int) -> float:
    """Return how long a new phrase takes; the first ones open what is opened once."""
    phrases = [Request.number(number, seed + 1) for number in range(-6, 0)]
    for phrase in phrases[:3]:
        await hear(port, phrase.text, phrase.voice)
    began = time.monotonic()
    for phrase in phrases[3:]:
        await hear(port, phrase.text, phrase.voice)
    return (time.monotonic() - began) / 3


def welcoming(options: argparse.Namespace, folder: Path) -> Config:
    """Return the configuration of a server that lets in all who ask at once."""
    config = alone(load(options.config, {}, {}), folder)
    return replace(config, server=replace(config.server, max_streams=options.at_once))


def main() -> int:
    """Run, and tell what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000, help="at least 20")
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--config", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory() as name, serving(welcoming(options, Path(name) / "server")) as server:
        port = server.ready()
        each = asyncio.run(new_speech_seconds(port, options.seed))
        asyncio.run(settle(server.process.pid))
        expected = options.requests * each * sum(SHARES[kind] for kind in NEVER_MADE) / sum(SHARES.values())
        print(
            f"a new phrase takes {each:.2f} s; this may take {expected / 60:.0f} minutes", file=sys.stderr, flush=True
        )
        soak = Soak(server, port, max(20, options.requests), options.seed)
        asyncio.run(soak.run(options.at_once))
        wrong = complaints(server.log)
    print(*report(soak, wrong), sep="\n")
    return 0 if is_sound(soak, wrong) else 1


if __name__ == "__main__":
    raise SystemExit(main())
