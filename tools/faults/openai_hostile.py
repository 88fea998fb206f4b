"""Sends hostile requests to the speech API beside a correct client: internal errors, leaks, a client that suffers.

    python -m tools.faults.openai_hostile http://127.0.0.1:8880 --pid PID [--requests 1000] [--aborts 200] [--slow 50]

PID is the process of the running server. Exit code 1 if any answer has a status of 500 or more besides 503, if the
correct client gets an error, or if files or threads are left at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from typing import Any

import httpx
import psutil

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 5, 1e308, 10**30, "", "x", "af_heart", "a" * 5000, "\ud800", "\0", [], {}, [[]],
    {"id": 1}, {"id": "af_heart"}, "mp3", "pcm", "sse", "af_heart(1e9)+af_heart", "+" * 500, "../../etc/passwd",
    "<speak><break/>",
    "[pause:9999s]" * 50, "[rate:0.0001]x", "💣" * 300,
)  # fmt: skip
KEYS = ("input", "model", "voice", "response_format", "speed", "stream_format", "lang_code", "volume_multiplier")
PATHS = ("/v1/audio/speech", "/dev/captioned_speech", "/v1/models/%00", "/v1/audio/voices?legacy=%ff", "/../../x", "/")
RAW = (
    b"\0" * 100,
    b"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n{",
    b"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST /v1/audio/speech HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}",
)
TEXT = "The washing machine has finished, and the lights in the living room are still on."


def main() -> int:
    """Run all clients."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="the address of a running server, such as http://127.0.0.1:8880")
    parser.add_argument("--pid", type=int, required=True, help="the process of the server")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--aborts", type=int, default=200)
    parser.add_argument("--slow", type=int, default=50)
    options = parser.parse_args()
    return asyncio.run(run(options))


async def run(options: argparse.Namespace) -> int:
    """Return the exit code."""
    process = psutil.Process(options.pid)
    statuses: Counter[str] = Counter()
    async with httpx.AsyncClient(base_url=options.url, timeout=120) as client:
        await speak(client, "A first sentence.")
        before = (process.num_fds(), process.num_threads(), process.memory_info().rss)
        stop = asyncio.Event()
        good = asyncio.create_task(keep_speaking(client, stop))
        slots = asyncio.Semaphore(12)
        await asyncio.gather(
            *(send_hostile(client, slots, statuses, seed) for seed in range(options.requests)),
            *(abort(options.url, slots, seed) for seed in range(options.aborts)),
            *(send_slowly(options.url) for _ in range(options.slow)),
        )
        stop.set()
        served, failed, slowest = await good
        await speak(client, "A last sentence.")
    await asyncio.sleep(2)
    after = (process.num_fds(), process.num_threads(), process.memory_info().rss)
    print("statuses", dict(sorted(statuses.items())))
    print(f"correct client: {served} answers, {failed} errors, slowest first byte {slowest:.2f} s")
    for name, old, new in zip(("files", "threads", "bytes of memory"), before, after, strict=True):
        print(f"{name}: {old} before, {new} after")
    has_errors = any(status >= "500" and status != "503" for status in statuses)
    has_leak = after[0] > before[0] + 5 or after[1] > before[1] + 2
    return int(has_errors or has_leak or failed > 0)


async def speak(client: httpx.AsyncClient, text: str) -> None:
    """Raise an error unless `text` is spoken."""
    (await client.post("/v1/audio/speech", json={"input": text, "voice": "alloy"})).raise_for_status()


async def keep_speaking(client: httpx.AsyncClient, stop: asyncio.Event) -> tuple[int, int, float]:
    """Return the numbers of answers and errors, and the longest time to a first byte."""
    served = failed = 0
    slowest = 0.0
    while not stop.is_set():
        started_at = time.perf_counter()
        async with client.stream("POST", "/v1/audio/speech", json={"input": f"Number {served}."}) as answer:
            first = True
            async for _ in answer.aiter_bytes():
                slowest = max(slowest, time.perf_counter() - started_at) if first else slowest
                first = False
        failed += answer.status_code != 200
        served += 1
        await asyncio.sleep(0.1)
    return served, failed, slowest


async def send_hostile(client: httpx.AsyncClient, slots: asyncio.Semaphore, statuses: Counter[str], seed: int) -> None:
    """Send one random request and count its status."""
    chance = random.Random(seed)
    body = {key: chance.choice(VALUES) for key in chance.sample(KEYS, chance.randint(0, 5))}
    if chance.random() < 0.6:
        body["input"] = chance.choice(("hi", *(value for value in VALUES if isinstance(value, str))))
    content = json.dumps(body).encode()
    if chance.random() < 0.2:
        content = content[: chance.randint(0, len(content))] + chance.randbytes(chance.randint(0, 5))
    async with slots:
        try:
            answer = await client.request(
                chance.choice(("POST", "POST", "POST", "GET", "PUT")),
                chance.choice(PATHS[:2] * 4 + PATHS),
                content=content,
                headers={"Content-Type": chance.choice(("application/json",) * 5 + ("text/plain", "x"))},
            )
            statuses[str(answer.status_code)] += 1
        except httpx.HTTPError as error:
            statuses[type(error).__name__] += 1


async def abort(url: str, slots: asyncio.Semaphore, seed: int) -> None:
    """Leave in the middle of a request or of an answer, or send what is not HTTP."""
    chance = random.Random(seed)
    async with slots:
        _, writer = await connect(url)
        if chance.random() < 0.2:
            writer.write(chance.choice(RAW))
            await asyncio.sleep(0.05)
        else:
            body = json.dumps({"input": f"{TEXT} {seed}", "voice": "alloy"}).encode()
            head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
            request = head.encode() + b"Content-Type: application/json\r\n\r\n" + body
            writer.write(request[: chance.choice((len(request), len(request), 60, len(request) - 5))])
            await asyncio.sleep(chance.random() * 0.5)
        writer.transport.abort()


async def send_slowly(url: str) -> None:
    """Send a byte of a body each second, for at most half a minute."""
    reader, writer = await connect(url)
    writer.write(b"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
    writer.write(b"Content-Length: 500\r\n\r\n")
    for _ in range(30):
        if reader.at_eof() or writer.transport.is_closing():
            break
        writer.write(b" ")
        await asyncio.sleep(1)
    writer.close()


async def connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection to the server."""
    parts = httpx.URL(url)
    return await asyncio.open_connection(parts.host, parts.port)


if __name__ == "__main__":
    sys.exit(main())
