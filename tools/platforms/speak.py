"""Speaks with an installed wheel, and writes what happened as JSON. Runs with the Python of the tested environment.

    ENVIRONMENT/bin/python speak.py OUT [--extras ja,zh,openai] [--emulated | --running]

The steps: `say`, a server, `ping`, a stream of text by a Wyoming client, an MP3 request of the speech API, and SIGTERM.
With extras the server also speaks Japanese and Chinese, and answers an AAC request. OUT gets `result.json`,
`server.log`, and each recording as `NAME.wav` with its words in `NAME.txt`. The cache is the folder `cache` beside OUT,
unless the environment names one. Needs only the wheel and its dependencies.
"""

from __future__ import annotations

import argparse
import array
import asyncio
import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
import urllib.request
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path

from wyoming.audio import AudioChunk
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeVoice

# An emulated CPU is about a hundred times slower.
STEP_TIMEOUT_SECONDS = 3600.0
MIN_SPEECH_SECONDS = 1.0
# The loudest sample of speech, as a share of full scale, is above this.
MIN_PEAK = 0.05
MIN_ENCODED_BYTES = 8000
PROBLEM = re.compile(r"Traceback|Warning:| (?:WARNING|ERROR|CRITICAL) ")
LISTENING = re.compile(r"Listening on .* port (\d+) after")
READY = re.compile(r"Ready to speak")
SPEECH_API = re.compile(r"Speech API listens on http://127\.0\.0\.1:(\d+)/")
SERVER_CONFIG = """\
[server]
uri = "tcp://127.0.0.1:0"
[plugins]
dashboard.port = 0
openai.port = 0
warmup.enabled = false
zeroconf.enabled = false
"""
SAY_TEXT = "The front door is unlocked, and the lights in the living room are on."
# The limit of one step of the model is 60 s, and that of a probe of native code is 120 s.
EMULATED_PROGRAM = f"""\
import sys
from wyoming_kokoro.cli.main import main
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.storage import crash_probe
crash_probe.TIMEOUT_SECONDS = {STEP_TIMEOUT_SECONDS}
Scheduler.__init__.__defaults__ = ({STEP_TIMEOUT_SECONDS}, *Scheduler.__init__.__defaults__[1:])
sys.exit(main())
"""
DEFAULT_PORT, DEFAULT_OPENAI_PORT = 10200, 8880
STREAM_CHUNKS = ("Dinner will be ready in twenty minutes, ", "so please wash your hands. ", "The music was paused.")
LANGUAGE_TEXTS = {
    "ja": ("jf_alpha", "今日はとてもいい天気ですね。"),
    "zh": ("zf_xiaobei", "今天天气很好。"),
}
PACKAGES = ("wyoming-kokoro", "numpy", "onnxruntime", "onnx", "msgspec", "aiohttp", "soundfile")


@dataclass(slots=True)
class PlatformRecording:
    """Speech that was written to a file, and how long it took."""

    name: str
    language: str
    text: str
    took_seconds: float
    audio_seconds: float = 0.0


@dataclass(slots=True)
class PlatformResult:
    """The result of all steps on one platform."""

    python: str
    machine: str
    system: str
    packages: dict[str, str]
    recordings: list[PlatformRecording] = field(default_factory=list)
    other_steps: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    """Warnings, errors and tracebacks in the logs, and steps that failed."""


