"""`say`: synthesize one text, on the same path as the server."""

from __future__ import annotations

import argparse
import asyncio
import sys
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.cli.resource_limits import require_resources
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError
from wyoming_kokoro.settings import is_utf8

if TYPE_CHECKING:
    from wyoming_kokoro.api.speech_models import WordTiming


def add_parser(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("say", "synthesize one text, on the same path as the server", run)
    parser.add_argument("text", help="the text; - reads it from stdin")
    parser.add_argument("--output", default="-", help="a WAV file; - (the default) writes to stdout")
    parser.add_argument("--timings", metavar="FILE", help="write when each word is spoken, to FILE.json, .srt or .vtt")


def run(config: Config, options: argparse.Namespace) -> int:
    """Write the text as a WAV file, and the times of its words. No file is left half-written.

    Raises `SpeechError`, `StartupError` and `ConfigError`.
    """
    require_resources()
    from wyoming_kokoro.subtitles import FORMATS

    text = sys.stdin.buffer.read().decode(errors="surrogateescape") if options.text == "-" else options.text
    if not is_utf8(text):
        raise ConfigError("say", "text", "is not UTF-8; convert it")
    timings = Path(options.timings) if options.timings else None
    if timings and timings.suffix.lower() not in FORMATS:
        raise ConfigError("--timings", options.timings, f"must end with {', '.join(FORMATS)}")
    for option, file in (("--output", options.output), ("--timings", options.timings or "-")):
        # A long text takes minutes.
        if file != "-" and not Path(file).parent.is_dir():
            raise ConfigError(option, file, "cannot be written: its folder does not exist")
    if timings and options.output != "-" and timings.resolve() == Path(options.output).resolve():
        raise ConfigError("--timings", options.timings, "is also the file of --output; name another one")
    words: list[WordTiming] = []
    pcm, rate = asyncio.run(synthesize(config, text, words.extend if timings else None))
    if options.output == "-":
        _write_wav(sys.stdout.buffer, pcm, rate)
    else:
        with open_output("--output", Path(options.output)) as file:
            _write_wav(file, pcm, rate)
    if timings:
        with open_output("--timings", timings) as file:
            file.write(FORMATS[timings.suffix.lower()](words).encode())
    return 0


async def synthesize(
    config: Config, text: str, on_words: Callable[[Sequence[WordTiming]], object] | None = None
) -> tuple[bytes, int]:
    """Return `text` as s16le mono PCM, and its sample rate. `on_words` gets the words of each segment."""
    from wyoming_kokoro.backend import open_backend
    from wyoming_kokoro.plugins.manager import PluginManager

    async with open_backend(config, await asyncio.to_thread(PluginManager.load, config)) as backend:
        utterance = backend.tts.utterance(on_words=on_words)
        utterance.feed(text)
        utterance.finish()
        return b"".join([chunk async for chunk in utterance.pcm()]), utterance.rate


@contextmanager
def open_output(option: str, file: Path) -> Iterator[IO[bytes]]:
    """Yield a stream to `file`, which stays as it was if the block raises. Raises `ConfigError` for the `option`."""
    from wyoming_kokoro.storage import open_atomically

    try:
        # A device or a pipe, such as /dev/null, must not be replaced by a file, nor must a link.
        is_special = file.exists() and not file.is_file()
        with file.open("wb") if is_special else open_atomically(file.resolve()) as output:
            yield output
    except OSError as error:
        raise ConfigError(option, str(file), f"cannot be written: {error.strerror}") from None


def _write_wav(file: IO[bytes], pcm: bytes, rate: int) -> None:
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        # The length goes into the header before the samples, because a pipe cannot seek back.
        wav.setnframes(len(pcm) // 2)
        wav.writeframesraw(pcm)
