"""Measure how much longer a window of the vocoder takes in a process of its own.

    python -m tools.measure.process_overhead [--rounds N] [--threads N]

The same graph is open in this process and in a child process, and both run each window of a sentence, one after the
other. The overhead is the difference. Windows of any size have a tensor for each state, and windows of one size have a
tensor for all states of a width.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tools.measure.vocoder_providers import INT8, find_providers, open_pipeline, record_windows, time_run
from wyoming_kokoro.api.providers import Provider
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.terminal import format_table

HEAD = ("windows", "in the server, ms", "in a process, ms", "overhead: median, ms", "95 %, ms")
WARMUP_ROUNDS = 2


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30, metavar="N", help="runs of each window; default: 30")
    parser.add_argument("--threads", type=int, default=default_threads(), metavar="N", help="default: %(default)s")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        provider = find_providers(Path(folder))[INT8]
        pipeline = open_pipeline(provider, options.threads)
        rows = [
            measure(pipeline, replace(provider, fixed_shapes=fixed_shapes), options.threads, options.rounds)
            for fixed_shapes in (False, True)
        ]
        pipeline.close()
    print(format_table(HEAD, rows))


def measure(pipeline: ModelPipeline, provider: Provider, threads: int, rounds: int) -> list[str]:
    """Return a row of the table."""
    with ExitStack() as stack:
        sessions = []
        for process in (False, True):
            sessions.append(pipeline.open_vocoder(replace(provider, process=process), threads))
            stack.callback(sessions[-1].close)
        windows = record_windows(pipeline, sessions[0])
        times = []
        for number in range(WARMUP_ROUNDS + rounds):
            for window in windows:
                # The order alternates, so that neither session always finds the window in the CPU's caches.
                order = sessions if number % 2 else sessions[::-1]
                seconds = [time_run(session, window) for session in order]
                times.append(seconds if number % 2 else seconds[::-1])
    inside, outside = np.array(times[WARMUP_ROUNDS * len(windows) :]).T * 1000
    overhead = outside - inside
    numbers = (np.median(inside), np.median(outside), np.median(overhead), np.percentile(overhead, 95))
    return ["one size" if provider.fixed_shapes else "any size", *(f"{number:.2f}" for number in numbers)]


if __name__ == "__main__":
    main()
