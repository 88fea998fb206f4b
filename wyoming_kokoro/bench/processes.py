"""Those that `bench` compares, each in a process of its own that ends with its `with` block."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import msgspec
import numpy as np
import psutil
from wyoming.audio import AudioChunk, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import Synthesize

from wyoming_kokoro.bench.plain_kokoro_onnx import Answer, Wish, lead
from wyoming_kokoro.config import ENVIRONMENT, Config, ServerConfig
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.model.voices import LENGTHS, Styles
from wyoming_kokoro.processors import processors
from wyoming_kokoro.types import SAMPLE_RATE

ANSWER_SECONDS = 120.0
"""A rival that is silent for so long has failed; a slow machine takes a tenth of it."""
LOOK_SECONDS = 0.05
END_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """What is spoken."""

    text: str
    phonemes: str


@dataclass(frozen=True, slots=True)
class Timing:
    """How speaking a phrase once went, in seconds."""

    first: float
    """From the request to the first samples."""
    lead: float
    """How much of the audio comes before the first sample that is heard."""
    total: float
    """From the request to the end."""
    seconds: float
    """The length of the audio."""

    @property
    def audible(self) -> float:
        """From the request to the first sample that is heard, if it is played at once."""
        return self.first + self.lead

    @property
    def rtf(self) -> float:
        """The time that a second of audio takes."""
        return self.total / self.seconds


class Rival(Protocol):
    """Somebody who speaks."""

    def speak(self, phrase: Phrase) -> Timing:
        """Speak `phrase` and return how it went. Raises `StartupError`."""


class WyomingServer:
    """A Wyoming server, heard as by Home Assistant: with a connection for each request."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def speak(self, phrase: Phrase) -> Timing:
        """Have the text of `phrase` spoken with the server's default voice. Raises `StartupError`."""
        try:
            return asyncio.run(self._heard(phrase.text))
        except asyncio.TimeoutError:
            raise StartupError(f"{self._uri} is silent for {ANSWER_SECONDS:.0f} s; see its log") from None
        except (OSError, EOFError) as error:
            raise StartupError(f"nobody answers at {self._uri} ({error}); is the server running?") from None

    async def _heard(self, text: str) -> Timing:
        async with AsyncClient.from_uri(self._uri) as client:
            asked = time.perf_counter()
            await client.write_event(Synthesize(text).event())
            chunk = await self._chunk(client)
            if chunk is None:
                raise StartupError(f"{self._uri} sends no audio; see its log")
            first, rate, pcm = time.perf_counter() - asked, chunk.rate, b""
            while chunk:
                pcm += chunk.audio
                chunk = await self._chunk(client)
            total = time.perf_counter() - asked
        samples = np.frombuffer(pcm, "<i2") / np.float32(32768)
        return Timing(first, lead(samples, rate), total, len(samples) / rate)

    async def _chunk(self, client: AsyncClient) -> AudioChunk | None:
        """Return the next chunk that has audio, or None at the end of the answer."""
        while not AudioStop.is_type((event := await self._event(client)).type):
            if Error.is_type(event.type):
                raise StartupError(f"{self._uri} cannot speak: {Error.from_event(event).text}")
            if AudioChunk.is_type(event.type) and event.payload:
                return AudioChunk.from_event(event)
        return None

    async def _event(self, client: AsyncClient) -> Event:
        event = await asyncio.wait_for(client.read_event(), ANSWER_SECONDS)
        if event is None:
            raise StartupError(f"{self._uri} hangs up in the middle of an answer; see its log")
        return event


class Child:
    """A process that writes its log to a file."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        """`name` is for messages."""
        self._name = name
        self._process = process
        self._log = log

    @property
    def peak_bytes(self) -> int:
        """The most memory it had resident; where the system keeps no account (macOS), what it has now."""
        status = Path(f"/proc/{self._process.pid}/status")
        if status.exists() and (peak := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
            return int(peak[1]) * 1024
        return int(psutil.Process(self._process.pid).memory_info().rss)

    def said(self, pattern: str) -> re.Match[str]:
        """Wait until the log says `pattern`. Raises `StartupError` with its last line if it ends before."""
        while True:
            running = self._process.poll() is None
            if found := re.search(pattern, self._log.read_text("utf-8", "replace")):
                return found
            if not running:
                raise self.ended()
            time.sleep(LOOK_SECONDS)

    def asked(self, question: bytes) -> bytes:
        """Return the line that it answers to the line `question`. Raises `StartupError` if it has ended."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        try:
            stdin.write(question)
        except BrokenPipeError:
            raise self.ended() from None
        answer = stdout.readline()
        if not answer:
            raise self.ended()
        return answer

    def has_ended(self) -> bool:
        """Return whether it has ended or is about to."""
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ended(self) -> StartupError:
        """Return the error that says how it ended."""
        code = self._process.wait()
        lines = self._log.read_text("utf-8", "replace").strip().splitlines() or ["nothing"]
        last = lines[-1].removeprefix("wyoming-kokoro: ")
        return StartupError(f"{self._name} ended with exit code {code}; the last it said was: {last}")


