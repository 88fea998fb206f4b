"""Run the server in a control group whose memory limit is 20 % below its normal use.

    .venv/bin/python -m tools.load.memory_limit --minutes 10

A first run without a limit prepares the model and tries the providers, and a second one measures normal use: the
highest resident memory, including weights that are mapped from files. The last run has the limit and gets new texts
one after the other. It passes when all requests are answered and the kernel kills no process.

Needs Linux with control groups of version 2, and root to create one. The server listens on the loopback interface, and
all files are removed at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from wyoming.client import AsyncTcpClient
from wyoming.tts import Synthesize, SynthesizeVoice

MB = 1_000_000
CGROUP_ROOT = Path("/sys/fs/cgroup")
TIMEOUT_SECONDS = 300.0
SAMPLE_INTERVAL_SECONDS = 0.5
VOICES = ("af_heart", "bf_emma", "am_michael")
WORDS = (
    "kitchen window garden battery thermostat evening lantern doorbell humidity station blanket morning record"
    " corner weather ladder number coffee planet velvet harbour pepper violin marble"
)


@dataclass(frozen=True)
class ControlGroup:
    """A control group of this tool."""

    folder: Path

    @property
    def used_bytes(self) -> int:
        """Memory in use, without the caches that the kernel can drop at once."""
        return int((self.folder / "memory.current").read_text()) - self._read_value("memory.stat", "inactive_file")

    @property
    def kill_count(self) -> int:
        """Number of processes that the kernel killed for lack of memory."""
        return self._read_value("memory.events", "oom_kill")

    def set_limit(self, size: int) -> None:
        """Limit the group's memory to `size` bytes."""
        (self.folder / "memory.max").write_text(str(size))

    def _read_value(self, file: str, name: str) -> int:
        found = re.search(rf"^{name} (\d+)$", (self.folder / file).read_text(), re.MULTILINE)
        return int(found[1]) if found else 0


@contextlib.contextmanager
def control_group() -> Iterator[ControlGroup]:
    """Create a control group, and remove it at the end."""
    folder = CGROUP_ROOT / f"wyoming-kokoro-{os.getpid()}"
    if not (CGROUP_ROOT / "cgroup.controllers").is_file():
        raise SystemExit(f"no control groups of version 2 at {CGROUP_ROOT}; use Linux with a unified hierarchy")
    try:
        folder.mkdir()
    except OSError as error:
        raise SystemExit(f"cannot create a control group: {error}; run this tool as root") from None
    try:
        yield ControlGroup(folder)
    finally:
        folder.rmdir()


@dataclass
class RunReport:
    """What happened in one run of the server."""

    answered: int = 0
    failures: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    used_bytes: list[int] = field(default_factory=list)
    resident_bytes: list[int] = field(default_factory=list)
    resident_bytes_when_ready: int = 0
    kill_count: int = 0
    exit_status: int | None = None
    """None when the server ran until it was stopped."""

    @property
    def memory_messages(self) -> list[str]:
        """The watchdog's log messages."""
        return [line.partition("Memory is ")[2] for line in self.log if "Memory is " in line]


async def run_server(
    group: ControlGroup, folder: Path, minutes: float, requests: Iterator[tuple[str, str]], idle_minutes: float = 0.0
) -> RunReport:
    """Start the server in the group, send requests, leave it idle, stop it, and return the report."""
    await asyncio.to_thread(_drop_file_caches, folder)
    report = RunReport()
    shell = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
    options = ["--config", "config.toml", "--cache", "cache", "--state", "state"]
    paths = [option if option.startswith("--") else str(folder / option) for option in options]
    command = [sys.executable, "-m", "wyoming_kokoro", *paths, "--uri", "tcp://127.0.0.1:0"]
    server = await asyncio.create_subprocess_exec("sh", "-c", shell, str(group.folder), *command, stderr=-1)
    log_task = asyncio.create_task(_read_log(server, report))
    sample_task = asyncio.create_task(_sample_memory(server, group, report))
    try:
        port = int(await _wait_for_log(report, server, r"Listening on .* port (\d+)"))
        await _wait_for_log(report, server, r"(Ready) to speak")
        report.resident_bytes_when_ready = report.resident_bytes[-1] if report.resident_bytes else 0
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end and server.returncode is None:
            await _send_request(port, *next(requests), report)
        await asyncio.sleep(60 * idle_minutes)
    finally:
        report.exit_status = server.returncode
        report.kill_count = group.kill_count
        if server.returncode is None:
            server.send_signal(signal.SIGTERM)
            await server.wait()
        await log_task
        sample_task.cancel()
    return report


