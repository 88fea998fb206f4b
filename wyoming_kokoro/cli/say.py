"""`say`: speak once, on the same path as the server."""

from __future__ import annotations

import asyncio
import sys
import wave
from contextlib import suppress
from pathlib import Path

from wyoming_kokoro.backend import open_backend
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.types import SAMPLE_RATE


async def say(config: Config, text: str, output: str) -> None:
    """Write `text` as a WAV file to the path `output`, or to stdout for `-`.

    Raises `SpeechError`, `StartupError` and `ConfigError`; no file is left half-written.
    """
    pcm = await synthesize(config, text)
    if output == "-":
        await asyncio.to_thread(_write_stream, pcm)
    else:
        await asyncio.to_thread(_write_file, Path(output), pcm)


async def synthesize(config: Config, text: str) -> bytes:
    """Return `text` as s16le mono PCM."""
    async with open_backend(config, await asyncio.to_thread(PluginManager.load, config)) as backend:
        utterance = backend.tts.utterance()
        utterance.feed(text)
        utterance.finish()
        return b"".join([chunk async for chunk in utterance.pcm()])


def _write_stream(pcm: bytes) -> None:
    with wave.open(sys.stdout.buffer, "wb") as wav:
        _fill(wav, pcm)


def _write_file(path: Path, pcm: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        with wave.open(str(part), "wb") as wav:
            _fill(wav, pcm)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise ConfigError("--output", str(path), f"cannot be written: {error.strerror}") from None


def _fill(wav: wave.Wave_write, pcm: bytes) -> None:
    wav.setnchannels(1)
    wav.setsampwidth(2)
    wav.setframerate(SAMPLE_RATE)
    wav.setnframes(len(pcm) // 2)  # known in advance, so that a pipe need not seek
    wav.writeframesraw(pcm)
