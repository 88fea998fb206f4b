"""Speaks an hour of text over the speech API: growing memory of the server, length and end of the audio.

    python -m tools.load.long_speech http://127.0.0.1:8880 --pid PID [--form audio|sse|lines|object] [--playback 180]

PID is the process of the running server. The text of 50,000 characters has no sentence twice, so that no cache helps.
`--form` selects the audio alone, server-sent events, or audio with the time of each word in lines or in one object.
`--playback` reads the audio alone for so many seconds no faster than a player. Prints the memory every 5 s. Exit code 1
if the answer is cut, if the memory grows by more than 15 MB in the second half, when the phrase cache is full, or if
the words do not end with the audio.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import itertools
import json
import sys
import time
from pathlib import Path

import httpx
import psutil

from tools.measure.word_timings import SENTENCES

MAX_GROWTH_BYTES = 15e6
SAMPLE_SECONDS = 5.0
# Of MP3, the format of the answer.
BYTES_PER_SECOND = 8000
END = "And this was the very last sentence of the story."


def main() -> int:
    """Speak the text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="the address of a running server, such as http://127.0.0.1:8880")
    parser.add_argument("--pid", type=int, required=True, help="the process of the server")
    parser.add_argument("--form", choices=["audio", "sse", "lines", "object"], default="audio")
    parser.add_argument("--characters", type=int, default=50_000)
    parser.add_argument("--playback", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--output", type=Path, help="where to write the MP3")
    return asyncio.run(run(parser.parse_args()))


async def run(options: argparse.Namespace) -> int:
    """Return the exit code."""
    text = long_text(options.characters)
    memory: list[int] = []
    watcher = asyncio.create_task(watch(psutil.Process(options.pid), memory))
    answer = await speak(options, text)
    watcher.cancel()
    audio, words = decode(options.form, answer)
    if options.output:
        options.output.write_bytes(audio)
    length = len(audio) / BYTES_PER_SECOND
    growth = max(memory) - memory[len(memory) // 2]
    print(f"{len(text)} characters, {length:.1f} s of audio, {len(words)} words")
    print(f"memory grew by {growth / 1e6:.1f} MB in the second half")
    has_end = not words or 0 <= length - words[-1]["end_time"] < 1
    return int(growth > MAX_GROWTH_BYTES or not has_end)


def long_text(characters: int) -> str:
    """Return different sentences, the last of which is `END`."""
    sentences = (f"Number {n}: {SENTENCES[n % len(SENTENCES)]}" for n in itertools.count(1))
    text = ""
    while len(text) + len(END) < characters:
        text += next(sentences) + " "
    return text + END


async def watch(process: psutil.Process, memory: list[int]) -> None:
    """Add the memory of `process` to `memory` every 5 s."""
    started_at = time.monotonic()
    while True:
        memory.append(process.memory_info().rss)
        print(f"{time.monotonic() - started_at:6.0f} s {memory[-1] / 1e6:7.1f} MB", flush=True)
        await asyncio.sleep(SAMPLE_SECONDS)


async def speak(options: argparse.Namespace, text: str) -> bytes:
    """Return the answer. Raises an error if it is cut."""
    body = {"input": text, "stream_format": "sse" if options.form == "sse" else "audio"}
    body["stream"] = options.form == "lines"
    path = "/v1/audio/speech" if options.form in ("audio", "sse") else "/dev/captioned_speech"
    answer = bytearray()
    started_at = time.monotonic()
    async with (
        httpx.AsyncClient(base_url=options.url, timeout=600) as client,
        client.stream("POST", path, json=body) as response,
    ):
        response.raise_for_status()
        async for data in response.aiter_bytes():
            answer += data
            elapsed = time.monotonic() - started_at
            if elapsed < options.playback:
                await asyncio.sleep(max(0.0, len(answer) / BYTES_PER_SECOND - elapsed))
    print(f"answered after {time.monotonic() - started_at:.0f} s")
    return bytes(answer)


def decode(form: str, answer: bytes) -> tuple[bytes, list[dict[str, float]]]:
    """Return the MP3 and the words."""
    if form == "audio":
        return answer, []
    lines = [line.removeprefix(b"data: ") for line in answer.splitlines() if line]
    parts = [json.loads(line) for line in lines]
    audio = b"".join(base64.b64decode(part.get("audio", "")) for part in parts)
    return audio, [word for part in parts for word in part.get("timestamps", ())]


if __name__ == "__main__":
    sys.exit(main())
