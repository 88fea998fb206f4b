"""Two connected network namespaces, one for a server and one for a client, and programs that run in them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

HELPERS = Path(__file__).parent
TIMEOUT_SECONDS = 60
TOOLS = ("ip", "unshare", "nsenter")
# `cat` keeps the namespaces open until its stdin is closed.
KEEP_OPEN = "mount -t sysfs sysfs /sys && ip link set lo up && echo ready && exec cat"
SERVER_ADDRESS, CLIENT_ADDRESS = "192.168.77.2", "192.168.77.1"


class NamespaceProgram:
    """A Python program in a namespace that prints one JSON object per line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[dict[str, Any]] = []
        """The lines that were read so far."""

    async def until(self, **wanted: Any) -> dict[str, Any]:
        """Return the next line that contains all `wanted` items."""
        try:
            return await asyncio.wait_for(self._until(wanted), TIMEOUT_SECONDS)
        except asyncio.TimeoutError:
            raise AssertionError(f"no {wanted} in {self.lines}") from None

    async def end(self) -> list[dict[str, Any]]:
        """Send SIGTERM, check that the program exits with code 0, and return all its lines."""
        self._process.terminate()
        rest, _ = await asyncio.wait_for(self._process.communicate(), TIMEOUT_SECONDS)
        self.lines += [_parse(line) for line in rest.splitlines()]
        assert self._process.returncode == 0, self.lines
        return self.lines

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()

    async def _until(self, wanted: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdout
        while line := await self._process.stdout.readline():
            self.lines.append(_parse(line))
            if wanted.items() <= self.lines[-1].items():
                return self.lines[-1]
        raise AssertionError(f"exited without {wanted}: {self.lines}")


class Namespace:
    """A network namespace with its own /sys."""

    def __init__(self, pid: int, enter: list[str]) -> None:
        self.pid = pid
        self.enter = enter

    def ip(self, *commands: str) -> None:
        """Run `ip` with each of `commands`."""
        for command in commands:
            subprocess.run([*self.enter, "ip", *command.split()], check=True)

    @asynccontextmanager
    async def running(self, program: str, *arguments: object) -> AsyncIterator[NamespaceProgram]:
        """Run a program of this folder, and kill it at the end if it still runs."""
        command = [*self.enter, sys.executable, "-X", "dev", str(HELPERS / program), *map(str, arguments)]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        running = NamespaceProgram(process)
        try:
            yield running
        finally:
            await running.kill()


@contextmanager
def open_namespace(outer: Namespace | None = None) -> Iterator[Namespace]:
    """Create a namespace, or skip the test if this machine does not allow it."""
    users = [] if os.geteuid() == 0 else ["--user"]
    mapped = ["--map-root-user"] if users and not outer else []
    kinds = ["--net", "--mount", *([] if outer else users)]
    command = [*(outer.enter if outer else []), "unshare", *kinds, *mapped, "sh", "-c", KEEP_OPEN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        if holder.stdout.readline() != b"ready\n":
            pytest.skip("this machine does not allow network namespaces; run as root")
        credentials = ["--preserve-credentials"] if users else []
        enter = ["nsenter", "--target", str(holder.pid), *users, *credentials, "--net", "--mount"]
        yield Namespace(holder.pid, enter)


@contextmanager
def connected_namespaces() -> Iterator[tuple[Namespace, Namespace]]:
    """Create the namespaces of server and client, and connect an eth0 of each. The server has no address yet."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing or sys.platform != "linux":
        pytest.skip(f"needs Linux with {', '.join(missing or TOOLS)} (util-linux and iproute2)")
    with open_namespace() as server, open_namespace(server) as client:
        server.ip(f"link add eth0 type veth peer name eth0 netns {client.pid}", "link set eth0 up")
        client.ip("link set eth0 up", f"addr add {CLIENT_ADDRESS}/24 dev eth0", "addr add fd77::1/64 dev eth0 nodad")
        yield server, client


def _parse(line: bytes) -> dict[str, Any]:
    """Return the items of a JSON line. Any other line is a message of Python itself."""
    items: dict[str, Any] = json.loads(line) if line.startswith(b"{") else {"text": line.decode()}
    return items
