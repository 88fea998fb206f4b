"""A redis-server of its own, and a proxy before it that can fail in several ways."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Literal

from tools.scaling.reserved_port import reserved_port

PROGRAMS = ("redis-server", "valkey-server")
START_SECONDS = 60.0
Fault = Literal["none", "slow", "silent", "junk", "damaged", "refused"]
POLL_SECONDS = 0.01
# A recording has more bytes than any other answer.
MIN_RECORDING_BYTES = 2000


def find_redis() -> str | None:
    """Return the path of an installed server, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def redis_arguments(port: int) -> tuple[str, ...]:
    """Return the arguments of a server on this loopback port that writes no file."""
    return ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no")


@dataclass
class RedisProcess:
    """A redis-server on a loopback port. It can be killed and started again."""

    port: int
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until the port answers."""
        program = find_redis()
        assert program, "redis-server is not installed"
        self.process = subprocess.Popen([program, *self.arguments], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.01)
        raise AssertionError(f"{program} {' '.join(self.arguments)} does not answer")

    def kill(self) -> None:
        """End the process at once."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def pause(self) -> None:
        """Stop the process, which keeps its connections open."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue the process."""
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def command(self, *words: str) -> bytes:
        """Return the raw answer to one command."""
        request = f"*{len(words)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall(request.encode())
            return connection.recv(1 << 20)


@contextmanager
def running_redis(*arguments: str) -> Iterator[RedisProcess]:
    """Run a redis-server that writes no file, and kill it at the end."""
    with TemporaryDirectory() as folder, reserved_port() as port:
        server = RedisProcess(port, (*redis_arguments(port), "--dir", folder, *arguments))
        try:
            server.start()
            yield server
        finally:
            server.kill()


@dataclass
class FaultyProxy:
    """Passes connections on to a port. `fault` takes effect at once, also on open connections."""

    target: int
    port: int = 0
    fault: Fault = "none"
    slow_seconds: float = 0.2
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection in the background."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def close(self) -> None:
        """End all connections."""
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with AsyncExitStack() as stack:
            stack.callback(writer.close)
            if self.fault == "refused":
                return
            try:
                target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self.target)
            except OSError:
                return
            stack.callback(target_writer.close)
            directions = (
                asyncio.create_task(self._copy(reader, target_writer, is_answer=False)),
                asyncio.create_task(self._copy(target_reader, writer, is_answer=True)),
            )
            for direction in directions:
                stack.callback(direction.cancel)
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                if self.fault == "refused":
                    return
                if is_answer:
                    while self.fault == "silent":  # noqa: ASYNC110 a fault is only an attribute
                        await asyncio.sleep(POLL_SECONDS)
                    if self.fault == "slow":
                        await asyncio.sleep(self.slow_seconds)
                    elif self.fault == "junk":
                        data = os.urandom(len(data))
                    elif self.fault == "damaged" and len(data) > MIN_RECORDING_BYTES:
                        middle = len(data) // 2
                        data = data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]
                writer.write(data)
                await writer.drain()


@asynccontextmanager
async def faulty_proxy(target: int) -> AsyncIterator[FaultyProxy]:
    """Run a proxy before the port `target` of the loopback interface."""
    proxy = FaultyProxy(target)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
