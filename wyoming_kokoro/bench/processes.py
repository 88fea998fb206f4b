"""What `bench` measures: servers and kokoro-onnx, each in a child process, or a server that runs elsewhere."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import msgspec
import numpy as np
import psutil
import tomli_w
from wyoming.audio import AudioChunk, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import Synthesize

from wyoming_kokoro.bench.plain_kokoro_onnx import CreateRequest, CreateResult
from wyoming_kokoro.config import ENVIRONMENT, Config, ServerConfig
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.model.styles import MAX_PHONEMES, Styles

ANSWER_TIMEOUT_SECONDS = 120.0
"""A slow machine needs a tenth of this."""
POLL_SECONDS = 0.05
EXIT_TIMEOUT_SECONDS = 1.0
UNMEASURED_PLUGINS = ("zeroconf", "dashboard", "phrase_cache", "warmup")
"""Disabled while a server is measured. With a phrase cache, only the first round would synthesize."""


@dataclass(frozen=True, slots=True)
class BenchPhrase:
    """A text and its phonemes."""

    text: str
    phonemes: str


@dataclass(frozen=True, slots=True)
class SpeechTiming:
    """Measurements of one utterance, in seconds."""

    ttfa: float
    total: float
    audio_seconds: float

    @property
    def rtf(self) -> float:
        """Seconds of work per second of audio."""
        return self.total / self.audio_seconds


class BenchTarget(Protocol):
    """Speaks phrases, and measures how long that takes."""

    @property
    def name(self) -> str:
        """The name in the report."""

    @property
    def peak_bytes(self) -> int:
        """The peak resident memory, or 0 if the process is unknown."""

    def speak(self, phrase: BenchPhrase) -> SpeechTiming:
        """Speak `phrase` and return the timing. Raises `StartupError`."""


class WyomingTarget:
    """A Wyoming server. Each request uses a new connection, as Home Assistant does."""

    def __init__(self, uri: str, process: ChildProcess | None = None) -> None:
        """`process` runs the server, if `bench` started it. Raises `ConfigError` if `uri` is not valid."""
        self.name = uri
        self._process = process
        try:
            AsyncClient.from_uri(uri)
        except ValueError:
            raise ConfigError("command line", "--against", f"{uri!r} is not like tcp://HOST:PORT") from None

    @property
    def peak_bytes(self) -> int:
        """The peak resident memory, or 0 if the process is unknown."""
        return self._process.peak_bytes if self._process else 0

    def speak(self, phrase: BenchPhrase) -> SpeechTiming:
        """Speak the text with the server's default voice. Raises `StartupError`."""
        try:
            return asyncio.run(self._speak(phrase.text))
        except asyncio.TimeoutError:
            raise StartupError(f"{self.name} sent nothing for {ANSWER_TIMEOUT_SECONDS:.0f} s; see its log") from None
        except (OSError, EOFError) as error:
            raise StartupError(f"no connection to {self.name}: {error}; check that the server runs") from None

    async def _speak(self, text: str) -> SpeechTiming:
        ttfa = audio_seconds = 0.0
        async with AsyncClient.from_uri(self.name) as client:
            started = time.perf_counter()
            await client.write_event(Synthesize(text).event())
            while not AudioStop.is_type((event := await self._read_event(client)).type):
                if AudioChunk.is_type(event.type) and event.payload:
                    ttfa = ttfa or time.perf_counter() - started
                    audio_seconds += AudioChunk.from_event(event).seconds
            total = time.perf_counter() - started
        if not audio_seconds:
            raise StartupError(f"{self.name} sent no audio; see its log")
        return SpeechTiming(ttfa, total, audio_seconds)

    async def _read_event(self, client: AsyncClient) -> Event:
        event = await asyncio.wait_for(client.read_event(), ANSWER_TIMEOUT_SECONDS)
        if event is None:
            raise StartupError(f"{self.name} closed the connection during an answer; see its log")
        if Error.is_type(event.type):
            raise StartupError(f"{self.name} cannot speak: {Error.from_event(event).text}")
        return event


