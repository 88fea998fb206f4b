"""Send malformed data to a server while a correct client requests speech.

    python -m tools.faults.fuzz [--conversations N] [--at-once N] [--seed N] [--config FILE]

The server runs on the loopback interface. The exit code is 0 if the correct client saw no error and no gap, the
server's log shows no internal error, and the server holds no resource afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tools.faults.malformed_conversations import SPOKEN_TEXTS, generate_conversation, run_conversation
from tools.load.server_process import ProcessStats, find_internal_errors, isolate, wait_for_stable_memory
from tools.load.speech_client import MAX_GAP_SECONDS, SPOKEN, random_sentence, request_speech, split_randomly
from tools.measure.household_server import serving
from wyoming_kokoro.cli.ping import describe
from wyoming_kokoro.config import load_config

# A closed connection is released within this time.
RELEASE_SECONDS = 5.0
WARMUP_REQUESTS = 3
WORDS_PER_SENTENCE = 8
MAX_SHOWN = 5


@dataclass(slots=True)
class CorrectClient:
    """Requests new sentences without a pause, and collects the results."""

    answers: int = 0
    audio_seconds: float = 0.0
    ttfa: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    """Audible gaps, in seconds."""
    failures: list[str] = field(default_factory=list)

    async def run(self, port: int, random: Random, is_over: asyncio.Event) -> None:
        """Request sentences until `is_over`, alternately as a stream."""
        while not is_over.is_set():
            text = random_sentence(random, WORDS_PER_SENTENCE)
            answer = await request_speech(port, text, chunks=split_randomly(text, random) if self.answers % 2 else ())
            if answer.outcome != SPOKEN:
                self.failures.append(answer.outcome)
                continue
            self.answers += 1
            self.audio_seconds += answer.audio_seconds
            self.ttfa.append(answer.ttfa or 0.0)
            if answer.gap_seconds > MAX_GAP_SECONDS:
                self.gaps.append(answer.gap_seconds)

    def __str__(self) -> str:
        ttfa = sorted(self.ttfa) or [0.0]
        return (
            f"correct client: {self.answers} sentences, {self.audio_seconds:.0f} s of audio,"
            f" TTFA median {ttfa[len(ttfa) // 2]:.2f} s and worst {ttfa[-1]:.2f} s, {len(self.failures)} errors,"
            f" {len(self.gaps)} with gaps (worst {max(self.gaps, default=0.0):.2f} s)"
        )


async def attack(port: int, count: int, at_once: int, random: Random) -> Counter[str]:
    """Run `count` malformed conversations, and return how often each kind ended in each way."""
    endings: Counter[str] = Counter()
    conversations = (generate_conversation(random) for _ in range(count))

    async def run_conversations() -> None:
        for conversation in conversations:
            endings[f"{conversation.kind}: {await run_conversation(port, conversation)}"] += 1
            if endings.total() % 1000 == 0:
                print(f"{endings.total()} conversations", file=sys.stderr, flush=True)

    await asyncio.gather(*(run_conversations() for _ in range(at_once)))
    return endings


def run_attack(port: int, count: int, at_once: int, seed: int) -> Counter[str]:
    """Run `attack` in its own process, so that it does not slow down the correct client."""
    return asyncio.run(attack(port, count, at_once, Random(seed)))


async def run_clients(port: int, count: int, at_once: int, seed: int) -> tuple[CorrectClient, Counter[str]]:
    """Run the correct client during the attack, and check that the server answers afterwards."""
    client, is_over = CorrectClient(), asyncio.Event()
    running = asyncio.create_task(client.run(port, Random(seed), is_over))
    try:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            attacking = pool.submit(run_attack, port, count, at_once, seed + 1)
            endings = await asyncio.wrap_future(attacking)
    finally:
        is_over.set()
        await running
    await asyncio.to_thread(describe, f"tcp://127.0.0.1:{port}")
    await asyncio.sleep(RELEASE_SECONDS)
    return client, endings


async def warm_up(port: int, seed: int) -> None:
    """Let the server open what it opens once, and cache the texts of the malformed conversations."""
    random = Random(seed + 2)
    for text in (*(random_sentence(random, WORDS_PER_SENTENCE) for _ in range(WARMUP_REQUESTS)), *SPOKEN_TEXTS):
        await request_speech(port, text)


def main() -> int:
    """Run the attack, print the report and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=10_000, metavar="N", help="default: 10000")
    parser.add_argument("--at-once", type=int, default=8, metavar="N", help="concurrent conversations; default: 8")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the random generator; default: 1")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration of the server")
    options = parser.parse_args()
    config = load_config(options.config, {}, {})
    with TemporaryDirectory() as name, serving(isolate(config, Path(name) / "server")) as server:
        port = server.ready()
        asyncio.run(warm_up(port, options.seed))
        asyncio.run(wait_for_stable_memory(server.process.pid))
        before, started = ProcessStats.of(server.process.pid), time.monotonic()
        client, endings = asyncio.run(run_clients(port, options.conversations, options.at_once, options.seed))
        server.must_run()
        after, errors = ProcessStats.of(server.process.pid), find_internal_errors(server.log)
        print(f"{endings.total()} conversations in {time.monotonic() - started:.0f} s, {options.at_once} at once")
    print(*(f"  {count} {ending}" for ending, count in endings.most_common()), sep="\n")
    print(client, *(f"  {failure}" for failure in client.failures[:MAX_SHOWN]), sep="\n")
    print(f"server before: {before}\nserver after:  {after}")
    print(f"internal errors in the log: {len(errors)}", *(f"  {line}" for line in errors[:MAX_SHOWN]), sep="\n")
    # The thread pool may grow by one, and two files of the phrase cache may be opened.
    leaks = after.sockets > before.sockets or after.threads > before.threads + 1 or after.files > before.files + 2
    return 1 if client.failures or client.gaps or errors or leaks else 0


if __name__ == "__main__":
    raise SystemExit(main())
