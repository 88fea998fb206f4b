"""`say`: synthesize one text, on the same path as the server."""

from __future__ import annotations

import argparse
import asyncio
import sys
import wave
from pathlib import Path
from typing import IO

from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError
from wyoming_kokoro.storage import open_atomically


def add_parser(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("say", "synthesize one text, on the same path as the server", run)
    parser.add_argument("text", help="the text; - reads it from stdin")
    parser.add_argument("--output", default="-", help="a WAV file; - (the default) writes to stdout")


def run(config: Config, options: argparse.Namespace) -> int:
    """Write the text as a WAV file. No file is left half-written.

    Raises `SpeechError`, `StartupError` and `ConfigError`.
    """
    text = sys.stdin.read() if options.text == "-" else options.text
    pcm, rate = asyncio.run(synthesize(config, text))
    if options.output == "-":
        _write_wav(sys.stdout.buffer, pcm, rate)
    else:
        try:
            with open_atomically(Path(options.output)) as file:
                _write_wav(file, pcm, rate)
        except OSError as error:
            raise ConfigError("--output", options.output, f"cannot be written: {error.strerror}") from None
    return 0


async def synthesize(config: Config, text: str) -> tuple[bytes, int]:
    """Return `text` as s16le mono PCM, and its sample rate."""
    from wyoming_kokoro.backend import open_backend
    from wyoming_kokoro.plugins.manager import PluginManager

    async with open_backend(config, await asyncio.to_thread(PluginManager.load, config)) as backend:
        utterance = backend.tts.utterance()
        utterance.feed(text)
        utterance.finish()
        return b"".join([chunk async for chunk in utterance.pcm()]), utterance.rate


def _write_wav(file: IO[bytes], pcm: bytes, rate: int) -> None:
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        # The length goes into the header before the samples, because a pipe cannot seek back.
        wav.setnframes(len(pcm) // 2)
        wav.writeframesraw(pcm)