@contextmanager
def child(name: str, command: Sequence[str], folder: Path) -> Iterator[Child]:
    """Run `command`, and everything temporary in `folder`; on leaving it is killed."""
    log = folder / "log"
    taken = {variable: value for variable, value in os.environ.items() if variable not in ENVIRONMENT}
    ours = {"ORT_DISABLE_TELEMETRY": "1", "TMPDIR": str(folder)}
    with (
        log.open("wb") as stderr,
        subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**taken, **ours},
        ) as process,
    ):
        try:
            yield Child(name, process, log)
        finally:
            process.kill()


@contextmanager
def serving(config: Config) -> Iterator[tuple[WyomingServer, Child]]:
    """Run our server as `config` wants it, but on a free port of the loopback interface and unannounced.

    Raises `StartupError`.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "config.toml"
        file.write_text(toml(asdict(alone(config))), "utf-8")
        command = [sys.executable, "-m", "wyoming_kokoro", "serve", "--config", str(file)]
        with child("our server", command, folder) as server:
            port = server.said(r"Listening on \S+ port (\d+)")[1]
            server.said("Ready to speak")
            try:
                yield WyomingServer(f"tcp://127.0.0.1:{port}"), server
            except StartupError:
                if server.has_ended():
                    raise server.ended() from None
                raise


NOT_MEASURED = ("zeroconf", "dashboard", "phrase_cache", "warmup")
"""Plugins that a server does without while it is measured: what is kept is not made."""


def alone(config: Config) -> Config:
    """Return `config` for a server that only this machine can find, and that makes everything it says."""
    return replace(
        config,
        server=ServerConfig("tcp://127.0.0.1:0"),
        model=replace(config.model, threads=config.model.threads or processors()),  # else it tries how many are enough
        log_level="info",
        plugins={**config.plugins, **{name: {"enabled": False} for name in NOT_MEASURED}},
        plugins_required=tuple(name for name in config.plugins_required if name not in NOT_MEASURED),
    )


def toml(config: Mapping[str, object]) -> str:
    """Return `config` as TOML, without `where`."""
    return "".join(f"{key} = {_toml(value)}\n" for key, value in config.items() if key != "where")


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)  # TOML writes strings, numbers and booleans as JSON does


class KokoroOnnx:
    """Plain kokoro-onnx in a process of its own: only its `create` is timed, on phonemes that are given."""

    def __init__(self, process: Child, voice: str, speed: float) -> None:
        self._process = process
        self._voice = voice
        self._speed = speed
        self.version = msgspec.json.decode(process.asked(b""), type=str)

    def speak(self, phrase: Phrase) -> Timing:
        """Have the phonemes of `phrase` spoken. Raises `StartupError`."""
        wish = Wish(phrase.phonemes, self._voice, self._speed)
        line = self._process.asked(msgspec.json.encode(wish) + b"\n")
        answer = msgspec.json.decode(line, type=Answer)
        return Timing(answer.seconds, answer.lead, answer.seconds, answer.samples / SAMPLE_RATE)


@contextmanager
def kokoro_onnx(
    model: Path, styles: Styles, voice: str, speed: float, threads: int
) -> Iterator[tuple[KokoroOnnx, Child]]:
    """Run kokoro-onnx on `model` with one voice, or blend, of the `styles`. Raises `StartupError`."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        voices = folder / "voices-v1.0.bin"
        _write_voice(voices, voice, styles)
        command = [
            sys.executable,
            "-m",
            "wyoming_kokoro.bench.plain_kokoro_onnx",
            str(model),
            str(voices),
            str(threads),
        ]
        with child("kokoro-onnx", command, folder) as process:
            yield KokoroOnnx(process, voice, speed), process


def _write_voice(file: Path, voice: str, styles: Styles) -> None:
    """Write the styles of one voice in kokoro-onnx's form."""
    arrays: dict[str, Any] = {voice: np.stack([styles.row(voice, count + 1) for count in range(LENGTHS)])}
    with file.open("wb") as stream:
        np.savez(stream, **arrays)
