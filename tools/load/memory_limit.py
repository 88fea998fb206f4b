"""Speak with less memory than it takes: the server in a control group with a limit 20 % below its normal use.

    .venv/bin/python -m tools.load.memory_limit --minutes 10

Normal use is measured first, in a group without a limit, after all providers were tried: the most that was resident,
the weights that are mapped from files among it. Then the server is started anew under the limit, and new texts are
asked for, one after the other, for so many minutes. Needs Linux and the right to make control groups, which root has.
Everything runs on the loopback, and all that it makes is removed.
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
PATIENCE = 300.0
SAMPLE_SECONDS = 0.5
VOICES = ("af_heart", "bf_emma", "am_michael")
WORDS = (
    "kitchen window garden battery thermostat evening lantern doorbell humidity station blanket morning record"
    " corner weather ladder number coffee planet velvet harbour pepper violin marble"
)


@dataclass(frozen=True)
class Group:
    """A control group of our own."""

    folder: Path
    is_first: bool
    """Of the first version."""

    @property
    def usage(self) -> int:
        """Bytes in use, but for what the kernel may take back at once."""
        total = int((self.folder / ("memory.usage_in_bytes" if self.is_first else "memory.current")).read_text())
        return total - self._line("memory.stat", "total_inactive_file" if self.is_first else "inactive_file")

    @property
    def kills(self) -> int:
        """How many processes the kernel has killed."""
        return self._line("memory.oom_control" if self.is_first else "memory.events", "oom_kill")

    def limit(self, size: int) -> None:
        """Let the group take so many bytes."""
        (self.folder / ("memory.limit_in_bytes" if self.is_first else "memory.max")).write_text(str(size))

    def _line(self, file: str, name: str) -> int:
        found = re.search(rf"^{name} (\d+)$", (self.folder / file).read_text(), re.MULTILINE)
        return int(found[1]) if found else 0


@contextlib.contextmanager
def group() -> Iterator[Group]:
    """Make a group within our own, or below the root of the second version, and remove it."""
    own = re.search(r"^\d+:memory:(.+)$", Path("/proc/self/cgroup").read_text(), re.MULTILINE)
    root = Path("/sys/fs/cgroup")
    parent = root / "memory" / own[1].lstrip("/") if own else root
    folder = parent / f"wyoming-kokoro-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        raise SystemExit(f"no control group can be made here ({error}); run it as root, on Linux") from None
    try:
        yield Group(folder, bool(own))
    finally:
        folder.rmdir()


@dataclass
class Story:
    """What happened in one run of the server."""

    answered: int = 0
    failed: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    usage: list[int] = field(default_factory=list)
    resident: list[int] = field(default_factory=list)
    ready: int = 0
    """Resident bytes when it was ready."""
    kills: int = 0
    status: int | None = None
    """The exit status, if it ended by itself."""

    @property
    def levels(self) -> list[str]:
        """What the watchdog told."""
        return [line.partition("Memory is ")[2] for line in self.log if "Memory is " in line]


async def lived(
    made: Group, folder: Path, minutes: float, asked: Iterator[tuple[str, str]], silence: float = 0.0
) -> Story:
    """Start the server in the group, ask for texts, be silent for a while, stop it, and tell the story."""
    await asyncio.to_thread(_forget, folder)
    story = Story()
    shell = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
    places = [
        "--config",
        str(folder / "config.toml"),
        "--cache",
        str(folder / "cache"),
        "--state",
        str(folder / "state"),
    ]
    command = [sys.executable, "-m", "wyoming_kokoro", *places, "--uri", "tcp://127.0.0.1:0"]
    program = await asyncio.create_subprocess_exec("sh", "-c", shell, str(made.folder), *command, stderr=-1)
    reading = asyncio.create_task(_read(program, story))
    sampling = asyncio.create_task(_sample(program, made, story))
    try:
        port = int(await _said(story, program, r"Listening on .* port (\d+)"))
        await _said(story, program, r"(Ready) to speak")
        story.ready = story.resident[-1] if story.resident else 0
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end and program.returncode is None:
            await _ask(port, *next(asked), story)
        await asyncio.sleep(60 * silence)
    finally:
        story.status = program.returncode
        story.kills = made.kills
        if program.returncode is None:
            program.send_signal(signal.SIGTERM)
            await program.wait()
        await reading
        sampling.cancel()
    return story


def _forget(folder: Path) -> None:
    """Have the kernel forget what files hold: whoever reads a file first is charged for it, be it another group."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


async def _ask(port: int, text: str, voice: str, story: Story) -> None:
    try:
        sound = await asyncio.wait_for(_heard(port, text, voice), PATIENCE)
    except (OSError, asyncio.TimeoutError, RuntimeError) as error:
        story.failed.append(repr(error))
        await asyncio.sleep(0.5)
        return
    if sound:
        story.answered += 1
    else:
        story.failed.append("no sound")


