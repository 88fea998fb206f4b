"""Tests of the whole program on the real model: start, requests, stop."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import sys
import wave
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.servers.protocol_fakes import connect_to, pcm_of
from tests.helpers.servers.server_process import TIMEOUT_SECONDS, disabled, server_arguments, start_server
from wyoming_kokoro import SAMPLE_RATE

pytestmark = pytest.mark.model

CONFIG = disabled("zeroconf", "dashboard", "openai")
SHORT = "The front door is unlocked."
LONG = "A quick brown fox jumps over the lazy dog, and then it sleeps under the old oak tree. " * 23


@pytest.fixture
def arguments(model_cache: Path, tmp_path: Path) -> list[str]:
    return server_arguments(tmp_path, model_cache, CONFIG)


@pytest.fixture
def distilled(arguments: list[str]) -> list[str]:
    """Return the arguments for tests of the program around the model. The full model takes seconds to open."""
    return [*arguments, "--quality", "distilled"]


@pytest.fixture
def patient(arguments: list[str], tmp_path: Path) -> None:
    """Let the server wait longer for its requests at shutdown than the tests wait for its end."""
    (tmp_path / "config.toml").write_text(f"{CONFIG}[server]\nshutdown_grace_seconds = 600\n")


async def run_command(*arguments: str) -> tuple[int, bytes, str]:
    """Return the exit code, stdout and stderr."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wyoming_kokoro", *arguments, stdout=-1, stderr=-1
    )
    out, errors = await asyncio.wait_for(process.communicate(), TIMEOUT_SECONDS)
    assert process.returncode is not None
    return process.returncode, out, errors.decode()


