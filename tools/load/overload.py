"""Ask a server for more than it can speak in real time, all at once, and listen to what everybody hears.

    python -m tools.load.overload [--clients N] [--rounds N]

Those who are let in must hear no gap, the others must be told within 50 ms, and somebody must be let in each time.
The server is our own, on the loopback interface, without its phrase cache. Prints one line of JSON, and exits with 1
when that is not so.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.load.speech_client import Hearing, hear
from tools.measure.household_server import serving
from wyoming_kokoro.config import Config, Directories, ServerConfig

MOST_GAP_SECONDS = 0.02
"""A fiftieth of a second is what a player's own buffer hides."""
MOST_REFUSAL_SECONDS = 0.05
TEXT = (
    "Number {0}: the washing machine has finished, the garage door has been open for {0} minutes, and somebody"
    " rang the bell while the music was playing. It will rain at half past four, so please take the {0} towels inside."
)
"""About thirteen seconds, and every sentence and opening is different for everybody: what is the same is made once."""


def main() -> int:
    """Run the rounds and print what was heard."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clients", type=int, default=8, metavar="N", help="at once; default: 8")
    options.add_argument("--rounds", type=int, default=5, metavar="N", help="default: 5")
    chosen = options.parse_args()
    with TemporaryDirectory() as folder, serving(lonely(Path(folder))) as server:
        port = server.ready()
        time.sleep(1)
        rounds = [asyncio.run(at_once(port, chosen.clients, number)) for number in range(chosen.rounds)]
    report = summary(rounds)
    print(json.dumps(report))
    return 0 if report["is_good"] else 1


def lonely(folder: Path) -> Config:
    """Return the defaults for a server that keeps nothing, does nothing unasked, and is announced to nobody."""
    off = {name: {"enabled": False} for name in ("zeroconf", "phrase_cache", "warmup")}
    directories = Directories(str(Config().directories.cache_path), str(folder))
    return replace(Config(), server=ServerConfig("tcp://127.0.0.1:0"), directories=directories, plugins=off)


async def at_once(port: int, clients: int, number: int) -> list[Hearing]:
    """Return what so many clients hear who ask at the same moment, each for something else."""
    return await asyncio.gather(*(hear(port, TEXT.format(f"{number} {client}")) for client in range(clients)))


def summary(rounds: list[list[Hearing]]) -> dict[str, object]:
    """Return how everybody fared."""
    hearings = [hearing for each in rounds for hearing in each]
    spoken = [hearing for hearing in hearings if hearing.outcome == "spoken"]
    refused = [hearing for hearing in hearings if hearing.outcome == "overloaded"]
    gaps = [hearing.gap for hearing in spoken]
    refusals = sorted(hearing.ended for hearing in refused)
    others = sorted({hearing.outcome for hearing in hearings} - {"spoken", "overloaded"})
    is_good = (
        not others
        and all(any(hearing.outcome == "spoken" for hearing in each) for each in rounds)
        and max(gaps) <= MOST_GAP_SECONDS
        and max(refusals, default=0.0) <= MOST_REFUSAL_SECONDS
    )
    return {
        "is_good": is_good,
        "spoken_in_each_round": [sum(hearing.outcome == "spoken" for hearing in each) for each in rounds],
        "longest_gap_seconds": round(max(gaps, default=0.0), 3),
        "first_sound_seconds": [round(hearing.first or 0, 3) for hearing in spoken],
        "refused": len(refused),
        "slowest_refusal_seconds": round(max(refusals, default=0.0), 4),
        "median_refusal_seconds": round(refusals[len(refusals) // 2], 4) if refusals else None,
        "other_outcomes": others,
    }


if __name__ == "__main__":
    sys.exit(main())
