"""Compare the settings of `[voice] quality`: TTFA, RTF, memory, and eight requests at once.

    python -m tools.measure.model_quality [--rounds N] [--quality QUALITY]

A server of each quality runs without a phrase cache. `taskset -c 0` before the command measures one CPU.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import get_args

from tools.load.server_process import ProcessStats, isolate
from tools.load.speech_client import SPOKEN, WORDS, SpeechAnswer, request_speech
from tools.measure.household_server import serving
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import KokoroError
from wyoming_kokoro.table import format_table
from wyoming_kokoro.types import QualitySetting

# About 12, 28, 81 and 221 phonemes.
TEXTS = (
    "{} {}.",
    "The {} {} is unlocked.",
    "Turned on the {} lights and set the {} to twenty one degrees for the night.",
    (
        "The weather today is mostly sunny with a high of seventy two degrees near the {}, and there is a slight chance"
        " of rain this evening, so you may want to bring an umbrella if you are heading out to the {} after dinner."
    ),
)
CONCURRENT_REQUESTS = 8
# With "auto", the server measures its speed in its first idle seconds.
SETTLE_SECONDS = 10.0
HEAD = ("quality", "text", "TTFA, ms", "RTF", "gap, ms", "refused", "memory, MB")


def main() -> None:
    """Measure the qualities and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quality", action="append", choices=get_args(QualitySetting), help="default: all three")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="requests of each length; default: 7")
    options = parser.parse_args()
    rows = []
    try:
        for quality in options.quality or ("full", "auto", "distilled"):
            rows += measure_quality(quality, options.rounds)
    except KokoroError as error:
        sys.exit(f"model_quality: {error}")
    print(format_table(HEAD, rows))


def measure_quality(quality: QualitySetting, rounds: int) -> list[list[str]]:
    """Return a row for each length of text, and one for concurrent requests. Raises `StartupError`."""
    random = Random(time.time_ns())

    def text(number: int) -> str:
        return TEXTS[number].format(
            random.choice(WORDS).capitalize(), random.choice(WORDS) + f" {random.randint(2, 99)}"
        )

    with TemporaryDirectory() as folder:
        config = isolate(Config(), Path(folder) / "server", disabled=["phrase_cache"])
        with serving(replace(config, voice=replace(config.voice, quality=quality))) as server:
            port = server.ready()
            asyncio.run(request_speech(port, text(1)))
            time.sleep(SETTLE_SECONDS)
            groups = {
                f"{len(TEXTS[number])} characters": [
                    asyncio.run(request_speech(port, text(number))) for _ in range(rounds)
                ]
                for number in range(len(TEXTS))
            }
            groups[f"{CONCURRENT_REQUESTS} at once"] = asyncio.run(
                _request_at_once(port, [text(2) for _ in range(CONCURRENT_REQUESTS)])
            )
            memory = ProcessStats.of(server.process.pid).rss_mb
    return [[quality, name, *_summarize(answers), f"{memory:.0f}"] for name, answers in groups.items()]


async def _request_at_once(port: int, texts: list[str]) -> list[SpeechAnswer]:
    return await asyncio.gather(*(request_speech(port, text) for text in texts))


def _summarize(answers: list[SpeechAnswer]) -> list[str]:
    spoken = [answer for answer in answers if answer.outcome == SPOKEN]
    return [
        f"{1000 * median(answer.ttfa or 0 for answer in spoken):.0f}",
        f"{median(answer.end / answer.audio_seconds for answer in spoken):.3f}",
        f"{1000 * max(answer.gap_seconds for answer in spoken):.0f}",
        str(len(answers) - len(spoken)),
    ]


if __name__ == "__main__":
    main()
