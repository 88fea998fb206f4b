"""The server as a child process."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

# The first start in a session also prepares the model.
TIMEOUT_SECONDS = 400


def disabled(*plugins: str) -> str:
    """Return the lines of a config file that disable `plugins`."""
    return "".join(f"[plugins.{name}]\nenabled = false\n" for name in plugins)


def server_arguments(folder: Path, cache: Path, config: str) -> list[str]:
    """Write `config` to a file in `folder`. Return the arguments of a server with it, `cache` and a state directory."""
    file = folder / "config.toml"
    file.write_text(config)
    return ["--config", str(file), "--cache", str(cache), "--state", str(folder / "state")]


def new_cache(folder: Path, model_cache: Path) -> Path:
    """Return a new cache in `folder` with only the prepared models of `model_cache`."""
    cache = folder / "cache"
    cache.mkdir(parents=True)
    for name in ("models", "stages", "digests.json"):
        (cache / name).symlink_to(model_cache / name)
    return cache


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


def catches(pid: int, number: signal.Signals) -> bool:
    """Return whether a process handles a signal."""
    found = re.search(r"^SigCgt:\s*(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return bool(found and int(found[1], 16) >> (number - 1) & 1)


@asynccontextmanager
async def start_server(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    ready_log: str = "Ready to speak",
    early_signal: signal.Signals | None = None,
) -> AsyncIterator[ServerProcess]:
    """Start the server on a free port and wait for `ready_log`. Kill it if it still runs at the end.

    `early_signal` is sent as soon as the program handles it.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "wyoming_kokoro", *arguments, "--uri", "tcp://127.0.0.1:0"),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    server = ServerProcess(process)
    try:
        if early_signal:
            while not catches(process.pid, early_signal):  # noqa: ASYNC110 it is another process
                await asyncio.sleep(0.002)
            process.send_signal(early_signal)
        server.port = int((await server.wait_for_log(r"Listening on .* port (\d+)"))[1])
        await server.wait_for_log(ready_log)
        yield server
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