async def _heard(port: int, text: str, voice: str) -> int:
    """Return how many bytes of sound are the answer."""
    sound = 0
    async with AsyncTcpClient("127.0.0.1", port) as client:
        await client.write_event(Synthesize(text, SynthesizeVoice(voice)).event())
        while event := await client.read_event():
            if event.type == "error":
                raise RuntimeError(event.data.get("text"))
            if event.type == "audio-stop":
                return sound
            sound += len(event.payload or b"")
    raise RuntimeError("hung up in the middle")


async def _read(program: asyncio.subprocess.Process, story: Story) -> None:
    assert program.stderr
    while line := await program.stderr.readline():
        story.log.append(line.decode(errors="replace").rstrip())


async def _said(story: Story, program: asyncio.subprocess.Process, pattern: str) -> str:
    for _ in range(round(PATIENCE / 0.1)):
        found = next(filter(None, (re.search(pattern, line) for line in story.log)), None)
        if found:
            return found[1]
        if program.returncode is not None:
            break
        await asyncio.sleep(0.1)
    raise SystemExit("the server does not start:\n" + "\n".join(story.log))


async def _sample(program: asyncio.subprocess.Process, made: Group, story: Story) -> None:
    while True:
        with contextlib.suppress(OSError, psutil.Error):
            story.usage.append(made.usage)
            story.resident.append(psutil.Process(program.pid).memory_info().rss)
        await asyncio.sleep(SAMPLE_SECONDS)


def texts() -> Iterator[tuple[str, str]]:
    """Yield new texts, from three words to three hundred, and voices in turn."""
    known = WORDS.split()
    for number in itertools.count():
        count = (3, 8, 20, 5, 60, 12, 3, 150, 8, 300)[number % 10]
        words = [known[(number * 7 + index * (index % 5 + 1)) % len(known)] for index in range(count)]
        sentences = [" ".join(words[first : first + 12]) for first in range(0, count, 12)]
        yield f"Number {number}: " + ". ".join(sentences) + ".", VOICES[number % len(VOICES)]


def curve(values: list[int], points: int = 12) -> str:
    """Return some of the values, in megabytes."""
    step = max(1, len(values) // points)
    return " ".join(f"{value / MB:.0f}" for value in values[::step])


def tell(name: str, story: Story, limit: int) -> None:
    """Print what happened."""
    ending = "was running to the end" if story.status is None else f"ended by itself with status {story.status}"
    resident = f"{story.ready / MB:.0f} MB when ready, {max(story.resident) / MB:.0f} MB at most"
    print(f"\n{name}: limit {limit / MB:.0f} MB" if limit else f"\n{name}: no limit")
    print(f"  requests  {story.answered} answered, {len(story.failed)} failed {sorted(set(story.failed))}")
    print(f"  kills     {story.kills}; it {ending}")
    print(f"  in use    {max(story.usage) / MB:.0f} MB at most; {curve(story.usage)}")
    print(f"  resident  {resident}; {curve(story.resident)}")
    for line in story.levels:
        print(f"  level     {line}")


async def compare(options: argparse.Namespace, folder: Path) -> bool:
    """Measure normal use, then live with less; return whether that went well."""
    tables = [f"[plugins.{name}]\nenabled = false\n" for name in ["zeroconf", *options.without]]
    (folder / "config.toml").write_text("".join(tables))
    asked = texts()
    with group() as made:
        # What is done once, and takes more than speaking: the model is prepared, and providers are tried.
        await lived(made, folder, 0.0, asked, options.settle_minutes)
    with group() as made:
        normal = await lived(made, folder, options.normal_minutes, asked)
    tell("normal", normal, 0)
    limit = round(max(normal.resident) * options.share)
    with group() as made:
        made.limit(limit)
        short = await lived(made, folder, options.minutes, asked)
    tell("short", short, limit)
    return bool(short.answered) and not short.failed and not short.kills and short.status is None


def main() -> None:
    """Read the command line and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to speak under the limit")
    parser.add_argument("--normal-minutes", type=float, default=3.0, help="how long to measure normal use")
    parser.add_argument("--settle-minutes", type=float, default=1.0, help="how long providers are tried beforehand")
    parser.add_argument("--without", action="append", default=[], help="a plugin to be left out, such as openvino")
    parser.add_argument("--share", type=float, default=0.8, help="the limit, as a share of normal use")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that everything is removed then, too
    with tempfile.TemporaryDirectory(prefix="short-of-memory-") as folder:
        good = asyncio.run(compare(options, Path(folder)))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
