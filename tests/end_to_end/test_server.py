"""The program as its owner runs it: started, spoken to, stopped. On the real model."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import sys
import time
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from wyoming.client import AsyncTcpClient
from wyoming.event import Event

from wyoming_kokoro import SAMPLE_RATE

pytestmark = pytest.mark.model

QUIET = "[plugins.zeroconf]\nenabled = false\n[plugins.dashboard]\nenabled = false\n"
SHORT = "The front door is unlocked."
LONG = "A quick brown fox jumps over the lazy dog, and then it sleeps under the old oak tree. " * 23


@pytest.fixture
def arguments(model_cache: Path, tmp_path: Path) -> list[str]:
    config = tmp_path / "config.toml"
    config.write_text(QUIET)
    return ["--config", str(config), "--cache", str(model_cache), "--state", str(tmp_path / "state")]


async def started(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wyoming_kokoro", *arguments, stdout=-1, stderr=-1
    )


async def ended(program: asyncio.subprocess.Process) -> tuple[int, str, str]:
    out, err = await asyncio.wait_for(program.communicate(), 60)
    assert program.returncode is not None
    return program.returncode, out.decode(), err.decode()


async def said(program: asyncio.subprocess.Process, pattern: str) -> re.Match[str]:
    """Wait until the log says `pattern`."""
    assert program.stderr
    seen = ""
    while line := (await asyncio.wait_for(program.stderr.readline(), 60)).decode():
        seen += line
        if found := re.search(pattern, line):
            return found
    raise AssertionError(f"the server ended without saying {pattern!r}:\n{seen}")


def names_under(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*")}


@asynccontextmanager
async def serving(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    program = await started(*arguments, "--uri", "tcp://127.0.0.1:0")
    try:
        port = int((await said(program, r"Listening on .* port (\d+)"))[1])
        await said(program, "Ready to speak")
        yield program, port
    finally:
        if program.returncode is None:
            program.kill()
            await program.communicate()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[AsyncTcpClient]:
    client = AsyncTcpClient("127.0.0.1", port)
    await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()


async def received(client: AsyncTcpClient, *kinds: str) -> list[Event]:
    """Read until an event of one of `kinds`."""
    events: list[Event] = []
    while not events or events[-1].type not in kinds:
        event = await asyncio.wait_for(client.read_event(), 60)
        assert event is not None, "the server hung up"
        events.append(event)
    return events


async def test_it_speaks_to_a_client(arguments: list[str]) -> None:
    async with serving(*arguments) as (_, port), connected(port) as client:
        await client.write_event(Event("synthesize", {"text": SHORT, "voice": {"name": "bf_emma"}}))
        events = await received(client, "audio-stop", "error")
    assert events[0].data["rate"] == SAMPLE_RATE
    spoken = b"".join(event.payload or b"" for event in events)
    assert 1.2 < len(spoken) / 2 / SAMPLE_RATE < 2.5


async def test_describe_is_answered_while_a_long_text_is_spoken(arguments: list[str]) -> None:
    async with serving(*arguments) as (_, port), connected(port) as client:
        await client.write_event(Event("synthesize", {"text": LONG}))
        await received(client, "audio-start")
        for _ in range(5):
            async with connected(port) as other:
                await other.write_event(Event("describe"))
                assert (await received(other, "info"))[0].data["tts"][0]["name"] == "kokoro"
        await received(client, "audio-chunk")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_idle_server_stops_within_two_seconds(arguments: list[str], number: int) -> None:
    async with serving(*arguments) as (program, _):
        begun = time.monotonic()
        program.send_signal(number)
        code, _, log = await ended(program)
        assert (code, time.monotonic() - begun < 2) == (0, True)
        assert "Traceback" not in log


async def test_what_is_being_spoken_is_spoken_to_its_end(arguments: list[str]) -> None:
    async with serving(*arguments) as (program, port), connected(port) as client:
        await client.write_event(Event("synthesize", {"text": f"{SHORT} {SHORT}"}))
        await received(client, "audio-chunk")
        program.send_signal(signal.SIGTERM)
        await received(client, "audio-stop")
        code, _, log = await ended(program)
        assert (code, "Traceback" in log) == (0, False)


async def test_a_drain_has_an_end(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f"{QUIET}[server]\ndrain_seconds = 0.5\n")
    async with serving(*arguments) as (program, port), connected(port) as client:
        await client.write_event(Event("synthesize", {"text": LONG}))
        await received(client, "audio-chunk")
        begun = time.monotonic()
        program.send_signal(signal.SIGTERM)
        code, _, log = await ended(program)
        assert (code, time.monotonic() - begun < 10) == (0, True)
        assert "Traceback" not in log


async def test_the_second_signal_ends_at_once(arguments: list[str]) -> None:
    async with serving(*arguments) as (program, port), connected(port) as client:
        await client.write_event(Event("synthesize", {"text": LONG}))
        await received(client, "audio-chunk")
        program.send_signal(signal.SIGTERM)
        await said(program, "Stopping")
        begun = time.monotonic()
        program.send_signal(signal.SIGTERM)
        code, _, _ = await ended(program)
        assert (code, time.monotonic() - begun < 2) == (0, True)


async def test_a_taken_port_is_told_in_one_line(arguments: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, log = await ended(await started(*arguments, "--uri", f"tcp://127.0.0.1:{port}"))
    assert code == 1
    last = log.strip().splitlines()[-1]
    assert last.startswith("wyoming-kokoro: ")
    assert "in use" in last
    assert "Traceback" not in log


async def test_say_writes_a_wave_file(arguments: list[str], tmp_path: Path) -> None:
    target = tmp_path / "door.wav"
    code, out, _ = await ended(await started("say", SHORT, "--output", str(target), *arguments))
    assert (code, out) == (0, "")
    with wave.open(str(target)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (SAMPLE_RATE, 1, 2)
        assert 1.2 < wav.getnframes() / SAMPLE_RATE < 2.5
    assert not any(name.endswith(".part") for name in names_under(tmp_path))


async def test_say_writes_to_a_pipe(arguments: list[str]) -> None:
    program = await started("say", "Hi.", *arguments)
    out, _ = await asyncio.wait_for(program.communicate(), 60)
    assert (program.returncode, out[:4], out[8:12]) == (0, b"RIFF", b"WAVE")


async def checked(*arguments: str, uri: str = "tcp://127.0.0.1:0") -> tuple[int, dict[str, Any]]:
    code, out, _ = await ended(await started("check", "--json", "--uri", uri, *arguments))
    return code, json.loads(out)


async def test_check_tells_what_there_is(arguments: list[str]) -> None:
    code, report = await checked(*arguments)
    assert (code, report["problem"]) == (0, "")
    assert report["plugins"]["cpu"] == "active"
    assert report["plugins"]["zeroconf"].startswith("disabled")
    assert report["voices"]["en-US"] == 20
    assert report["audio_seconds"] > 0.2


async def test_check_sees_a_server_that_runs_already(arguments: list[str]) -> None:
    async with serving(*arguments) as (_, port):
        code, report = await checked(*arguments, uri=f"tcp://127.0.0.1:{port}")
    assert (code, report["problem"]) == (0, "")
    assert re.search(r"\(wyoming-kokoro \S+ runs there\)", report["uri"])


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (["--voice", "af_hart"], r"unknown voice 'af_hart'; similar: af_heart"),
        (["--model", "/nowhere.onnx"], r"model file /nowhere\.onnx is missing; check the path"),
        (["--model", "fp16"], r"wyoming-kokoro download fp16"),
        (["--model", __file__], r"no provider can open"),
    ],
)
async def test_check_tells_what_is_broken(arguments: list[str], more: list[str], problem: str) -> None:
    code, report = await checked(*arguments, *more)
    assert code == 1
    assert re.search(problem, report["problem"])
    assert "\n" not in report["problem"]


async def test_nothing_is_reported_to_anybody(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX Runtime would make an identity and a store of events in the home."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for suppressing in ("CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST"):
        monkeypatch.delenv(suppressing, raising=False)
    target = str(tmp_path / "hi.wav")
    code, _, _ = await ended(await started("say", "Hi.", "--output", target, *arguments))
    assert code == 0
    assert names_under(tmp_path).isdisjoint({"deviceid", "onnxruntime.db"})