class ChildProcess:
    """A child process that logs to a file."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        """`name` appears in error messages."""
        self._name = name
        self._process = process
        self._log = log

    @property
    def peak_bytes(self) -> int:
        """The peak resident memory; on systems without `/proc`, the present resident memory."""
        status = Path(f"/proc/{self._process.pid}/status")
        if status.exists() and (peak := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
            return int(peak[1]) * 1024
        return int(psutil.Process(self._process.pid).memory_info().rss)

    def wait_for_log(self, pattern: str) -> re.Match[str]:
        """Wait until the log matches `pattern`. Raises `StartupError` if the process exits first."""
        while True:
            # Checked before the log is read: the last line of a process that has exited is still found.
            is_running = self._process.poll() is None
            if match := re.search(pattern, self._log.read_text("utf-8", "replace")):
                return match
            if not is_running:
                raise self.exit_error()
            time.sleep(POLL_SECONDS)

    def exchange_lines(self, line: bytes) -> bytes:
        """Write a line to stdin and return the next line of stdout. Raises `StartupError` if the process exits."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        try:
            stdin.write(line)
        except BrokenPipeError:
            raise self.exit_error() from None
        answer = stdout.readline()
        if not answer:
            raise self.exit_error()
        return answer

    def exits_soon(self) -> bool:
        """Return whether the process has exited, or exits within a second."""
        try:
            self._process.wait(EXIT_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    def exit_error(self) -> StartupError:
        """Wait for the exit, and return an error with the exit code and the last line of the log."""
        code = self._process.wait()
        lines = self._log.read_text("utf-8", "replace").strip().splitlines() or ["(empty)"]
        last = lines[-1].removeprefix("wyoming-kokoro: ")
        return StartupError(f"{self._name} ended with exit code {code}; last line of its log: {last}")


@contextmanager
def run_child(name: str, command: Sequence[str], folder: Path) -> Iterator[ChildProcess]:
    """Run `command` with its log and temporary files in `folder`, and kill it on exit."""
    log = folder / "log"
    environment = {variable: value for variable, value in os.environ.items() if variable not in ENVIRONMENT}
    environment |= {"ORT_DISABLE_TELEMETRY": "1", "TMPDIR": str(folder)}
    with (
        log.open("wb") as stderr,
        subprocess.Popen(
            command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, env=environment
        ) as process,
    ):
        try:
            yield ChildProcess(name, process, log)
        finally:
            process.kill()


@contextmanager
def run_server(config: Config) -> Iterator[WyomingTarget]:
    """Run this server with `config`, isolated. Raises `StartupError`."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "config.toml"
        write_config(isolate(config), file)
        command = [sys.executable, "-m", "wyoming_kokoro", "serve", "--config", str(file)]
        with run_child("our server", command, folder) as server:
            port = server.wait_for_log(r"Listening on \S+ port (\d+)")[1]
            server.wait_for_log("Ready to speak")
            try:
                yield WyomingTarget(f"tcp://127.0.0.1:{port}", server)
            except StartupError:
                if server.exits_soon():
                    raise server.exit_error() from None
                raise


def isolate(config: Config) -> Config:
    """Return `config` for a server on a free loopback port that is not announced and caches no speech."""
    return replace(
        config,
        server=ServerConfig("tcp://127.0.0.1:0"),
        # A fixed number of threads, because the server would otherwise try several numbers.
        model=replace(config.model, threads=config.model.threads or default_threads()),
        log_level="info",
        plugins={**config.plugins, **{name: {"enabled": False} for name in UNMEASURED_PLUGINS}},
        required_plugins=tuple(name for name in config.required_plugins if name not in UNMEASURED_PLUGINS),
    )


def write_config(config: Config, file: Path) -> None:
    """Write `config` as a configuration file."""
    tables = asdict(config)
    del tables["where"]
    file.write_text(tomli_w.dumps(tables), "utf-8")


class KokoroOnnxTarget:
    """Plain kokoro-onnx in a child process. Only its `create` is measured, on given phonemes."""

    def __init__(self, process: ChildProcess, voice: str, speed: float) -> None:
        self._process = process
        self._voice = voice
        self._speed = speed
        self.name = f"kokoro-onnx {msgspec.json.decode(process.exchange_lines(b''), type=str)}"

    @property
    def peak_bytes(self) -> int:
        """The peak resident memory."""
        return self._process.peak_bytes

    def speak(self, phrase: BenchPhrase) -> SpeechTiming:
        """Speak the phonemes. Raises `StartupError`."""
        request = CreateRequest(phrase.phonemes, self._voice, self._speed)
        line = self._process.exchange_lines(msgspec.json.encode(request) + b"\n")
        result = msgspec.json.decode(line, type=CreateResult)
        # `create` returns all audio at once: the first samples arrive at the end.
        return SpeechTiming(result.seconds, result.seconds, result.audio_seconds)


@contextmanager
def run_kokoro_onnx(model: Path, styles: Styles, voice: str, speed: float, threads: int) -> Iterator[KokoroOnnxTarget]:
    """Run kokoro-onnx on `model` with one voice or blend of `styles`. Raises `StartupError`."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        voices = folder / "voices-v1.0.bin"
        arrays: dict[str, Any] = {voice: np.stack([styles.row(voice, count + 1) for count in range(MAX_PHONEMES)])}
        with voices.open("wb") as file:
            np.savez(file, **arrays)
        program = "wyoming_kokoro.bench.plain_kokoro_onnx"
        command = [sys.executable, "-m", program, str(model), str(voices), str(threads)]
        with run_child("kokoro-onnx", command, folder) as process:
            yield KokoroOnnxTarget(process, voice, speed)


@contextmanager
def interrupt_on_sigterm() -> Iterator[None]:
    """Handle SIGTERM as Ctrl-C, so that context managers stop the child processes."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
