"""What `bench` measures: servers and kokoro-onnx, each in a child process, or a server that runs elsewhere."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil
import tomli_w
from wyoming.audio import AudioChunk, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.tts import Synthesize

from wyoming_kokoro.config import ENVIRONMENT, Config, ServerConfig
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.model.styles import MAX_PHONEMES, Styles

ANSWER_TIMEOUT_SECONDS = 120.0
"""A slow machine needs a tenth of this."""
POLL_SECONDS = 0.05
EXIT_TIMEOUT_SECONDS = 1.0
UNMEASURED_PLUGINS = ("zeroconf", "dashboard", "openai", "phrase_cache", "warmup")
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


@dataclass(frozen=True, slots=True)
class BenchTarget:
    """A program that speaks."""

    name: str
    """The name in the report."""
    speak: Callable[[BenchPhrase], SpeechTiming]
    """Speaks a phrase and returns the timing. Raises `StartupError`."""
    process: ChildProcess | None = None
    """The process of the program, if `bench` started it."""


def wyoming_target(uri: str, process: ChildProcess | None = None) -> BenchTarget:
    """Return a Wyoming server, which speaks texts with its default voice. Raises `ConfigError` for an invalid `uri`.

    Each request uses a new connection, as in Home Assistant.
    """

    def speak(phrase: BenchPhrase) -> SpeechTiming:
        try:
            return asyncio.run(_request_speech(uri, phrase.text))
        except asyncio.TimeoutError:
            raise StartupError(f"{uri} sent nothing for {ANSWER_TIMEOUT_SECONDS:.0f} s; see its log") from None
        except (OSError, EOFError) as error:
            raise StartupError(f"no connection to {uri}: {error}; check that the server runs") from None

    try:
        AsyncClient.from_uri(uri)
    except ValueError:
        raise ConfigError("command line", "--against", f"{uri!r} is not like tcp://HOST:PORT") from None
    return BenchTarget(uri, speak, process)


async def _request_speech(uri: str, text: str) -> SpeechTiming:
    ttfa = audio_seconds = 0.0
    async with AsyncClient.from_uri(uri) as client:
        started = time.perf_counter()
        await client.write_event(Synthesize(text).event())
        while event := await asyncio.wait_for(client.read_event(), ANSWER_TIMEOUT_SECONDS):
            if Error.is_type(event.type):
                raise StartupError(f"{uri} cannot speak: {Error.from_event(event).text}")
            if AudioStop.is_type(event.type):
                break
            if AudioChunk.is_type(event.type) and event.payload:
                ttfa = ttfa or time.perf_counter() - started
                audio_seconds += AudioChunk.from_event(event).seconds
        else:
            raise StartupError(f"{uri} closed the connection during an answer; see its log")
        total = time.perf_counter() - started
    if not audio_seconds:
        raise StartupError(f"{uri} sent no audio; see its log")
    return SpeechTiming(ttfa, total, audio_seconds)


@dataclass(frozen=True, slots=True)
class ChildProcess:
    """A child process that logs to a file."""

    name: str
    """The name in error messages."""
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def peak_bytes(self) -> int:
        """The peak resident memory; on systems without `/proc`, the present resident memory."""
        status = Path(f"/proc/{self.process.pid}/status")
        if status.exists() and (peak := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
            return int(peak[1]) * 1024
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def wait_for_log(self, pattern: str) -> re.Match[str]:
        """Wait until the log matches `pattern`. Raises `StartupError` if the process exits first."""
        while True:
            # Checked before the log is read: the last line of a process that has exited is still found.
            is_running = self.process.poll() is None
            if match := re.search(pattern, self.log.read_text("utf-8", "replace")):
                return match
            if not is_running:
                raise self.exit_error()
            time.sleep(POLL_SECONDS)

    def exchange_lines(self, line: bytes) -> bytes:
        """Write a line to stdin and return the next line of stdout. Raises `StartupError` if the process exits."""
        stdin, stdout = self.process.stdin, self.process.stdout
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

    def exit_error(self) -> StartupError:
        """Wait for the exit, and return an error with the exit code and the last line of the log."""
        code = self.process.wait()
        lines = self.log.read_text("utf-8", "replace").strip().splitlines() or ["(empty)"]
        last = lines[-1].removeprefix("wyoming-kokoro: ")
        return StartupError(f"{self.name} ended with exit code {code}; last line of its log: {last}")


@contextmanager
def run_child(name: str, command: Sequence[str | Path], folder: Path) -> Iterator[ChildProcess]:
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
def run_server(config: Config) -> Iterator[BenchTarget]:
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
                yield wyoming_target(f"tcp://127.0.0.1:{port}", server)
            except StartupError:
                # If the server has just exited, its log has the cause.
                with suppress(subprocess.TimeoutExpired):
                    server.process.wait(EXIT_TIMEOUT_SECONDS)
                    raise server.exit_error() from None
                raise


def isolate(config: Config) -> Config:
    """Return `config` for a server on a free loopback port that is not announced and caches no speech."""
    return replace(
        config,
        server=ServerConfig("tcp://127.0.0.1:0"),
        # With "auto", the two models would take turns, and the medians would mean nothing.
        voice=replace(config.voice, quality="full" if config.voice.quality == "auto" else config.voice.quality),
        # A fixed number of threads, because the server would otherwise try several numbers.
        model=replace(config.model, threads=config.model.threads or default_threads()),
        log_level="info",
        plugins={**config.plugins, **{name: {"enabled": False} for name in UNMEASURED_PLUGINS}},
        required_plugins=tuple(name for name in config.required_plugins if name not in UNMEASURED_PLUGINS),
    )


def write_config(config: Config, file: Path) -> None:
    """Write `config` as a configuration file."""
    tables = asdict(config)
    del tables["source"]
    file.write_text(tomli_w.dumps(tables), "utf-8")


@contextmanager
def run_kokoro_onnx(model: Path, styles: Styles, voice: str, speed: float, threads: int) -> Iterator[BenchTarget]:
    """Run plain kokoro-onnx on `model` with one voice or blend of `styles`. Raises `StartupError`."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        voices = folder / "voices-v1.0.bin"
        arrays: dict[str, Any] = {voice: np.stack([styles.row(voice, count + 1) for count in range(MAX_PHONEMES)])}
        with voices.open("wb") as file:
            np.savez(file, **arrays)
        python = [sys.executable, "-X", "utf8", "-m", "wyoming_kokoro.bench.plain_kokoro_onnx"]
        with run_child("kokoro-onnx", [*python, model, voices, str(threads), voice, str(speed)], folder) as process:

            def speak(phrase: BenchPhrase) -> SpeechTiming:
                line = process.exchange_lines(f"{phrase.phonemes}\n".encode())
                seconds, audio_seconds = map(float, line.split())
                # `create` returns all audio at once: the first samples arrive at the end.
                return SpeechTiming(seconds, seconds, audio_seconds)

            version = process.exchange_lines(b"").decode().strip()
            yield BenchTarget(f"kokoro-onnx {version}", speak, process)


@contextmanager
def interrupt_on_sigterm() -> Iterator[None]:
    """Handle SIGTERM as Ctrl-C, so that context managers stop the child processes."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
