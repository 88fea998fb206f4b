"""`ping`: what it says of servers that answer, and of those that do not."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from wyoming.event import Event, async_read_event, async_write_event

from tests.helpers.servers.protocol_fakes import VOICES, FakeSpeechService, open_listener
from tools.scaling.reserved_port import reserved_port
from wyoming_kokoro import ConfigError, StartupError, __version__
from wyoming_kokoro.cli.main import main
from wyoming_kokoro.cli.ping import describe


@asynccontextmanager
async def strange(*answers: Event | bytes) -> AsyncIterator[str]:
    """A server that answers `describe` with `answers`, hangs up if there are any, and else says nothing."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await async_read_event(reader)
        for answer in answers:
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await async_write_event(answer, writer)
        if not answers:
            await reader.read()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def problem(uri: str, seconds: float = 5) -> str:
    with pytest.raises(StartupError) as caught:
        await asyncio.to_thread(describe, uri, seconds)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", ""])
async def test_server_describes_itself_on_every_form_of_its_address(host: str) -> None:
    async with open_listener(FakeSpeechService()) as listener:
        answer = await asyncio.to_thread(describe, f"tcp://{host}:{listener.addresses[0].port}")
    assert (answer.version, answer.voices) == (__version__, len(VOICES))
    assert 0 < answer.milliseconds < 5000


async def test_server_on_a_unix_socket_describes_itself(tmp_path: Path) -> None:
    uri = f"unix://{tmp_path}/socket"
    async with open_listener(FakeSpeechService(), uri):
        assert (await asyncio.to_thread(describe, uri)).version == __version__


async def test_events_before_the_description_are_skipped() -> None:
    info = Event("info", {"tts": [{"name": "kokoro", "voices": [{}, {}]}]})
    async with strange(Event("pong"), info) as uri:
        answer = await asyncio.to_thread(describe, uri)
    assert (answer.version, answer.voices) == ("of unknown version", 2)


async def test_unused_address_is_an_error_with_its_reason() -> None:
    with reserved_port() as port:
        uri = f"tcp://127.0.0.1:{port}"
        answer = await problem(uri)
    assert re.fullmatch(rf"nothing answers at {uri} \(Connection refused\); start wyoming-kokoro.*", answer)
    assert "No such file" in await problem("unix:///nowhere/socket")


async def test_server_that_does_not_answer_is_an_error_after_the_timeout() -> None:
    async with strange() as uri:
        assert "within 0.2 s; read the server's log" in await problem(uri, 0.2)


async def test_answer_that_takes_too_long_is_an_error_although_bytes_arrive() -> None:
    has_ended = asyncio.Event()

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)
        writer.close()
        has_ended.set()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        uri = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert "within 0.2 s; read the server's log" in await problem(uri, 0.2)
        await has_ended.wait()


@pytest.mark.parametrize(
    "answers",
    [
        [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
        [b"\x00\xff" * 9],
        [b'{"type": "info", "data_length": 999999999999}\n'],
        [Event("info", {"tts": 7})],
        [Event("pong")],
    ],
)
async def test_answer_that_is_not_wyoming_is_an_error(answers: list[Event | bytes]) -> None:
    async with strange(*answers) as uri:
        assert "does not answer as wyoming-kokoro does" in await problem(uri)


async def test_other_wyoming_server_is_an_error() -> None:
    async with strange(Event("info", {"tts": [{"name": "piper"}], "asr": []})) as uri:
        assert "another Wyoming server answers" in await problem(uri)


async def test_refusal_of_the_server_is_shown() -> None:
    async with open_listener(FakeSpeechService(), allowed_networks=("10.0.0.0/8",)) as listener:
        assert "see server.allowed_networks" in await problem(f"tcp://127.0.0.1:{listener.addresses[0].port}")


async def test_address_that_cannot_be_asked_is_an_error() -> None:
    assert "has only one client" in await problem("stdio://")
    with pytest.raises(ConfigError):
        describe("http://127.0.0.1")


async def test_command_prints_one_line_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    async with open_listener(FakeSpeechService()) as listener:
        uri = f"tcp://127.0.0.1:{listener.addresses[0].port}"
        assert await asyncio.to_thread(main, ["ping", "--uri", uri]) == 0
        assert re.fullmatch(rf"wyoming-kokoro {__version__}: 2 voices, answered in \d+ ms\n", capsys.readouterr().out)
        assert await asyncio.to_thread(main, ["ping", "--uri", uri, "--json"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert (report["uri"], report["voices"], report["problem"]) == (uri, 2, "")
    assert await asyncio.to_thread(main, ["ping", "--uri", uri]) == 1
    output = capsys.readouterr()
    assert (output.out, output.err.count("\n")) == ("", 1)
    assert await asyncio.to_thread(main, ["ping", "--uri", uri, "--json"]) == 1
    output = capsys.readouterr()
    assert (json.loads(output.out)["uri"], output.err) == (uri, "")
    assert "nothing answers" in json.loads(output.out)["problem"]


def test_address_may_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WYOMING_KOKORO_URI", "unix:///nowhere/socket")
    assert main(["ping"]) == 1
    assert "unix:///nowhere/socket" in capsys.readouterr().err


def test_ping_loads_no_model_plugin_backend_numpy_or_asyncio() -> None:
    """A health check runs it every minute."""
    code = "import sys; from wyoming_kokoro.cli.main import main; main(sys.argv[1:]); print(*sys.modules)"
    command = [sys.executable, "-c", code, "ping", "--uri", "tcp://127.0.0.1:1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "wyoming_kokoro.protocol.event_format" in loaded
    assert loaded.isdisjoint({"numpy", "wyoming", "onnxruntime", "onnx", "asyncio", "httpx"})
    assert loaded.isdisjoint({"wyoming_kokoro.backend", "wyoming_kokoro.plugins.manager"})
