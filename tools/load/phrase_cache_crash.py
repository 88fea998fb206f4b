"""Kill a server that writes to its phrase cache, at random moments, and look at what is left each time.

    python -m tools.load.phrase_cache_crash [--kills N] [--folder FOLDER] [--seed N]

Whatever is found must be, bit for bit, what was put; every file must open; and where nothing is evicted, every phrase
that was written before the kill must be there. Prints one line of JSON, and exits with 1 when any of that is not so.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from wyoming_kokoro import SAMPLE_RATE, Pcm, PhraseCache, PhraseKey, PluginContext, TextKey
from wyoming_kokoro_phrase_cache import Phrasebook

KEYS = 300
"""Different phrases; each has a sound of its own."""
SIZES_MB = (1, 400)
"""The limits of two caches that are killed by turns: one evicts all the time, one never."""
SOONEST, LATEST = 0.05, 0.6
"""Seconds between the opening and the kill."""


@dataclass
class Account:
    """What happened in all lives together."""

    kills: int = 0
    opened: int = 0
    written: int = 0
    verified: int = 0
    wrong: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    set_aside: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether all is as it must be."""
        return self.kills == self.opened and not (self.wrong or self.lost or self.set_aside or self.errors)


def main() -> None:
    """Run the lives, or one of them."""
    options = parsed()
    if options.life:
        asyncio.run(life(options.folder, options.size, options.seed, json.load(sys.stdin)))
        return
    with TemporaryDirectory(prefix="kill-cache-") as folder:
        account = killed(options.folder or Path(folder), options.kills, random.Random(options.seed))
    print(json.dumps(asdict(account)))
    sys.exit(not account.is_clean)


def parsed() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="how many; default: 200")
    parser.add_argument("--folder", type=Path, help="where the caches are made; default: one for the time being")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of what is random; default: 1")
    parser.add_argument("--life", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def killed(folder: Path, kills: int, dice: random.Random) -> Account:
    """Live and die so often."""
    account = Account()
    written: dict[int, set[int]] = {size: set() for size in SIZES_MB}
    for number in range(kills):
        size = SIZES_MB[number % len(SIZES_MB)]
        own = folder / str(size)
        expected = written[size] if size == SIZES_MB[-1] else set()
        written[size] |= one_life(own, size, dice, expected, account)
        account.set_aside += len(list(own.rglob("*.sqlite"))) - 1
    return account


def one_life(folder: Path, size: int, dice: random.Random, expected: Iterable[int], account: Account) -> set[int]:
    """Start a server, kill it, and enter into the account what it said; return what it had written."""
    seed = str(dice.randrange(1 << 30))
    command = [sys.executable, __file__, "--life", "--folder", str(folder), "--size", str(size), "--seed", seed]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        json.dump(list(expected), server.stdin)
        server.stdin.close()
        server.stdin = None
        report = json.loads(server.stdout.readline() or "{}")
        time.sleep(dice.uniform(SOONEST, LATEST))
        server.kill()
        said, error = server.communicate()
    account.kills += 1
    account.opened += bool(report)
    account.verified += report.get("verified", 0)
    account.wrong += report.get("wrong", [])
    account.lost += report.get("lost", [])
    account.errors += [error.splitlines()[-1]] if error else []
    written = {int(line) for line in said.splitlines(keepends=True) if line.endswith("\n")}
    account.written += len(written)
    return written


async def life(folder: Path, size: int, seed: int, expected: list[int]) -> None:
    """Verify what is there, say so, and write until the end, saying what is written."""
    async with opened(folder, size) as cache:
        print(json.dumps(await verified(cache, set(expected))), flush=True)
        dice = random.Random(seed)
        while True:
            number = dice.randrange(KEYS)
            cache.put(key(number), sound(number), cost=dice.random())
            cache.put_phonemes(text_key(number), phonemes(number))
            if dice.random() < 0.5:
                await cache.flush()
                print(number, flush=True)


@asynccontextmanager
async def opened(folder: Path, size: int) -> AsyncIterator[PhraseCache]:
    """Open the cache as a server does, but with nothing in memory, so that all that is heard comes from the disk."""
    table = {"size_mb": size, "memory_mb": 0}
    context = PluginContext("phrase_cache", folder / "cache", folder / "state", logging.getLogger(__name__), table)
    cache = Phrasebook(context).kokoro_phrase_cache()
    await cache.open()
    try:
        yield cache
    finally:
        await cache.close()


async def verified(cache: PhraseCache, expected: set[int]) -> dict[str, object]:
    """Return how many phrases are as they were put, which are not, and which of `expected` are not there."""
    count = 0
    wrong, found = [], set()
    for number in range(KEYS):
        chunks = await cache.get(key(number))
        spelt = await cache.phonemes(text_key(number))
        if chunks is not None:
            found.add(number)
            heard = np.concatenate([np.zeros(0, np.int16), *[chunk async for chunk in chunks]])
            count += 1
            if not np.array_equal(heard, sound(number)):
                wrong.append(number)
        if spelt not in {None, phonemes(number)}:
            wrong.append(number)
    return {"verified": count, "wrong": wrong, "lost": sorted(expected - found)}


def key(number: int) -> PhraseKey:
    """Return the key of a phrase."""
    return PhraseKey("kill", "voice", 1.0, str(number))


def text_key(number: int) -> TextKey:
    """Return the key of a text."""
    return TextKey("kill", "en", f"Number {number}")


def phonemes(number: int) -> str:
    """Return the phonemes of a text."""
    return f"nˈʌmbɚ {number}"


def sound(number: int) -> Pcm:
    """Return the recording of a phrase: noise, for 0.1 to 1.5 seconds."""
    noise = np.random.default_rng(number)
    samples = int(SAMPLE_RATE * noise.uniform(0.1, 1.5))
    return noise.integers(-3000, 3000, samples).astype(np.int16)


if __name__ == "__main__":
    main()
