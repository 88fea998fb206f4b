"""Measure how much longer a window of the vocoder takes in a process of its own.

    python -m tools.providers.process_overhead [--rounds N] [--threads N]

The same graph is open in this process and in a child process, and both run each window of a sentence, one after the
other. The overhead is the difference. Windows of any size have a tensor for each state, and windows of one size have a
tensor for all states of a width. Other programs disturb this, so the time to pass the 170 tensors of a window of any
size is measured alone too.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tools.providers.vocoder_providers import INT8, find_providers, open_pipeline, record_windows, time_run
from wyoming_kokoro.api.providers import Provider, Session, SessionOptions
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.process_session import ProcessSession
from wyoming_kokoro.inference.timeout_session import TimeoutSession
from wyoming_kokoro.terminal import format_table
from wyoming_kokoro.types import Array

TRANSFERS = 300
HEAD = ("windows", "in the server, ms", "in a process, ms", "overhead: median, ms", "95 %, ms")
WARMUP_ROUNDS = 2
PAUSE_SECONDS = 0.005


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
        transfer = measure_transfer(pipeline, provider, Path(folder), options.threads)
        pipeline.close()
    print(format_table(HEAD, rows))
    print(f"the tensors of a window of any size alone: median {np.median(transfer):.2f} ms", end="")
    print(f", 10 % {np.percentile(transfer, 10):.2f} ms, 95 % {np.percentile(transfer, 95):.2f} ms")


class ReplayingSession:
    """Returns the same outputs in every run."""

    def __init__(self, file: Path) -> None:
        """Read the outputs from `file`."""
        self._outputs = dict(np.load(file))

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:  # noqa: ARG002 only their transfer matters
        """Return the outputs."""
        return self._outputs

    def close(self) -> None:
        """Do nothing."""


def open_replay(file: Path, options: SessionOptions) -> Session:  # noqa: ARG001 the signature of a provider
    """Open the outputs in `file`."""
    return ReplayingSession(file)


def measure_transfer(pipeline: ModelPipeline, provider: Provider, folder: Path, threads: int) -> list[float]:
    """Return the milliseconds that a process takes to answer a window without computing it."""
    session = pipeline.open_vocoder(provider, threads)
    window = record_windows(pipeline, session)[1]
    file = folder / "outputs.npz"
    np.savez(file, **session.run(window))  # type: ignore[arg-type]  # no output is called `allow_pickle`
    session.close()
    # `python -m` gives this module another name, which the child process would not find.
    open_function = importlib.import_module("tools.providers.process_overhead").open_replay
    process = ProcessSession(Provider("replay", 1, "float", open_function), file, SessionOptions(threads, folder))
    replay = TimeoutSession(process)
    times = []
    for _ in range(TRANSFERS):
        times.append(1000 * time_run(replay, window))
        time.sleep(PAUSE_SECONDS)
    replay.close()
    return times


def measure(pipeline: ModelPipeline, provider: Provider, threads: int, rounds: int) -> list[str]:
    """Return a row of the table."""
    with ExitStack() as stack:
        sessions = list[Session]()
        for process in (False, True):
            session = pipeline.open_vocoder(replace(provider, process=process), threads)
            sessions.append(TimeoutSession(session) if process else session)
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