def _drop_file_caches(folder: Path) -> None:
    """Drop the files from the page cache, which the kernel charges to the group that reads them first."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


async def _send_request(port: int, text: str, voice: str, report: RunReport) -> None:
    try:
        audio_bytes = await asyncio.wait_for(_receive_audio(port, text, voice), TIMEOUT_SECONDS)
    except (OSError, asyncio.TimeoutError, RuntimeError) as error:
        report.failures.append(repr(error))
        await asyncio.sleep(0.5)
        return
    if audio_bytes:
        report.answered += 1
    else:
        report.failures.append("no audio")


async def _receive_audio(port: int, text: str, voice: str) -> int:
    """Send one request, and return the number of audio bytes in the response."""
    audio_bytes = 0
    async with AsyncTcpClient("127.0.0.1", port) as client:
        await client.write_event(Synthesize(text, SynthesizeVoice(voice)).event())
        while event := await client.read_event():
            if event.type == "error":
                raise RuntimeError(event.data.get("text"))
            if event.type == "audio-stop":
                return audio_bytes
            audio_bytes += len(event.payload or b"")
    raise RuntimeError("connection closed before audio-stop")


async def _read_log(server: asyncio.subprocess.Process, report: RunReport) -> None:
    assert server.stderr
    while line := await server.stderr.readline():
        report.log.append(line.decode(errors="replace").rstrip())


async def _wait_for_log(report: RunReport, server: asyncio.subprocess.Process, pattern: str) -> str:
    """Wait until the log matches `pattern`, and return its first group."""
    for _ in range(round(TIMEOUT_SECONDS / 0.1)):
        found = next(filter(None, (re.search(pattern, line) for line in report.log)), None)
        if found:
            return found[1]
        if server.returncode is not None:
            break
        await asyncio.sleep(0.1)
    raise SystemExit("the server does not start:\n" + "\n".join(report.log))


async def _sample_memory(server: asyncio.subprocess.Process, group: ControlGroup, report: RunReport) -> None:
    while True:
        with contextlib.suppress(OSError, psutil.Error):
            report.used_bytes.append(group.used_bytes)
            report.resident_bytes.append(psutil.Process(server.pid).memory_info().rss)
        await asyncio.sleep(SAMPLE_INTERVAL_SECONDS)


def generate_requests() -> Iterator[tuple[str, str]]:
    """Yield texts of 3 to 300 words that never repeat, with the voices in turn."""
    words = WORDS.split()
    for number in itertools.count():
        count = (3, 8, 20, 5, 60, 12, 3, 150, 8, 300)[number % 10]
        chosen = [words[(number * 7 + index * (index % 5 + 1)) % len(words)] for index in range(count)]
        sentences = [" ".join(chosen[first : first + 12]) for first in range(0, count, 12)]
        yield f"Number {number}: " + ". ".join(sentences) + ".", VOICES[number % len(VOICES)]


def format_curve(sizes: list[int], points: int = 12) -> str:
    """Return about `points` of the sizes in megabytes."""
    step = max(1, len(sizes) // points)
    return " ".join(f"{size / MB:.0f}" for size in sizes[::step])


def print_report(name: str, report: RunReport, limit: int) -> None:
    """Print the report of one run."""
    ending = "ran until the end" if report.exit_status is None else f"exited with status {report.exit_status}"
    ready, most = report.resident_bytes_when_ready / MB, max(report.resident_bytes) / MB
    print(f"\n{name}: limit {limit / MB:.0f} MB" if limit else f"\n{name}: no limit")
    print(f"  requests  {report.answered} answered, {len(report.failures)} failed {sorted(set(report.failures))}")
    print(f"  server    {ending}; {report.kill_count} processes killed")
    print(f"  used      at most {max(report.used_bytes) / MB:.0f} MB; {format_curve(report.used_bytes)}")
    print(f"  resident  {ready:.0f} MB when ready, at most {most:.0f} MB; {format_curve(report.resident_bytes)}")
    for line in report.memory_messages:
        print(f"  watchdog  {line}")


async def run_all(options: argparse.Namespace, folder: Path) -> bool:
    """Measure normal use, then run with the limit. Return whether the limited run passed."""
    tables = [f"[plugins.{name}]\nenabled = false\n" for name in ["zeroconf", *options.without]]
    (folder / "config.toml").write_text("".join(tables))
    requests = generate_requests()
    with control_group() as group:
        # Preparing the model and trying the providers happens once, and needs more memory than speaking.
        await run_server(group, folder, 0.0, requests, options.settle_minutes)
    with control_group() as group:
        normal = await run_server(group, folder, options.normal_minutes, requests)
    print_report("normal use", normal, 0)
    limit = round(max(normal.resident_bytes) * options.share)
    with control_group() as group:
        group.set_limit(limit)
        limited = await run_server(group, folder, options.minutes, requests)
    print_report("limited", limited, limit)
    is_running = limited.exit_status is None and not limited.kill_count
    return bool(limited.answered) and not limited.failures and is_running


def main() -> None:
    """Parse the command line and run the server."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=10.0, help="minutes of requests under the limit")
    parser.add_argument("--normal-minutes", type=float, default=3.0, help="minutes of requests to measure normal use")
    parser.add_argument("--settle-minutes", type=float, default=1.0, help="minutes to try providers before measuring")
    parser.add_argument("--without", action="append", default=[], help="plugin to disable, such as openvino")
    parser.add_argument("--share", type=float, default=0.8, help="limit as a share of normal use")
    options = parser.parse_args()
    # SIGTERM then raises KeyboardInterrupt, so that all files and groups are removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="memory-limit-") as folder:
        has_passed = asyncio.run(run_all(options, Path(folder)))
    sys.exit(0 if has_passed else 1)


if __name__ == "__main__":
    main()