def main() -> int:
    """Run all steps, write the result and return the exit code: 1 if there are problems."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="OUT")
    parser.add_argument("--extras", default="", help="the installed extras, with commas between them")
    parser.add_argument(
        "--emulated", action="store_true", help="the CPU is emulated, and steps of the model take minutes"
    )
    parser.add_argument("--running", action="store_true", help="use the server that runs on the default ports")
    options = parser.parse_args()
    trial = PlatformTrial(options.folder.absolute(), options.emulated)
    extras = options.extras.split(",")
    try:
        trial.say()
        if options.running:
            asyncio.run(trial.request_all(DEFAULT_PORT, DEFAULT_OPENAI_PORT, extras))
        else:
            asyncio.run(trial.serve(extras))
    except (OSError, EOFError, ValueError, subprocess.SubprocessError) as error:
        trial.result.problems.append(repr(error))
    text = json.dumps(asdict(trial.result), indent=1, ensure_ascii=False)
    (trial.folder / "result.json").write_text(text, "utf-8")
    print(text)
    return 1 if trial.result.problems else 0


class PlatformTrial:
    """Runs the steps and collects their result."""

    def __init__(self, folder: Path, is_emulated: bool) -> None:
        """Make `folder`, where the files of the trial are."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        packages = {name: metadata.version(name) for name in PACKAGES}
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
        self.result = PlatformResult(platform.python_version(), platform.machine(), system, packages)
        own = {"WYOMING_KOKORO_CACHE": str(folder.parent / "cache"), "WYOMING_KOKORO_STATE": str(folder / "state")}
        # The image brings its own directories.
        self._environment = {**own, **os.environ}
        self._script = str(Path(sys.executable).with_name("wyoming-kokoro"))
        self._program = [sys.executable, "-c", EMULATED_PROGRAM] if is_emulated else [self._script]

    def say(self) -> None:
        """Say one sentence. The first run prepares the model."""
        file = self.folder / "say.wav"
        command = [*self._program, "say", SAY_TEXT, "--output", str(file)]
        started = time.monotonic()
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=STEP_TIMEOUT_SECONDS, check=False
        )
        took = time.monotonic() - started
        self.result.problems += find_problems(done.stderr)
        if done.returncode:
            raise ValueError(f"say ended with {done.returncode}: {done.stderr[-2000:]}")
        with wave.open(str(file)) as wav:
            pcm, rate = wav.readframes(wav.getnframes()), wav.getframerate()
        self._add(PlatformRecording("say", "en", SAY_TEXT, round(took, 1)), pcm, rate)

    async def serve(self, extras: Sequence[str]) -> None:
        """Start a server, send requests, and stop the server."""
        async with self._server() as ports:
            await self.request_all(*ports, extras)

    async def request_all(self, port: int, openai_port: int, extras: Sequence[str]) -> None:
        """Send requests with `ping`, with a Wyoming client, and to the speech API."""
        await self._ping(port)
        self.result.other_steps["describe"] = f"{await count_voices(port)} voices"
        for name in ["mp3", *(["aac"] if "openai" in extras else [])]:
            size = await asyncio.to_thread(request_encoded, openai_port, name)
            self.result.other_steps[f"{name} by the speech API"] = f"{size} bytes"
        chunks = [SynthesizeChunk(chunk).event() for chunk in STREAM_CHUNKS]
        stream = [SynthesizeStart().event(), *chunks, SynthesizeStop().event()]
        await self._record(port, "stream", "en", "".join(STREAM_CHUNKS), stream)
        for language in [extra for extra in extras if extra in LANGUAGE_TEXTS]:
            voice, text = LANGUAGE_TEXTS[language]
            whole = [Synthesize(text, voice=SynthesizeVoice(name=voice)).event()]
            await self._record(port, language, language, text, whole)

    @asynccontextmanager
    async def _server(self) -> AsyncIterator[tuple[int, int]]:
        """Run a server, and yield its port and that of its speech API.

        Its log must show no problem, and SIGTERM must end it with code 0.
        """
        config = self.folder / "config.toml"
        config.write_text(SERVER_CONFIG, "utf-8")
        process = await asyncio.create_subprocess_exec(
            *self._program, "--config", str(config), env=self._environment, stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr
        lines: list[str] = []
        try:
            started = time.monotonic()
            port = int((await wait_for_line(process.stderr, lines, LISTENING))[1])
            await wait_for_line(process.stderr, lines, READY)
            openai_port = int((await wait_for_line(process.stderr, lines, SPEECH_API))[1])
            self.result.other_steps["server start"] = f"{time.monotonic() - started:.1f} s"
            reading = asyncio.create_task(read_lines(process.stderr, lines))
            yield port, openai_port
            process.send_signal(signal.SIGTERM)
            code = await asyncio.wait_for(process.wait(), STEP_TIMEOUT_SECONDS)
            await reading
            self.result.other_steps["SIGTERM"] = f"exit code {code}"
            if code:
                self.result.problems.append(f"the server ended with code {code} after SIGTERM")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            (self.folder / "server.log").write_text("".join(lines), "utf-8")
            self.result.problems += find_problems("".join(lines))

    async def _ping(self, port: int) -> None:
        started = time.monotonic()
        ping = await asyncio.create_subprocess_exec(
            self._script, "ping", "--uri", f"tcp://127.0.0.1:{port}", stdout=asyncio.subprocess.DEVNULL
        )
        if await ping.wait():
            raise ValueError(f"ping ended with {ping.returncode}")
        self.result.other_steps["ping"] = f"{time.monotonic() - started:.1f} s"

    async def _record(self, port: int, name: str, language: str, text: str, events: Sequence[Event]) -> None:
        """Send `events` and record the audio until the end of the request."""
        last = "synthesize-stopped" if SynthesizeStart.is_type(events[0].type) else "audio-stop"
        pcm, rate = b"", 0
        started = time.monotonic()
        async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
            for event in events:
                await client.write_event(event)
            while answer := await asyncio.wait_for(client.read_event(), STEP_TIMEOUT_SECONDS):
                if Error.is_type(answer.type):
                    raise ValueError(f"the server answered {Error.from_event(answer)}")
                if AudioChunk.is_type(answer.type):
                    chunk = AudioChunk.from_event(answer)
                    pcm, rate = pcm + chunk.audio, chunk.rate
                if answer.type == last:
                    took = round(time.monotonic() - started, 1)
                    return self._add(PlatformRecording(name, language, text, took), pcm, rate)
        raise EOFError("the server closed the connection before the end of the speech")

    def _add(self, recording: PlatformRecording, pcm: bytes, rate: int) -> None:
        """Write a recording and add it to the result. Raises `ValueError` if it is not speech."""
        with wave.open(str(self.folder / f"{recording.name}.wav"), "wb") as wav:
            wav.setparams((1, 2, rate, 0, "NONE", ""))
            wav.writeframes(pcm)
        (self.folder / f"{recording.name}.txt").write_text(recording.text, "utf-8")
        recording.audio_seconds = round(len(pcm) / 2 / rate, 2)
        peak = max(map(abs, array.array("h", pcm)), default=0) / 32768
        if recording.audio_seconds < MIN_SPEECH_SECONDS or peak < MIN_PEAK:
            raise ValueError(f"{recording} is no speech: its loudest sample is {peak:.3f}")
        self.result.recordings.append(recording)


async def wait_for_line(log: asyncio.StreamReader, lines: list[str], wanted: re.Pattern[str]) -> re.Match[str]:
    """Return the match of the first such line, and read the log until there is one.

    `lines` are those that were read. Raises `EOFError` when the server ends before it.
    """
    for line in lines:
        if match := wanted.search(line):
            return match
    while line := (await asyncio.wait_for(log.readline(), STEP_TIMEOUT_SECONDS)).decode():
        lines.append(line)
        if match := wanted.search(line):
            return match
    raise EOFError(f"the server ended: {lines[-5:]}")


async def read_lines(log: asyncio.StreamReader, lines: list[str]) -> None:
    """Read the log to its end."""
    while line := await log.readline():
        lines.append(line.decode())


async def count_voices(port: int) -> int:
    """Return how many voices the answer to `describe` names."""
    async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
        await client.write_event(Describe().event())
        answer = await asyncio.wait_for(client.read_event(), STEP_TIMEOUT_SECONDS)
        assert answer
        return len(Info.from_event(answer).tts[0].voices)


def request_encoded(port: int, name: str) -> int:
    """Request speech in the format `name`, mp3 or aac, from the speech API. Return the size of the answer in bytes."""
    # The first step has cached the text in this voice.
    body = json.dumps({"model": "tts-1", "voice": "alloy", "input": SAY_TEXT, "response_format": name}).encode()
    url = f"http://127.0.0.1:{port}/v1/audio/speech"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=STEP_TIMEOUT_SECONDS) as answer:
        audio = answer.read()
    # Each frame of MP3, and of AAC in ADTS, begins with eleven bits of ones.
    if len(audio) < MIN_ENCODED_BYTES or audio[0] != 0xFF or audio[1] & 0xE0 != 0xE0:
        raise ValueError(f"the speech API sent no {name}: {audio[:40]!r}")
    return len(audio)


def find_problems(log: str) -> list[str]:
    """Return the lines of a log that show a problem."""
    return [line for line in log.splitlines() if PROBLEM.search(line)]


if __name__ == "__main__":
    sys.exit(main())
