"""Compare the settings of `[voice] quality`: the model that speaks, TTFA, RTF, memory, and eight requests at once.

    python -m tools.measure.model_quality [--rounds N] [--quality QUALITY] [--busy N]

A server of each quality runs without a phrase cache. `taskset -c 0` before the command measures one CPU, and a control
group with a quota a part of one. `--busy` runs other programs that use the CPUs all the time.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import get_args

from tools.load.cpu_quota import cpu_quota
from tools.load.server_process import ProcessStats, count_segments, isolate
from tools.load.speech_client import SPOKEN, SpeechAnswer, request_speech
from tools.measure.household_server import serving
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import KokoroError
from wyoming_kokoro.terminal import format_table
from wyoming_kokoro.types import QualitySetting, ignore

TEXTS = {
    12: "{} {}.",
    28: "The {} in the {} is on.",
    81: "Turned on the {} light and set the {} to twenty one degrees for the night.",
    221: (
        "The weather today is mostly sunny with a high of seventy two degrees near the {}, and there is a slight chance"
        " of rain this evening, so you may want to bring an umbrella if you are heading out to the"
        " {} again after dinner."
    ),
}
"""Texts by their number of phonemes, which varies a little with the two nouns that are inserted."""
NOUNS = (
    "attic, bath, bed, boiler, car, cellar, clock, desk, door, fan, garage, garden, gate, hall, heater, kettle, lamp,"
    " oven, patio, pool, porch, radio, shed, shower, sofa, speaker, tower, window"
)
CONCURRENT_REQUESTS = 8
# With "auto", the server measures its speed in its first idle seconds.
SETTLE_SECONDS = 10.0
HEAD = ("quality", "text", "spoken by", "TTFA, ms", "worst, ms", "RTF", "gap, ms", "refused", "memory, MB")


def main() -> None:
    """Measure the qualities and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quality", action="append", choices=get_args(QualitySetting), help="default: all three")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="requests of each length; default: 7")
    parser.add_argument(
        "--quota", type=float, metavar="CORES", help="CPU time of the server, such as 0.5 (Linux, root)"
    )
    parser.add_argument("--busy", type=int, default=0, metavar="N", help="programs that use a CPU each; default: 0")
    options = parser.parse_args()
    rows = []
    try:
        with busy_programs(options.busy):
            for quality in options.quality or ("full", "auto", "distilled"):
                rows += measure_quality(quality, options.rounds, options.quota)
    except KokoroError as error:
        sys.exit(f"model_quality: {error}")
    print(format_table(HEAD, rows))


def measure_quality(quality: QualitySetting, rounds: int, quota: float | None = None) -> list[list[str]]:
    """Return a row for each length of text, and one for concurrent requests. Raises `StartupError`.

    `quota` limits the CPU time of the server, in cores.
    """
    random = Random()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        limit = stack.enter_context(cpu_quota(quota)) if quota else ignore
        config = isolate(Config(), Path(folder) / "server", disabled=["phrase_cache"])
        with serving(replace(config, voice=replace(config.voice, quality=quality))) as server:
            limit(server.process.pid)
            port = server.ready()
            asyncio.run(request_speech(port, draw_text(28, random)))
            time.sleep(SETTLE_SECONDS)
            dashboard, rows = server.dashboard(), []
            for phonemes in TEXTS:
                texts = [draw_text(phonemes, random) for _ in range(rounds)]
                rows.append([f"{phonemes} phonemes", *asyncio.run(_measure(port, dashboard, texts, 1))])
            texts = [draw_text(81, random) for _ in range(CONCURRENT_REQUESTS)]
            rows.append([f"{CONCURRENT_REQUESTS} at once", *asyncio.run(_measure(port, dashboard, texts, len(texts)))])
            memory = ProcessStats.of(server.process.pid).rss_mb
    return [[quality, *row, f"{memory:.0f}"] for row in rows]


@contextmanager
def busy_programs(count: int) -> Iterator[None]:
    """Run programs that use a CPU each, until the end of the block."""
    with ExitStack() as stack:
        for _ in range(count):
            process = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(process.kill)
        yield


def draw_text(phonemes: int, random: Random) -> str:
    """Return the text of about `phonemes` phonemes with random nouns, so that it is new."""
    text = TEXTS[phonemes].format(*random.sample(NOUNS.split(", "), 2))
    return text[0].upper() + text[1:]


async def _measure(port: int, dashboard: str, texts: Sequence[str], at_once: int) -> list[str]:
    """Request `texts`, at most `at_once` at the same time, and return the cells of their row."""
    before, limit = await count_segments(dashboard), asyncio.Semaphore(at_once)

    async def request(text: str) -> SpeechAnswer:
        async with limit:
            return await request_speech(port, text)

    answers = await asyncio.gather(*map(request, texts))
    spoken_by = await count_segments(dashboard) - before
    return [", ".join(f"{count} {model}" for model, count in spoken_by.items()), *_summarize(answers)]


def _summarize(answers: Sequence[SpeechAnswer]) -> list[str]:
    spoken = [answer for answer in answers if answer.outcome == SPOKEN]
    ttfas = [1000 * (answer.ttfa or 0) for answer in spoken]
    return [
        f"{median(ttfas):.0f}",
        f"{max(ttfas):.0f}",
        f"{median(answer.end / answer.audio_seconds for answer in spoken):.3f}",
        f"{1000 * max(answer.gap_seconds for answer in spoken):.0f}",
        str(len(answers) - len(spoken)),
    ]


if __name__ == "__main__":
    main()
