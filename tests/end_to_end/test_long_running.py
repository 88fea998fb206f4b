"""Tests of a server that runs for years: the machine sleeps, its clock changes, its network fails."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from pathlib import Path

import pytest

from tests.helpers.network.network_namespaces import SERVER_ADDRESS, connected_namespaces
from tests.helpers.servers.protocol_fakes import Client, connect_to, pcm_of
from tests.helpers.servers.server_process import disabled, server_arguments, start_server
from wyoming_kokoro import SAMPLE_RATE

LONG = "A quick brown fox jumps over the lazy dog, and then it sleeps under the old oak tree. " * 2
# A fixed number of threads skips the measurement with psutil, which cannot wait under a changed clock.
CONFIG = "[model]\nthreads = 2\n" + disabled("zeroconf", "dashboard", "warmup")
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
# On any date, this is between one and two years.
JUMP_SECONDS = 400 * 24 * 3600


async def audio_seconds(port: int, text: str) -> float:
    async with connect_to(port) as client:
        await client.synthesize(text)
        return await remaining_seconds(client)


async def remaining_seconds(client: Client) -> float:
    """Return the seconds of audio up to `audio-stop`."""
    return len(pcm_of(await client.read_until("audio-stop"))) / 2 / SAMPLE_RATE


@pytest.mark.slow
@pytest.mark.model
async def test_suspended_server_continues_where_it_stopped(model_cache: Path, tmp_path: Path) -> None:
    """In the middle of a sentence, and while idle. The audio is complete."""
    async with start_server(*server_arguments(tmp_path, model_cache, CONFIG)) as server:
        whole = await audio_seconds(server.port, LONG)
        async with connect_to(server.port) as client:
            await client.synthesize(LONG.replace("fox", "dog"))
            await client.read_until("audio-chunk")
            for _ in range(2):
                server.process.send_signal(signal.SIGSTOP)
                await asyncio.sleep(3)
                server.process.send_signal(signal.SIGCONT)
                await asyncio.sleep(0.2)
            assert abs(await remaining_seconds(client) - whole) < 2
        assert await audio_seconds(server.port, "The front door is unlocked.") > 1
        await server.stop()
        assert "did not return" not in server.log


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime, Debian's package of that name")
@pytest.mark.parametrize("jump", [JUMP_SECONDS, -JUMP_SECONDS], ids=["forwards", "backwards"])
async def test_clock_change_during_a_request_is_harmless(model_cache: Path, tmp_path: Path, jump: int) -> None:
    """A device without a clock battery learns the date after the first request. Cached phrases stay cached."""
    clock = tmp_path / "clock"
    clock.write_text("+0")
    environment = {
        **os.environ,
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    async with start_server(*server_arguments(tmp_path, model_cache, CONFIG), environment=environment) as server:
        async with connect_to(server.port) as client:
            await client.synthesize(LONG)
            await client.read_until("audio-chunk")
            # The server reads the file at any moment, and must not find it empty.
            (tmp_path / "next clock").write_text(f"{jump:+d}")
            (tmp_path / "next clock").replace(clock)
            assert await remaining_seconds(client) > 5
        for text in ("The front door is unlocked.", "The back door is open.", "The front door is unlocked."):
            assert await audio_seconds(server.port, text) > 1
        await server.stop()
        years = re.findall(r"^(\d{4})-", server.log, re.MULTILINE)
        assert years[-1] != years[0], "the clock was not set"


@pytest.mark.slow
async def test_audio_is_complete_after_a_network_outage() -> None:
    """The interface is down for two seconds, and TCP sends the lost data again."""
    words = 20
    with connected_namespaces() as (box, room):
        box.ip(f"addr add {SERVER_ADDRESS}/24 dev eth0")
        async with box.running("server_program.py") as server:
            await server.until(listening=True)
            async with room.running("client_program.py", SERVER_ADDRESS, "word " * words) as client:
                await client.until(received=4800)
                box.ip("link set eth0 down")
                await asyncio.sleep(2)
                box.ip("link set eth0 up")
                assert (await client.until(end="audio-stop"))["received"] == words * 4800
            await server.end()
