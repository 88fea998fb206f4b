"""What every provider must do, tried on small graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NoReturn

import numpy as np

from wyoming_kokoro.api.providers import Provider, Session, SessionOptions
from wyoming_kokoro.inference.timeout_session import TimeoutSession
from wyoming_kokoro.testing.provider_examples import ANY_SIZE, FIXED_SIZE, GraphExample, TextExample, WindowExample
from wyoming_kokoro.types import Array

__all__ = ["check_provider"]

FLOAT_ERROR = 1e-4
MIN_SNR_DB = 15.0
"""What providers of other precision classes may be off by, as signal to noise."""
TIMEOUT_SECONDS = 120.0
CONCURRENT_RUNS = 20


def check_provider(provider: Provider, folder: Path) -> str | None:
    """Try everything that `Provider` and `Session` promise, with files in `folder`, which is new or empty.

    Returns why the provider cannot be used here, if it says so, and None if all is well.
    Raises `AssertionError` with the promise that is broken.
    """
    if provider.unavailable_reason is not None:
        return provider.unavailable_reason
    sizes = FIXED_SIZE if provider.fixed_shapes else ANY_SIZE
    one, other = (GraphExample(folder / name / "vocoder.onnx", seed, sizes) for seed, name in enumerate("ab"))
    trial = ProviderContract(provider, SessionOptions(threads=2, cache_dir=folder / "compiled"))
    with trial.opened(one.file) as session:
        trial.gives_what_it_should(session, one)
        trial.keeps_what_it_gave(session, one)
        trial.refuses_wrong_feeds(session, one)
        with trial.opened(other.file) as second:
            trial.gives_both_what_they_should({session: one, second: other})
        trial.gives_what_it_should(session, one)
    with trial.opened(one.file) as again:
        trial.gives_what_it_should(again, one)
    if "albert" in provider.stages:
        text = TextExample(folder / "c" / "albert.onnx", seed=2)
        with trial.opened(text.file) as session:
            trial.gives_what_it_should(session, text)
    trial.refuses_junk(folder / "junk.onnx")
    return None


class ProviderContract:
    """A provider that is tried. Sessions run on other threads than the one that opened them, as they do in earnest."""

    def __init__(self, provider: Provider, options: SessionOptions) -> None:
        self._provider = provider
        self._options = options

    @contextmanager
    def opened(self, file: Path) -> Iterator[Session]:
        """Open a proper file, and close it."""
        try:
            session = self._provider.open(file, self._options)
        except Exception as error:  # noqa: BLE001 a provider may raise anything
            self._blame(f"cannot open {file}, which is a proper graph: {error!r}")
        watched = TimeoutSession(session, TIMEOUT_SECONDS)
        try:
            yield watched
        finally:
            self._close(watched)

    def gives_what_it_should(self, session: Session, example: GraphExample) -> None:
        """Run several windows."""
        for window in example.windows():
            self._run(session, window)

    def keeps_what_it_gave(self, session: Session, example: GraphExample) -> None:
        """Look at a window's outputs after others have run."""
        made = [self._run(session, window) for window in example.windows()]
        copies = [{name: array.copy() for name, array in outputs.items()} for outputs in made]
        self.gives_what_it_should(session, example)
        for outputs, before in zip(made, copies, strict=True):
            if any(not np.array_equal(outputs[name], before[name]) for name in outputs):
                self._blame("overwrites what an earlier run gave; each run must give arrays of its own")

    def refuses_wrong_feeds(self, session: Session, example: GraphExample) -> None:
        """Feed what is no window, and then a window."""
        (window, *_) = example.windows()
        wrong = {
            "without `scale`": {name: array for name, array in window.feeds.items() if name != "scale"},
            "with `frames` of three axes": {**window.feeds, "frames": window.feeds["frames"][0]},
        }
        for what, feeds in wrong.items():
            if _succeeds(partial(session.run, feeds)):
                self._blame(f"runs {what}; it must raise")
            self.gives_what_it_should(session, example)

    def gives_both_what_they_should(self, sessions: Mapping[Session, GraphExample]) -> None:
        """Run sessions of different graphs, in files of one name, at once."""
        with ThreadPoolExecutor(len(sessions)) as threads:
            tasks = [
                threads.submit(self._run_often, session, example.windows()) for session, example in sessions.items()
            ]
        for task in tasks:
            task.result()

    def refuses_junk(self, file: Path) -> None:
        """Open what is no graph."""
        file.write_bytes(b"This is no graph.")
        if _succeeds(partial(self._provider.open, file, self._options)):
            self._blame("opens a file that is no graph; it must raise, so that another provider is tried")

    def _close(self, session: Session) -> None:
        try:
            session.close()
        except Exception as error:  # noqa: BLE001 a provider may raise anything
            self._blame(f"cannot close a session: {error!r}")

    def _run_often(self, session: Session, windows: Sequence[WindowExample]) -> None:
        for _ in range(CONCURRENT_RUNS):
            for window in windows:
                self._run(session, window)

    def _run(self, session: Session, window: WindowExample) -> dict[str, Array]:
        """Return what is made of `window`, and is as it should be."""
        feeds = {name: array.copy() for name, array in window.feeds.items()}
        try:
            made = session.run(window.feeds)
        except Exception as error:  # noqa: BLE001 a provider may raise anything
            self._blame(f"cannot run a window, which it must on any thread, one at a time: {error!r}")
        for name, array in feeds.items():
            if not np.array_equal(window.feeds[name], array):
                self._blame(f"writes into its input `{name}`; work on a copy")
        if not isinstance(made, dict) or made.keys() != window.expected.keys():
            given = sorted(map(str, made)) if isinstance(made, dict) else type(made).__name__
            self._blame(f"gives {given}, where a dictionary of {sorted(window.expected)} is due")
        for name, expected in window.expected.items():
            self._compare(name, made[name], expected)
        return made

    def _compare(self, name: str, made: Array, expected: Array) -> None:
        if not isinstance(made, np.ndarray) or made.dtype != np.float32:
            self._blame(f"gives `{name}` as {getattr(made, 'dtype', type(made).__name__)}, not as a float32 array")
        if made.shape != expected.shape:
            self._blame(f"gives `{name}` in the shape {made.shape}, where {expected.shape} is due")
        error, signal = float(np.abs(made - expected).max(initial=0.0)), snr_db(made, expected)
        if self._provider.precision == "float" and not error <= FLOAT_ERROR:
            allowed = f"where {FLOAT_ERROR:g} is allowed: one that rounds more has a `precision` of its own"
            self._blame(f"is off by {error:.2g} in `{name}`, {allowed}")
        if not signal >= MIN_SNR_DB:
            self._blame(f"has {signal:.1f} dB of signal to noise in `{name}`, where {MIN_SNR_DB:g} are due")

    def _blame(self, sentence: str) -> NoReturn:
        raise AssertionError(f"the provider {self._provider.name} {sentence}")


def _succeeds(action: Callable[[], object]) -> bool:
    try:
        action()
    except Exception:  # noqa: BLE001 a provider may raise anything
        return False
    return True


def snr_db(made: Array, expected: Array) -> float:
    """Return how much stronger the signal is than the error."""
    power, noise = float(np.square(expected).sum()), float(np.square(made - expected).sum())
    return float("inf") if noise == 0 else float(10 * np.log10(max(power, 1e-30) / noise))
