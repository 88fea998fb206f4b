from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.helpers.servers.protocol_fakes import TIMEOUT_SECONDS, WORD_PCM, Client, pcm_of
from tools.scaling.reserved_port import reserved_port
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.server.socket_activation import inherited_sockets

ROOT = Path(__file__).parents[2]
SERVER = """
import asyncio, os, signal
from tests.helpers.servers.protocol_fakes import FakeSpeechService
from wyoming_kokoro.server.socket_activation import inherited_sockets
from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.protocol import handler
from wyoming_kokoro.server.listener import listen

handler.FIRST_REQUEST_TIMEOUT_SECONDS = 60.0

async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    inherited = inherited_sockets(os.environ)
    assert inherited and not [name for name in os.environ if name.startswith("LISTEN_")]
    assert not any(sock.get_inheritable() for sock in inherited)
    config = ServerConfig(uri="tcp://:1", allowed_networks=("127.0.0.0/8",))
    async with listen(config, FakeSpeechService(), inherited) as listener:
        print(listener.address_text, len(listener.addresses), flush=True)
        await stop.wait()
        await listener.drain(60)

asyncio.run(main())
"""


@asynccontextmanager
async def start_server(*sockets: socket.socket) -> AsyncIterator[str]:
    """Run a server on `sockets` and yield its address text. Stop it and check that it stops cleanly."""
    # Move the descriptors to 3, 4, ... through unused numbers, because 3 or 4 may be among them.
    unused = max(sock.fileno() for sock in sockets) + len(sockets)
    moves = [f"exec {unused + place}<&{sock.fileno()}" for place, sock in enumerate(sockets)]
    moves += [f"exec {3 + place}<&{unused + place}" for place in range(len(sockets))]
    script = "; ".join([*moves, f'LISTEN_FDS={len(sockets)} LISTEN_PID=$$ exec {sys.executable} -c "$PROGRAM"'])
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        script,
        pass_fds=[sock.fileno() for sock in sockets],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PROGRAM": SERVER},
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), TIMEOUT_SECONDS)).decode()
        yield line.strip()
        process.terminate()
        assert await asyncio.wait_for(process.wait(), TIMEOUT_SECONDS) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def connect_to_socket(sock: socket.socket) -> Client:
    """Connect to `sock`. The connection waits in its queue until a server accepts it."""
    if sock.family == socket.AF_UNIX:
        return Client(*await asyncio.open_unix_connection(sock.getsockname()))
    return Client(*await asyncio.open_connection("127.0.0.1", sock.getsockname()[1]))


async def is_answered(client: Client) -> bool:
    pcm = pcm_of(await client.read_until("audio-stop"))
    await client.close()
    return pcm == WORD_PCM


async def test_clients_wait_in_the_socket_while_the_server_restarts() -> None:
    """Before the first start, and between two servers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        for _ in range(2):
            waiting = [await connect_to_socket(listening) for _ in range(3)]
            for client in waiting:
                await client.synthesize("hello")
            async with start_server(listening) as address_text:
                assert address_text == f"127.0.0.1 port {listening.getsockname()[1]} 1"
                assert all([await is_answered(client) for client in waiting])


async def test_client_that_connects_after_the_stop_is_served_by_the_next_server() -> None:
    """A client that connected before is served by the first server, even while it stops."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with start_server(listening):
            early = await connect_to_socket(listening)
            await early.ping()
            answering = asyncio.create_task(request_after(0.05, early))
        assert await answering
        late = await connect_to_socket(listening)
        await late.synthesize("hello")
        async with start_server(listening):
            assert await is_answered(late)


async def request_after(seconds: float, client: Client) -> bool:
    await asyncio.sleep(seconds)
    await client.synthesize("hello")
    return await is_answered(client)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
async def test_dual_stack_and_unix_socket_are_both_served(tmp_path: Path) -> None:
    """Networks apply to TCP only. The path of the Unix socket stays."""
    path = tmp_path / "kokoro.sock"
    with (
        socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as tcp,
        socket.socket(socket.AF_UNIX) as unix,
    ):
        unix.bind(str(path))
        unix.listen()
        port = tcp.getsockname()[1]
        async with start_server(tcp, unix) as address_text:
            assert address_text == f"0.0.0.0 port {port}, :: port {port}, unix://{path} 2"
            for sock in (tcp, unix):
                client = await connect_to_socket(sock)
                await client.synthesize("hello")
                assert await is_answered(client)
            rejected = Client(*await asyncio.open_connection("::1", port))
            assert [event.data["code"] for event in await rejected.read_all()] == ["not-allowed"]
            await rejected.close()
        assert path.exists()


@pytest.mark.parametrize("environment", [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_PID": str(os.getpid())}])
def test_no_sockets_without_variables_for_this_process(environment: dict[str, str]) -> None:
    """The variables are removed in any case."""
    environment = {**environment, "HOME": "/"}
    assert inherited_sockets(environment) == []
    assert environment == {"HOME": "/"}


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_descriptor_that_is_not_a_listening_socket_is_an_error(
    monkeypatch: pytest.MonkeyPatch, kind: socket.SocketKind
) -> None:
    """A mistake in the socket unit."""
    sock = socket.socket(socket.AF_INET, kind)
    monkeypatch.setattr("wyoming_kokoro.server.socket_activation.FIRST_DESCRIPTOR", sock.detach())
    with pytest.raises(StartupError, match="set ListenStream= and Accept=no"):
        inherited_sockets({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"})


@pytest.fixture
def port() -> Iterator[int]:
    with reserved_port() as port:
        yield port


@pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="needs the package systemd")
@pytest.mark.parametrize("kind", ["tcp", "unix"])
async def test_first_client_starts_the_server_with_systemd_socket_activate(
    tmp_path: Path, kind: str, port: int
) -> None:
    path = tmp_path / "kokoro.sock"
    process = await asyncio.create_subprocess_exec(
        "systemd-socket-activate",
        *("--listen", str(path) if kind == "unix" else f"127.0.0.1:{port}"),
        *("--setenv", f"PYTHONPATH={ROOT}", sys.executable, "-c", SERVER),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stderr
    try:
        assert b"Listening on" in await asyncio.wait_for(process.stderr.readline(), TIMEOUT_SECONDS)
        connecting = (
            asyncio.open_unix_connection(path) if kind == "unix" else asyncio.open_connection("127.0.0.1", port)
        )
        client = Client(*await connecting)
        await client.synthesize("hello")
        assert await is_answered(client)
        process.terminate()
        await asyncio.wait_for(process.communicate(), TIMEOUT_SECONDS)
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
