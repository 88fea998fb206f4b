"""Send more requests at once than the server can speak in real time.

    python -m tools.load.overload [--clients N] [--rounds N]

Accepted requests must play without a gap, other requests must be refused within 50 ms, and each round must accept at
least one. The server runs on the loopback interface without a phrase cache. Prints one line of JSON; the exit code is
1 if a condition is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tools.load.server_process import isolate
from tools.load.speech_client import MAX_GAP_SECONDS, OVERLOADED, SPOKEN, SpeechAnswer, request_speech
from tools.measure.household_server import serving
from wyoming_kokoro.config import Config

MAX_REFUSAL_SECONDS = 0.05
# About thirteen seconds. Every sentence and every beginning differs, because equal speech is synthesized only once.
TEXT = (
    "Number {0}: the washing machine has finished, the garage door has been open for {0} minutes, and a visitor"
    " rang the bell while the music was playing. It will rain at half past four, so please take the {0} towels inside."
)


def main() -> int:
    """Run the rounds, print the report and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=8, metavar="N", help="requests at once; default: 8")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="default: 5")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        config = isolate(Config(), Path(folder) / "server", disabled=["phrase_cache"])
        with serving(config) as server:
            port = server.ready()
            time.sleep(1)
            rounds = [asyncio.run(request_all(port, options.clients, number)) for number in range(options.rounds)]
    report = summarize(rounds)
    print(json.dumps(report))
    return 0 if report["passed"] else 1


async def request_all(port: int, clients: int, number: int) -> list[SpeechAnswer]:
    """Send a different request for each client at the same moment, and return the answers."""
    texts = [TEXT.format(f"{number} {client}") for client in range(clients)]
    return await asyncio.gather(*(request_speech(port, text, chunks=[text]) for text in texts))


def summarize(rounds: list[list[SpeechAnswer]]) -> dict[str, object]:
    """Return the report."""
    answers = [answer for answers in rounds for answer in answers]
    spoken = [answer for answer in answers if answer.outcome == SPOKEN]
    refusal_seconds = [answer.end for answer in answers if answer.outcome == OVERLOADED]
    spoken_per_round = [sum(answer.outcome == SPOKEN for answer in answers) for answers in rounds]
    max_gap = max((answer.gap_seconds for answer in spoken), default=0.0)
    max_refusal = max(refusal_seconds, default=0.0)
    others = sorted({answer.outcome for answer in answers} - {SPOKEN, OVERLOADED})
    return {
        "passed": (
            not others and all(spoken_per_round) and max_gap <= MAX_GAP_SECONDS and max_refusal <= MAX_REFUSAL_SECONDS
        ),
        "spoken_per_round": spoken_per_round,
        "max_gap_seconds": round(max_gap, 3),
        "ttfa_seconds": [round(answer.ttfa or 0, 3) for answer in spoken],
        "refused": len(refusal_seconds),
        "max_refusal_seconds": round(max_refusal, 4),
        "median_refusal_seconds": round(median(refusal_seconds), 4) if refusal_seconds else None,
        "other_outcomes": others,
    }


if __name__ == "__main__":
    sys.exit(main())
