"""Kill a server that writes to its phrase cache, at random moments, and check the files after each kill.

    python -m tools.faults.phrase_cache_crash [--kills N] [--folder FOLDER] [--seed N]

Every phrase that is found must be bit-exact, and every file must open. Where nothing is evicted, every phrase that was
flushed before the kill must be there. The tool prints one line of JSON, and exits with 1 if a check fails.
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
from wyoming_kokoro_phrase_cache import PhraseCachePlugin

PHRASES = 300
SIZES_MB = (1, 400)
"""Limits of two caches that are killed in turn. The small one always evicts, the large one never."""
MIN_LIFE_SECONDS, MAX_LIFE_SECONDS = 0.05, 0.6
"""Range of the time between the opening and the kill."""


@dataclass
class KillReport:
    """Counts of all runs, and the numbers of the phrases that failed a check."""

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
        """Whether every check passed."""
        return self.kills == self.opened and not (self.wrong or self.lost or self.set_aside or self.errors)


def main() -> None:
    """Kill servers, or be one of them."""
    options = parse_arguments()
    if options.server:
        asyncio.run(run_server(options.folder, options.size, options.seed, json.load(sys.stdin)))
        return
    with TemporaryDirectory(prefix="kill-cache-") as folder:
        report = kill_servers(options.folder or Path(folder), options.kills, random.Random(options.seed))
    print(json.dumps(asdict(report)))
    sys.exit(not report.is_clean)


def parse_arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="number of kills; default: 200")
    parser.add_argument("--folder", type=Path, help="folder of the caches; default: a temporary one")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="seed of the random moments; default: 1")
    parser.add_argument("--server", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def kill_servers(folder: Path, kills: int, dice: random.Random) -> KillReport:
    """Start and kill `kills` servers one after the other."""
    report = KillReport()
    flushed: dict[int, set[int]] = {size: set() for size in SIZES_MB}
    for number in range(kills):
        size = SIZES_MB[number % len(SIZES_MB)]
        cache_folder = folder / str(size)
        expected = flushed[size] if size == SIZES_MB[-1] else set()
        flushed[size] |= kill_server(cache_folder, size, dice, expected, report)
        report.set_aside += len(list(cache_folder.rglob("*.sqlite"))) - 1
    return report


def kill_server(folder: Path, size: int, dice: random.Random, expected: Iterable[int], report: KillReport) -> set[int]:
    """Start a server, kill it, and add its output to the report. Return the phrases that it flushed."""
    seed = str(dice.randrange(1 << 30))
    command = [sys.executable, __file__, "--server", "--folder", str(folder), "--size", str(size), "--seed", seed]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        json.dump(list(expected), server.stdin)
        server.stdin.close()
        server.stdin = None
        checks = json.loads(server.stdout.readline() or "{}")
        time.sleep(dice.uniform(MIN_LIFE_SECONDS, MAX_LIFE_SECONDS))
        server.kill()
        output, error = server.communicate()
    report.kills += 1
    report.opened += bool(checks)
    report.verified += checks.get("verified", 0)
    report.wrong += checks.get("wrong", [])
    report.lost += checks.get("lost", [])
    report.errors += [error.splitlines()[-1]] if error else []
    # The kill may cut the last line short.
    flushed = {int(line) for line in output.splitlines(keepends=True) if line.endswith("\n")}
    report.written += len(flushed)
    return flushed


async def run_server(folder: Path, size: int, seed: int, expected: list[int]) -> None:
    """Verify the cache and print the result. Then write phrases forever and print the number of each flushed one."""
    async with open_cache(folder, size) as cache:
        print(json.dumps(await verify(cache, set(expected))), flush=True)
        dice = random.Random(seed)
        while True:
            number = dice.randrange(PHRASES)
            cache.put(phrase_key(number), noise(number), cost=dice.random())
            cache.put_phonemes(text_key(number), phonemes(number))
            if dice.random() < 0.5:
                await cache.flush()
                print(number, flush=True)


@asynccontextmanager
async def open_cache(folder: Path, size: int) -> AsyncIterator[PhraseCache]:
    """Open the cache without a tier in memory, so that all recordings come from the disk."""
    table = {"size_mb": size, "memory_mb": 0}
    context = PluginContext("phrase_cache", folder / "cache", folder / "state", logging.getLogger(__name__), table)
    cache = PhraseCachePlugin(context).kokoro_phrase_cache()
    await cache.open()
    try:
        yield cache
    finally:
        await cache.close()


async def verify(cache: PhraseCache, expected: set[int]) -> dict[str, object]:
    """Return the number of found phrases, the wrong ones, and the missing ones of `expected`."""
    wrong, found = [], set()
    for number in range(PHRASES):
        chunks = await cache.get(phrase_key(number))
        if chunks is not None:
            found.add(number)
            pcm = np.concatenate([np.zeros(0, np.int16), *[chunk async for chunk in chunks]])
            if not np.array_equal(pcm, noise(number)):
                wrong.append(number)
        if await cache.phonemes(text_key(number)) not in {None, phonemes(number)}:
            wrong.append(number)
    return {"verified": len(found), "wrong": wrong, "lost": sorted(expected - found)}


def phrase_key(number: int) -> PhraseKey:
    """Return the key of a phrase."""
    return PhraseKey("kill", "voice", 1.0, str(number))


def text_key(number: int) -> TextKey:
    """Return the key of a text."""
    return TextKey("kill", "en", f"Number {number}")


def phonemes(number: int) -> str:
    """Return the phonemes of a text."""
    return f"nˈʌmbɚ {number}"


def noise(number: int) -> Pcm:
    """Return the recording of a phrase: 0.1 to 1.5 seconds of noise."""
    generator = np.random.default_rng(number)
    samples = int(SAMPLE_RATE * generator.uniform(0.1, 1.5))
    return generator.integers(-3000, 3000, samples).astype(np.int16)


if __name__ == "__main__":
    main()
