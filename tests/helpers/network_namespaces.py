"""A home in two network namespaces: a box with the server, and a room where Home Assistant listens."""

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

HERE = Path(__file__).parent
TIMEOUT_SECONDS = 20
"""Seconds after which a test that waits has failed."""
TOOLS = ("ip", "unshare", "nsenter")
HOLD = "mount -t sysfs sysfs /sys && ip link set lo up && echo ready && exec cat"
"""`cat` keeps the namespaces until its stdin is closed."""
BOX, ROOM = "192.168.77.2", "192.168.77.1"


class NamespaceProgram:
    """A Python program in a namespace that prints one JSON object a line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[dict[str, Any]] = []
        """What it has printed so far, as far as it was waited for."""

    async def until(self, **wanted: Any) -> dict[str, Any]:
        """Return the next line that has all `wanted` items."""
        try:
            return await asyncio.wait_for(self._until(wanted), TIMEOUT_SECONDS)
        except asyncio.TimeoutError:
            raise AssertionError(f"no {wanted} in {self.lines}") from None

    async def end(self) -> list[dict[str, Any]]:
        """Ask it to stop, see that it does so cleanly, and return all that it printed."""
        self._process.terminate()
        rest, _ = await asyncio.wait_for(self._process.communicate(), TIMEOUT_SECONDS)
        self.lines += [_read(line) for line in rest.splitlines()]
        assert self._process.returncode == 0, self.lines
        return self.lines

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()

    async def _until(self, wanted: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdout
        while line := await self._process.stdout.readline():
            self.lines.append(_read(line))
            if wanted.items() <= self.lines[-1].items():
                return self.lines[-1]
        raise AssertionError(f"ended without {wanted}: {self.lines}")


class Namespace:
    """A network of its own, with its own /sys."""

    def __init__(self, pid: int, enter: list[str]) -> None:
        self.pid = pid
        self.enter = enter

    def ip(self, *commands: str) -> None:
        """Run `ip` with each of `commands`."""
        for command in commands:
            subprocess.run([*self.enter, "ip", *command.split()], check=True)

    @asynccontextmanager
    async def running(self, program: str, *arguments: object) -> AsyncIterator[NamespaceProgram]:
        """Run a program of this folder; it is killed if the test has not ended it."""
        command = [*self.enter, sys.executable, "-X", "dev", str(HERE / program), *map(str, arguments)]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        running = NamespaceProgram(process)
        try:
            yield running
        finally:
            await running.kill()


@contextmanager
def namespace(outer: Namespace | None = None) -> Iterator[Namespace]:
    """Open a namespace, or skip the test where this machine does not allow it."""
    users = [] if os.geteuid() == 0 else ["--user"]
    mapped = ["--map-root-user"] if users and not outer else []
    kinds = ["--net", "--mount", *([] if outer else users)]
    command = [*(outer.enter if outer else []), "unshare", *kinds, *mapped, "sh", "-c", HOLD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        if holder.stdout.readline() != b"ready\n":
            pytest.skip("this machine allows no network namespaces; run as root to see them")
        kept = ["--preserve-credentials"] if users else []
        yield Namespace(holder.pid, ["nsenter", "--target", str(holder.pid), *users, *kept, "--net", "--mount"])


@contextmanager
def home() -> Iterator[tuple[Namespace, Namespace]]:
    """Open a box and a room, joined by a cable whose ends are called eth0; the box has no address yet."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing or sys.platform != "linux":
        pytest.skip(f"needs Linux with {', '.join(missing or TOOLS)} (util-linux and iproute2)")
    with namespace() as box, namespace(box) as room:
        room_pid = room.pid
        box.ip(f"link add eth0 type veth peer name eth0 netns {room_pid}", "link set eth0 up")
        room.ip("link set eth0 up", f"addr add {ROOM}/24 dev eth0", "addr add fd77::1/64 dev eth0 nodad")
        yield box, room


def _read(line: bytes) -> dict[str, Any]:
    """What is no JSON is a complaint of Python's own."""
    facts: dict[str, Any] = json.loads(line) if line.startswith(b"{") else {"text": line.decode()}
    return facts
