"""What `soak` and `fuzz` share: a server of their own, watched from outside, and a client that listens closely."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random

import httpx
import psutil
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped, SynthesizeVoice

from wyoming_kokoro.config import Config, Directories, ServerConfig
from wyoming_kokoro.types import SAMPLE_RATE

ANSWER_SECONDS = 60.0
REST_SECONDS, MOST_SETTLE_SECONDS = 30.0, 300.0
"""A server that was quiet for five seconds opens faster providers, and tries them."""
STEADY_MB = 1.0
SYLLABLES = [consonant + vowel for consonant in "bdfghklmnprstvz" for vowel in "aeio"]
WORDS = ("door", "light", "kitchen", "garden", "window", "morning", "water", "music", "seven", "evening", "river")
COMPLAINT = re.compile(
    r" ERROR | CRITICAL |never retrieved|never awaited|^Traceback|unraisable|ResourceWarning", re.MULTILINE
)
REFUSALS = {"overloaded", "too-many-connections", "too-many-requests"}
"""The codes of errors with which a server under load may refuse: nothing is wrong, the client asks again."""


def alone(config: Config, folder: Path) -> Config:
    """Return `config` for a server that only this machine can find, that does nothing unasked, with its own caches in
    `folder`, but with the prepared model of `config`.
    """
    (folder / "cache").mkdir(parents=True)
    for shared in ("models", "stages"):
        own = config.directories.cache_path / shared
        own.mkdir(parents=True, exist_ok=True)
        (folder / "cache" / shared).symlink_to(own.absolute())
    off = {name: {"enabled": False} for name in ("zeroconf", "warmup")}
    return replace(
        config,
        server=ServerConfig("tcp://127.0.0.1:0"),
        directories=Directories(str(folder / "cache"), str(folder / "state")),
        plugins={**config.plugins, **off, "dashboard": {"port": 0}},
    )


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the system tells of a process."""

    rss_mb: float
    threads: int
    files: int
    sockets: int
    children: int

    @classmethod
    def of(cls, pid: int) -> Vitals:
        """Read those of the process `pid`."""
        process = psutil.Process(pid)
        with process.oneshot():
            rss = process.memory_info().rss / 1e6
            return cls(
                round(rss, 1),
                process.num_threads(),
                process.num_fds(),
                len(process.net_connections()),
                len(process.children()),
            )

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in asdict(self).items())


async def tasks(page: str) -> int:
    """Return how many tasks the event loop of a server has, by its metrics; `page` is the address of its dashboard."""
    async with httpx.AsyncClient() as client:
        metrics = (await client.get(f"{page}metrics")).raise_for_status().text
    found = re.search(r"^wyoming_kokoro_tasks (\S+)$", metrics, re.MULTILINE)
    assert found, metrics
    return int(float(found[1]))


async def settle(pid: int) -> None:
    """Wait until a server that nobody asks has tried its providers, and its memory rests; for so long at most."""
    before, rested, began = 0.0, 0.0, time.monotonic()
    while rested < REST_SECONDS and time.monotonic() - began < MOST_SETTLE_SECONDS:
        await asyncio.sleep(1)
        now = Vitals.of(pid).rss_mb
        rested = rested + 1 if abs(now - before) < STEADY_MB else 0.0
        before = now


def complaints(log: Path) -> list[str]:
    """Return the lines of a server's log that tell of something that is wrong inside."""
    return [line for line in log.read_text("utf-8", "replace").splitlines() if COMPLAINT.search(line)]


@dataclass(frozen=True, slots=True)
class Heard:
    """How an answer sounded to somebody who plays it while it comes."""

    seconds: float
    """The sound's length."""
    first: float
    """When its first samples came."""
    late: float
    """How long the player had nothing to play, all gaps together."""


class Failed(Exception):
    """A good request that was not answered as it should be."""


class Refusal(Exception):
    """The server says that it has too much to do."""


