"""What happens to a machine that runs for years: it is suspended, its clock is set, its network goes away."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.tts import Synthesize

from tests.plugins.home_network import BOX, home
from wyoming_kokoro import SAMPLE_RATE

LONG = "A quick brown fox jumps over the lazy dog, and then it sleeps under the old oak tree. " * 2
# With a number of threads nobody looks for one: psutil cannot wait under a clock that was set.
QUIET = "[model]\nthreads = 2\n[plugins.zeroconf]\nenabled = false\n[plugins.warmup]\nenabled = false\n"
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
YEAR = 365 * 24 * 3600


@pytest.fixture
def environment() -> dict[str, str]:
    return dict(os.environ)


class Program:
    """A server on the real model."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.port = 0
        self.log = ""

    async def said(self, pattern: str) -> re.Match[str]:
        assert self.process.stderr
        while line := (await asyncio.wait_for(self.process.stderr.readline(), 120)).decode():
            self.log += line
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"ended without saying {pattern!r}:\n{self.log}")

    async def ended(self) -> str:
        """Stop it, see that it ends cleanly, and return its whole log."""
        self.process.terminate()
        _, rest = await asyncio.wait_for(self.process.communicate(), 120)
        assert self.process.returncode == 0
        return self.log + rest.decode()


@asynccontextmanager
async def serving(model_cache: Path, folder: Path, environment: Mapping[str, str]) -> AsyncIterator[Program]:
    (folder / "config.toml").write_text(QUIET)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "wyoming_kokoro", "--config", str(folder / "config.toml"), "--cache", str(model_cache)),
        *("--state", str(folder / "state"), "--uri", "tcp://127.0.0.1:0"),
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    program = Program(process)
    try:
        program.port = int((await program.said(r"Listening on .* port (\d+)"))[1])
        await program.said("Ready to speak")
        yield program
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def asking(port: int, text: str) -> AsyncTcpClient:
    client = AsyncTcpClient("127.0.0.1", port)
    await client.connect()
    await client.write_event(Synthesize(text).event())
    return client


async def until(client: AsyncTcpClient, kind: str) -> list[Event]:
    events: list[Event] = []
    while not events or events[-1].type != kind:
        event = await asyncio.wait_for(client.read_event(), 120)
        assert event, f"hung up after {[event.type for event in events]}"
        assert event.type != "error", event.data
        events.append(event)
    return events


async def heard(client: AsyncTcpClient) -> float:
    """Return how many seconds of sound come until its end."""
    events = await until(client, "audio-stop")
    await client.disconnect()
    return sum(len(event.payload or b"") for event in events) / 2 / SAMPLE_RATE


@pytest.mark.model
async def test_a_suspended_server_goes_on_where_it_stood(
    model_cache: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    """In the middle of a sentence, and again while nobody is spoken to; the sentence is whole."""
    async with serving(model_cache, tmp_path, environment) as program:
        whole = await heard(await asking(program.port, LONG))
        interrupted = LONG.replace("fox", "dog")
        client = await asking(program.port, interrupted)
        await until(client, "audio-chunk")
        for _ in range(2):
            program.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(3)
            program.process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.2)
        assert abs(await heard(client) - whole) < 2
        assert await heard(await asking(program.port, "The front door is unlocked.")) > 1
        log = await program.ended()
        assert "Traceback" not in log
        assert "did not return" not in log


@pytest.mark.model
@pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime, Debian's package of that name")
@pytest.mark.parametrize("jump", [YEAR, -YEAR], ids=["forwards", "backwards"])
async def test_the_clock_may_be_set_in_the_middle_of_a_sentence(
    model_cache: Path, tmp_path: Path, environment: dict[str, str], jump: int
) -> None:
    """A box without a battery learns the date after it has begun to speak. What is kept stays kept."""
    clock = tmp_path / "clock"
    clock.write_text("+0")
    faked = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    async with serving(model_cache, tmp_path, {**environment, **faked}) as program:
        client = await asking(program.port, LONG)
        await until(client, "audio-chunk")
        clock.write_text(f"{jump:+d}")
        assert await heard(client) > 5
        for text in ("The front door is unlocked.", "The back door is open.", "The front door is unlocked."):
            assert await heard(await asking(program.port, text)) > 1
        log = await program.ended()
        dates = re.findall(r"^(\d{4})-", log, re.MULTILINE)
        assert abs(int(dates[-1]) - int(dates[0])) == 1, "the clock was not set"
        assert "Traceback" not in log


async def test_the_network_may_go_and_come_back_in_the_middle_of_a_sentence() -> None:
    """The interface is down for two seconds: what was on its way is sent again, and nothing of it is missing."""
    words = 20
    with home() as (box, room):
        box.ip(f"addr add {BOX}/24 dev eth0")
        async with box.running("talking_box.py") as server:
            await server.until(listening=True)
            async with room.running("hearing_room.py", BOX, "word " * words) as client:
                await client.until(heard=4800)
                box.ip("link set eth0 down")
                await asyncio.sleep(2)
                box.ip("link set eth0 up")
                assert (await client.until(end="audio-stop"))["heard"] == words * 4800
            await server.end()
