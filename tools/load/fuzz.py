"""Malformed conversations beside one good client that is spoken to without a pause: does the good client notice?

    python -m tools.load.fuzz [--conversations 10000] [--at-once 8] [--seed 1] [--config FILE]

The server is one of its own, on the loopback interface. The exit code is 0 if the good client heard no error and no
gap, the server's log tells of nothing wrong inside, and nothing is left of the conversations.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tools.load.malformed_conversations import SAID, converse, draw
from tools.load.server_process import (
    Failed,
    Refusal,
    Vitals,
    alone,
    complaints,
    counted,
    hear,
    in_pieces,
    new_words,
    settle,
)
from tools.measure.household_server import serving
from wyoming_kokoro.config import load
from wyoming_kokoro.ping import described

SETTLE_SECONDS = 5.0
WARM_REQUESTS = 3
WORDS_A_SENTENCE = 8
GAP_SECONDS = 0.02
"""A player's own buffer hides less."""
SHOWN = 5


@dataclass(slots=True)
class Good:
    """What the good client went through."""

    heard: int = 0
    speech: float = 0.0
    first: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    """The gaps of each request that had any, in seconds."""
    failures: list[str] = field(default_factory=list)
    """What went wrong."""

    async def listen(self, port: int, dice: Random, over: asyncio.Event) -> None:
        """Have new sentences spoken, every other one streamed, until `over`."""
        while not over.is_set():
            text = new_words(dice, WORDS_A_SENTENCE)
            try:
                heard = await hear(port, text, pieces=in_pieces(text, dice) if self.heard % 2 else ())
            except (Failed, Refusal) as failure:
                self.failures.append(str(failure))
                continue
            self.heard += 1
            self.speech += heard.seconds
            self.first.append(heard.first)
            if heard.late > GAP_SECONDS:
                self.late.append(heard.late)

    def __str__(self) -> str:
        first = sorted(self.first) or [0.0]
        return (
            f"good client: {self.heard} sentences, {self.speech:.0f} s of speech, first sound after"
            f" {first[len(first) // 2]:.2f} s (worst {first[-1]:.2f} s), {len(self.failures)} errors,"
            f" {len(self.late)} with late audio (worst {max(self.late, default=0.0):.2f} s)"
        )


async def attack(port: int, count: int, at_once: int, dice: Random) -> list[str]:
    """Have `count` malformed conversations, several at a time; return how each ended, with its kind."""
    endings: list[str] = []
    conversations = (draw(dice) for _ in range(count))

    async def one_after_the_other() -> None:
        for conversation in conversations:
            endings.append(f"{conversation.kind}: {await converse(port, conversation)}")
            if len(endings) % 1000 == 0:
                print(f"{len(endings)} conversations", file=sys.stderr, flush=True)

    await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))
    return endings


def attacked(port: int, count: int, at_once: int, seed: int) -> list[str]:
    """Do what `attack` does, in a process of its own: what it takes must not make the good client's ears slow."""
    return asyncio.run(attack(port, count, at_once, Random(seed)))


async def run(port: int, count: int, at_once: int, seed: int) -> tuple[Good, list[str]]:
    """Let the good client listen while the others attack; then the server must still answer."""
    good, over = Good(), asyncio.Event()
    listening = asyncio.create_task(good.listen(port, Random(seed), over))
    try:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            attacking = pool.submit(attacked, port, count, at_once, seed + 1)
            endings = await asyncio.wrap_future(attacking)
    finally:
        over.set()
        await listening
    await described(f"tcp://127.0.0.1:{port}")
    await asyncio.sleep(SETTLE_SECONDS)
    return good, endings


def main() -> int:
    """Run, and tell what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--config", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory() as name, serving(alone(load(options.config, {}, {}), Path(name) / "server")) as server:
        port = server.ready()
        asyncio.run(warm(port, options.seed))
        asyncio.run(settle(server.process.pid))
        before, began = Vitals.of(server.process.pid), time.monotonic()
        good, endings = asyncio.run(run(port, options.conversations, options.at_once, options.seed))
        server.must_run()
        after, wrong = Vitals.of(server.process.pid), complaints(server.log)
        print(f"{len(endings)} conversations in {time.monotonic() - began:.0f} s, {options.at_once} at once")
        print("\n".join(f"  {line}" for line in counted(endings).split(", ")))
    print(good, *(f"  {failure}" for failure in good.failures[:SHOWN]), sep="\n")
    print(f"server before: {before}\nserver after:  {after}")
    print(f"complaints in its log: {len(wrong)}", *(f"  {line}" for line in wrong[:SHOWN]), sep="\n")
    left = after.sockets > before.sockets or after.threads > before.threads + 1 or after.files > before.files + 2
    return 1 if good.failures or good.late or wrong or left else 0


async def warm(port: int, seed: int) -> None:
    """Have everything spoken once that is opened and kept on the way, and what most of the ill clients ask for."""
    dice = Random(seed + 2)
    for text in (*(new_words(dice, WORDS_A_SENTENCE) for _ in range(WARM_REQUESTS)), *SAID):
        await hear(port, text)


if __name__ == "__main__":
    raise SystemExit(main())