def names_under(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*")}


async def test_request_is_answered_with_audio(arguments: list[str]) -> None:
    async with start_server(*arguments) as server, connect_to(server.port) as client:
        await client.send("synthesize", text=SHORT, voice={"name": "bf_emma"})
        events = await client.read_until("audio-stop")
    assert events[0].data["rate"] == SAMPLE_RATE
    assert 1.2 < len(pcm_of(events)) / 2 / SAMPLE_RATE < 2.5


async def test_describe_is_answered_during_a_long_synthesis(distilled: list[str]) -> None:
    async with start_server(*distilled) as server, connect_to(server.port) as client:
        await client.synthesize(LONG)
        await client.read_until("audio-start")
        for _ in range(5):
            async with connect_to(server.port) as other:
                await other.send("describe")
                assert (await other.read_until("info"))[0].data["tts"][0]["name"] == "kokoro"
        await client.read_until("audio-chunk")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_idle_server_stops_without_waiting(arguments: list[str], patient: None, number: int) -> None:
    async with start_server(*arguments) as server:
        server.process.send_signal(number)
        await server.wait()


async def test_running_request_is_completed_at_shutdown(distilled: list[str]) -> None:
    async with start_server(*distilled) as server, connect_to(server.port) as client:
        await client.synthesize(f"{SHORT} {SHORT}")
        await client.read_until("audio-chunk")
        server.process.terminate()
        await client.read_until("audio-stop")
        await server.wait()


async def test_shutdown_ends_after_the_grace_period(distilled: list[str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f"{CONFIG}[server]\nshutdown_grace_seconds = 0.5\n")
    async with start_server(*distilled) as server, connect_to(server.port) as client:
        await client.synthesize(LONG)
        await client.read_until("audio-chunk")
        server.process.terminate()
        # The server takes some seconds to send the whole text, and would do so in the default time.
        assert (await client.read_all())[-1].data["code"] == "shutting-down"
        await server.wait()


async def test_second_signal_exits_at_once(distilled: list[str], patient: None) -> None:
    async with start_server(*distilled) as server, connect_to(server.port) as client:
        # The server sends 11 minutes of audio in half a minute at the earliest.
        await client.synthesize(LONG * 5)
        await client.read_until("audio-chunk")
        server.process.terminate()
        await server.wait_for_log("Stopping")
        await server.stop()
        # The end may cut an event, or reset the connection.
        with suppress(ConnectionResetError):
            assert b"audio-stop" not in await client.reader.read()


async def test_port_in_use_is_reported_in_one_line(arguments: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as blocker:
        port = blocker.getsockname()[1]
        code, _, errors = await run_command(*arguments, "--uri", f"tcp://127.0.0.1:{port}")
    assert code == 1
    last = errors.strip().splitlines()[-1]
    assert last.startswith("wyoming-kokoro: ")
    assert "in use" in last
    assert "Traceback" not in errors


async def test_say_writes_a_wave_file(arguments: list[str], tmp_path: Path) -> None:
    target = tmp_path / "door.wav"
    code, out, _ = await run_command("say", SHORT, "--output", str(target), *arguments)
    assert (code, out) == (0, b"")
    with wave.open(str(target)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (SAMPLE_RATE, 1, 2)
        assert 1.2 < wav.getnframes() / SAMPLE_RATE < 2.5
    assert not any(name.endswith(".part") for name in names_under(tmp_path))


async def test_say_writes_at_the_rate_of_the_player(distilled: list[str], tmp_path: Path) -> None:
    lengths = {}
    for rate in (SAMPLE_RATE, 16_000):
        target = tmp_path / f"{rate}.wav"
        code, _, _ = await run_command("say", SHORT, "--rate", str(rate), "--output", str(target), *distilled)
        assert code == 0
        with wave.open(str(target)) as wav:
            assert wav.getframerate() == rate
            lengths[rate] = wav.getnframes()
    assert abs(lengths[16_000] - lengths[SAMPLE_RATE] * 16_000 / SAMPLE_RATE) <= 0.5


async def test_say_writes_the_times_of_the_words(arguments: list[str], tmp_path: Path) -> None:
    target, timings = tmp_path / "phrase.wav", tmp_path / "phrase.json"
    text = "It is 21.3 °C at 6:31 PM — not bad."
    command = ["say", text, "--output", str(target), "--timings", str(timings), *arguments]
    code, _, _ = await run_command(*command)
    assert code == 0
    words = json.loads(timings.read_text("utf-8"))
    assert [word["word"] for word in words] == ["It", "is", "21.3", "°C", "at", "6:31", "PM", "not", "bad."]
    times = [time for word in words for time in (word["start_time"], word["end_time"])]
    assert times == sorted(times)
    with wave.open(str(target)) as wav:
        # The tail after the last word is 100 ms.
        assert 0 <= wav.getnframes() / wav.getframerate() - times[-1] <= 0.3


async def test_timings_in_an_unknown_format_are_an_error(arguments: list[str], tmp_path: Path) -> None:
    code, _, errors = await run_command("say", SHORT, "--timings", str(tmp_path / "phrase.txt"), *arguments)
    assert code == 2
    assert "must end with .json, .srt, .vtt" in errors


async def test_say_writes_to_a_pipe(distilled: list[str]) -> None:
    code, out, _ = await run_command("say", "Hi.", *distilled)
    assert (code, out[:4], out[8:12]) == (0, b"RIFF", b"WAVE")


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("½".encode() * 100_000, 1, "text too long: more than 7200 s of audio; send it in parts"),
        (b"caf\xe9", 2, "text: is not UTF-8; convert it"),
    ],
)
async def test_text_that_cannot_be_spoken_is_an_error(
    arguments: list[str], text: bytes, code: int, message: str
) -> None:
    command = [sys.executable, "-m", "wyoming_kokoro", "say", "-", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdin=-1, stdout=-1, stderr=-1)
    out, errors = await asyncio.wait_for(process.communicate(text), TIMEOUT_SECONDS)
    assert (process.returncode, out) == (code, b"")
    assert message in errors.decode()
    assert "Traceback" not in errors.decode()


async def run_check(*arguments: str, uri: str = "tcp://127.0.0.1:0") -> tuple[int, dict[str, Any]]:
    code, out, _ = await run_command("check", "--json", "--uri", uri, *arguments)
    return code, json.loads(out)


async def test_check_reports_plugins_voices_speech_and_a_running_server(arguments: list[str]) -> None:
    async with start_server(*arguments) as server:
        code, report = await run_check(*arguments, uri=f"tcp://127.0.0.1:{server.port}")
    assert (code, report["problem"]) == (0, "")
    assert report["plugins"]["cpu"] == "active"
    assert report["plugins"]["zeroconf"].startswith("disabled")
    assert report["voices"]["en-US"] == 20
    assert report["audio_seconds"] > 0.2
    assert {"prosody", "decoder", "vocoder"} <= report["startup_seconds"].keys()
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
async def test_check_reports_a_problem_in_one_line(arguments: list[str], more: list[str], problem: str) -> None:
    code, report = await run_check(*arguments, *more)
    assert code == 1
    assert re.search(problem, report["problem"])
    assert "\n" not in report["problem"]


async def test_onnxruntime_telemetry_is_off(
    distilled: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX Runtime would write a device id and an event store to the home directory."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST"):
        monkeypatch.delenv(name, raising=False)
    target = str(tmp_path / "hi.wav")
    code, _, _ = await run_command("say", "Hi.", "--output", target, *distilled)
    assert code == 0
    assert names_under(tmp_path).isdisjoint({"deviceid", "onnxruntime.db"})
