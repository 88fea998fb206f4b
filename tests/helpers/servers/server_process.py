"""The server as a child process."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

# The first start in a session also prepares the model.
TIMEOUT_SECONDS = 120


class ServerProcess:
    """A running server, its port and its log so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.port = 0
        self.log = ""

    async def wait_for_log(self, pattern: str) -> re.Match[str]:
        """Read the log up to the first line that contains `pattern`."""
        assert self.process.stderr
        while line := (await asyncio.wait_for(self.process.stderr.readline(), TIMEOUT_SECONDS)).decode():
            self.log += line
            if match := re.search(pattern, line):
                return match
        raise AssertionError(f"the server ended without logging {pattern!r}:\n{self.log}")

    async def wait(self) -> None:
        """Wait for the end and check that it is clean."""
        _, errors = await asyncio.wait_for(self.process.communicate(), TIMEOUT_SECONDS)
        self.log += errors.decode()
        assert self.process.returncode == 0
        assert "Traceback" not in self.log

    async def stop(self) -> None:
        self.process.terminate()
        await self.wait()


@asynccontextmanager
async def start_server(*arguments: str, environment: Mapping[str, str] | None = None) -> AsyncIterator[ServerProcess]:
    """Start the server on a free port and wait until it can speak. Kill it if it still runs at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "wyoming_kokoro", *arguments, "--uri", "tcp://127.0.0.1:0"),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    server = ServerProcess(process)
    try:
        server.port = int((await server.wait_for_log(r"Listening on .* port (\d+)"))[1])
        await server.wait_for_log("Ready to speak")
        yield server
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
