"""Test servers with the devices of `household_texts`, and a client that sends requests as Home Assistant does."""

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

from wyoming.audio import AudioChunk
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped

from tools.load.server_process import own_directories
from tools.measure.household_texts import ANNOUNCEMENTS, AREAS, DEVICES, HouseholdRequest
from wyoming_kokoro.api.phrase_cache import CacheStats
from wyoming_kokoro.bench.processes import ANSWER_TIMEOUT_SECONDS, ChildProcess, write_config
from wyoming_kokoro.cli.cache import use_cache
from wyoming_kokoro.config import ENVIRONMENT, Config, ServerConfig
from wyoming_kokoro.errors import StartupError

END_SECONDS = 20.0
"""A server that takes longer to stop is killed."""
WARM = "Warmup finished"
PAUSE_SECONDS = 0.05
"""Time between two chunks of a streamed text."""
STREAMED_CHARACTERS, CHUNK_CHARACTERS = 60, 4
"""Home Assistant streams a text that is longer than 60 characters. Later chunks have about four characters."""


@dataclass(frozen=True, slots=True)
class HouseholdServer:
    """A server in a child process."""

    child: ChildProcess
    process: subprocess.Popen[bytes]
    log: Path
    began: float
    """Value of `time.perf_counter` at the start of the process."""

    def ready(self) -> int:
        """Wait until the model is open. Return the port. Raises `StartupError`."""
        self.child.wait_for_log("Ready to speak")
        return int(self.child.wait_for_log(r"Listening on \S+ port (\d+)")[1])

    def dashboard(self) -> str:
        """Wait until the dashboard listens. Return its address. Raises `StartupError`."""
        return self.child.wait_for_log(r"Dashboard listens on (\S+)")[1]

    @property
    def is_warm(self) -> bool:
        """Whether warmup has finished."""
        return WARM in self.log.read_text("utf-8", "replace")

    def must_run(self) -> None:
        """Raise `StartupError` if the process has ended."""
        if self.process.poll() is not None:
            raise self.child.exit_error()


def household(config: Config, folder: Path, idle_seconds: float) -> Config:
    """Return `config` with the devices, unlimited warmup after `idle_seconds`, and a random port of localhost.

    Caches and state are in `folder`; the prepared model is the one of `config`.
    """
    devices = {"phrases": ANNOUNCEMENTS, "devices": dict(DEVICES), "areas": AREAS, "idle_seconds": idle_seconds}
    limits = {"cpu_percent": 100, "max_minutes_per_day": 1440, "max_cpu_celsius": 120}
    return replace(
        config,
        server=ServerConfig("tcp://127.0.0.1:0"),
        directories=own_directories(config, folder),
        log_level="info",
        plugins={**config.plugins, "zeroconf": {"enabled": False}, "warmup": {**devices, **limits}},
        required_plugins=("phrase_cache",),
    )


def unwarmed(config: Config) -> Config:
    """Return `config` without warmup."""
    return replace(config, plugins={**config.plugins, "warmup": {"enabled": False}})


@contextmanager
def serving(config: Config) -> Iterator[HouseholdServer]:
    """Run a server, and stop it at the end."""
    # An installed server has bytecode. Without it a start takes 25 % longer.
    left_out = {*ENVIRONMENT, "PYTHONDONTWRITEBYTECODE"}
    environment = {variable: value for variable, value in os.environ.items() if variable not in left_out}
    with TemporaryDirectory() as folder, (log := Path(folder) / "log").open("wb") as stderr:
        file = log.with_name("config.toml")
        write_config(config, file)
        command = [sys.executable, "-m", "wyoming_kokoro", "serve", "--config", str(file)]
        began = time.perf_counter()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=stderr, env=environment) as process:
            try:
                yield HouseholdServer(ChildProcess("the server", process, log), process, log, began)
            finally:
                end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop the server, even when it is suspended."""
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def cache_stats(config: Config) -> CacheStats:
    """Return the statistics of the phrase cache."""
    return use_cache(config, lambda cache: cache.stats())


# The client


def listen(port: int, request: HouseholdRequest) -> float:
    """Send a request; return the seconds from `synthesize-start` to the first samples. Raises `StartupError`."""
    return asyncio.run(asyncio.wait_for(_request_audio(port, request), ANSWER_TIMEOUT_SECONDS))


async def _request_audio(port: int, request: HouseholdRequest) -> float:
    """Do the work of `listen` on a new connection."""
    first = None
    async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
        await client.write_event(SynthesizeStart().event())
        started_at = time.perf_counter()
        sending = asyncio.create_task(send_text(client, request))
        while not SynthesizeStopped.is_type((event := await read_answer(client)).type):
            if first is None and AudioChunk.is_type(event.type) and event.payload:
                first = time.perf_counter() - started_at
        await sending
    if first is None:
        raise StartupError(f"no audio for “{request.text}”; see the log of the server")
    return first


async def send_text(client: AsyncClient, request: HouseholdRequest) -> None:
    """Send a text of a language model in chunks, and any other text at once.

    Like Home Assistant, send the whole text after the chunks, for servers without streaming.
    """
    first, *others = split_stream(request.text) if request.share == "free" else [request.text]
    await client.write_event(SynthesizeChunk(first).event())
    for chunk in others:
        await asyncio.sleep(PAUSE_SECONDS)
        await client.write_event(SynthesizeChunk(chunk).event())
    await client.write_event(Synthesize(request.text).event())
    await client.write_event(SynthesizeStop().event())


def split_stream(text: str) -> list[str]:
    """Return the chunks in which Home Assistant streams `text`."""
    first = STREAMED_CHARACTERS + 1
    return [
        text[:first],
        *(text[start : start + CHUNK_CHARACTERS] for start in range(first, len(text), CHUNK_CHARACTERS)),
    ]


async def read_answer(client: AsyncClient) -> Event:
    """Return the next event. Raises `StartupError` for an error, and when there is none."""
    event = await client.read_event()
    if event is None or Error.is_type(event.type):
        raise StartupError(f"the server failed: {Error.from_event(event).text if event else 'connection closed'}")
    return event
