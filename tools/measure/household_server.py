"""Servers that know the house of `household_texts`, with their own caches, and a client that asks as Home Assistant."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from wyoming.audio import AudioChunk
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped

from tools.measure.household_texts import ANNOUNCEMENTS, AREAS, DEVICES, Request
from wyoming_kokoro.api.phrase_cache import CacheStats
from wyoming_kokoro.bench.processes import ANSWER_TIMEOUT_SECONDS, ChildProcess, write_config
from wyoming_kokoro.cli.cache import stats
from wyoming_kokoro.config import ENVIRONMENT, Config, Directories, ServerConfig
from wyoming_kokoro.errors import StartupError

END_SECONDS = 20.0
"""How long a server that was told to stop may take."""
WARM = "warming up is done"
"""What the log says then."""
PAUSE_SECONDS = 0.05
"""Between two pieces of what a language model says."""
STREAMED_CHARACTERS, PIECE_CHARACTERS = 60, 4
"""Home Assistant hands on a longer answer while it grows, by so much at a time."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server in a process of its own."""

    child: ChildProcess
    process: subprocess.Popen[bytes]
    log: Path
    began: float
    """The moment at which the process was started."""

    def ready(self) -> int:
        """Wait until it can speak; return its port. Raises `StartupError`."""
        self.child.wait_for_log("Ready to speak")
        return int(self.child.wait_for_log(r"Listening on \S+ port (\d+)")[1])

    @property
    def is_warm(self) -> bool:
        """Whether it has made everything that it wanted to make."""
        return WARM in self.log.read_text("utf-8", "replace")

    def must_run(self) -> None:
        """Raise `StartupError` if it has ended."""
        if self.process.poll() is not None:
            raise self.child.exit_error()


def household(config: Config, folder: Path, idle_seconds: float) -> Config:
    """Return `config` for a server that knows the house, and warms up as fast as it can when nobody has been spoken to
    for `idle_seconds`. Only this machine can find it; its caches are in `folder`, but the model is that of `config`.
    """
    (folder / "cache").mkdir(parents=True)
    for shared in ("models", "stages"):
        own = config.directories.cache_path / shared
        own.mkdir(parents=True, exist_ok=True)
        (folder / "cache" / shared).symlink_to(own.absolute())
    house = {"phrases": ANNOUNCEMENTS, "devices": dict(DEVICES), "areas": AREAS, "idle_seconds": idle_seconds}
    budget = {"processor_percent": 100, "minutes_a_day": 1440, "megabytes_a_day": 1_000_000, "celsius": 120}
    return replace(
        config,
        server=ServerConfig("tcp://127.0.0.1:0"),
        directories=Directories(str(folder / "cache"), str(folder / "state")),
        log_level="info",
        plugins={**config.plugins, "zeroconf": {"enabled": False}, "warmup": {**house, **budget}},
        required_plugins=("phrase_cache",),
    )


def unwarmed(config: Config) -> Config:
    """Return `config` for a server that does nothing unasked."""
    return replace(config, plugins={**config.plugins, "warmup": {"enabled": False}})


@contextmanager
def serving(config: Config) -> Iterator[Server]:
    """Run a server; on leaving it is stopped, and waited for."""
    # An installed server has its bytecode: one that compiles its source at every start starts a quarter slower.
    left_out = {*ENVIRONMENT, "PYTHONDONTWRITEBYTECODE"}
    environment = {variable: value for variable, value in os.environ.items() if variable not in left_out}
    with TemporaryDirectory() as folder, (log := Path(folder) / "log").open("wb") as stderr:
        file = log.with_name("config.toml")
        write_config(config, file)
        command = [sys.executable, "-m", "wyoming_kokoro", "serve", "--config", str(file)]
        began = time.perf_counter()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=stderr, env=environment) as process:
            try:
                yield Server(ChildProcess("the server", process, log), process, log, began)
            finally:
                end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a server, even one that is suspended."""
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def cache_stats(config: Config) -> CacheStats:
    """Return what `cache stats --json` tells."""
    return msgspec.json.decode(asyncio.run(stats(config, as_json=True)), type=CacheStats)


# The client


def listen(port: int, request: Request) -> float:
    """Ask the server on `port`; return the seconds from the written beginning to the first samples.

    Raises `StartupError`.
    """
    return asyncio.run(asyncio.wait_for(listened(port, request), ANSWER_TIMEOUT_SECONDS))


async def listened(port: int, request: Request) -> float:
    """Ask on a connection of its own, listen to the end, and return what `listen` returns."""
    first = None
    async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
        await client.write_event(SynthesizeStart().event())
        asked = time.perf_counter()
        telling = asyncio.create_task(tell(client, request))
        while not SynthesizeStopped.is_type((event := await received(client)).type):
            if first is None and AudioChunk.is_type(event.type) and event.payload:
                first = time.perf_counter() - asked
        await telling
    if first is None:
        raise StartupError(f"“{request.text}” has no sound; see the log")
    return first


async def tell(client: AsyncClient, request: Request) -> None:
    """Send the text, that of a language model as it grows, all other at once; then the whole, for old servers."""
    first, *others = growing(request.text) if request.share == "free" else [request.text]
    await client.write_event(SynthesizeChunk(first).event())
    for piece in others:
        await asyncio.sleep(PAUSE_SECONDS)
        await client.write_event(SynthesizeChunk(piece).event())
    await client.write_event(Synthesize(request.text).event())
    await client.write_event(SynthesizeStop().event())


def growing(text: str) -> list[str]:
    """Return `text` in the pieces in which Home Assistant hands it on."""
    begun = STREAMED_CHARACTERS + 1
    pieces = range(begun, len(text), PIECE_CHARACTERS)
    return [text[:begun], *(text[place : place + PIECE_CHARACTERS] for place in pieces)]


async def received(client: AsyncClient) -> Event:
    """Return the next event. Raises `StartupError` for an error, and when there is none."""
    event = await client.read_event()
    if event is None or Error.is_type(event.type):
        raise StartupError(f"the server cannot speak: {Error.from_event(event).text if event else 'it hung up'}")
    return event