async def hear(port: int, text: str, voice: str = "", pieces: Sequence[str] = ()) -> Heard:
    """Have `text` spoken, streamed in `pieces` if there are any, and listen to the end, as Home Assistant does.

    Raises `Failed` and `Refusal`.
    """
    try:
        return await asyncio.wait_for(_hear(port, text, voice, pieces), ANSWER_SECONDS)
    except asyncio.TimeoutError:
        raise Failed(f"no end after {ANSWER_SECONDS:g} s") from None
    except OSError as error:
        raise Failed(f"the connection broke: {error}") from None


async def _hear(port: int, text: str, voice: str, pieces: Sequence[str]) -> Heard:
    player = _Player()
    async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
        end = SynthesizeStopped if pieces else AudioStop
        telling = asyncio.create_task(tell(client, text, voice, pieces))
        try:
            while not end.is_type((event := await _received(client)).type):
                player.take(event)
        finally:
            telling.cancel()
            await asyncio.wait({telling})
    return player.heard()


async def tell(client: AsyncClient, text: str, voice: str, pieces: Sequence[str]) -> None:
    """Ask, in one piece or as Home Assistant does: the pieces, then the whole for servers that cannot stream."""
    wish = SynthesizeVoice(name=voice) if voice else None
    if not pieces:
        await client.write_event(Synthesize(text, voice=wish).event())
        return
    await client.write_event(SynthesizeStart(voice=wish).event())
    for piece in pieces:
        await client.write_event(SynthesizeChunk(piece).event())
    await client.write_event(Synthesize(text, voice=wish).event())
    await client.write_event(SynthesizeStop().event())


async def _received(client: AsyncClient) -> Event:
    event = await client.read_event()
    if event is None:
        raise Failed("it hung up")
    if Error.is_type(event.type):
        error = Error.from_event(event)
        raise (Refusal if error.code in REFUSALS else Failed)(f"{error.code}: {error.text}")
    return event


class _Player:
    """Plays from the first samples on, and waits whenever they have run out."""

    def __init__(self) -> None:
        self._asked = time.perf_counter()
        self._first = 0.0
        self._ends = 0.0
        self._late = 0.0
        self._samples = 0
        self._begun = self._stopped = False

    def take(self, event: Event) -> None:
        """Take what came. Raises `Failed` when it is out of order."""
        if AudioStart.is_type(event.type):
            self._begun = True
        elif AudioStop.is_type(event.type):
            self._stopped = True
        elif AudioChunk.is_type(event.type):
            if not self._begun or self._stopped:
                raise Failed("sound came before its beginning, or after its end")
            self._play(len(event.payload or b"") // 2)

    def _play(self, samples: int) -> None:
        now = time.perf_counter()
        if not self._samples:
            self._first = self._ends = now
        self._late += max(0.0, now - self._ends)
        self._ends = max(now, self._ends) + samples / SAMPLE_RATE
        self._samples += samples

    def heard(self) -> Heard:
        """Return how it was. Raises `Failed` when nothing was heard."""
        if self._samples < SAMPLE_RATE / 10:
            raise Failed(f"only {self._samples} samples came")
        return Heard(self._samples / SAMPLE_RATE, self._first - self._asked, self._late)


def new_words(dice: Random, count: int) -> str:
    """Return `count` words, of which the first is so rare that nobody ever said it before."""
    rare = "".join(dice.choices(SYLLABLES, k=5))
    return " ".join([rare, *dice.choices(WORDS, k=count - 1)]).capitalize() + "."


def in_pieces(text: str, dice: Random) -> list[str]:
    """Return `text` in pieces of a few letters, as a language model writes."""
    pieces, place = [], 0
    while place < len(text):
        step = dice.randint(1, 12)
        pieces.append(text[place : place + step])
        place += step
    return pieces


def counted(names: Iterable[str]) -> str:
    """Return how often each name occurs, in words."""
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda item: -item[1]))
