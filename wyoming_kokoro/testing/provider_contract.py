"""The contract of `Provider` and `Session`, checked with small graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NoReturn

import numpy as np

from wyoming_kokoro.api.providers import Provider, Session, SessionOptions
from wyoming_kokoro.inference.process_session import open_session
from wyoming_kokoro.inference.timeout_session import TimeoutSession
from wyoming_kokoro.testing.provider_examples import ANY_SIZE, FIXED_SIZE, GraphExample, TextExample, WindowExample
from wyoming_kokoro.types import Array

__all__ = ["check_provider"]

# The largest absolute error of a provider with precision "float".
MAX_FLOAT_ERROR = 1e-4
# The smallest signal-to-noise ratio with any precision.
MIN_SNR_DB = 15.0
TIMEOUT_SECONDS = 120.0
CONCURRENT_RUNS = 20


def check_provider(provider: Provider, folder: Path) -> str | None:
    """Check everything that `Provider` and `Session` promise, with files in the new or empty `folder`.

    Return `provider.unavailable_reason`, without any check if there is one. Raises `AssertionError` with the broken
    promise.
    """
    if provider.unavailable_reason is not None:
        return provider.unavailable_reason
    sizes = FIXED_SIZE if provider.fixed_shapes else ANY_SIZE
    first, second = (GraphExample(folder / name / "vocoder.onnx", seed, sizes) for seed, name in enumerate("ab"))
    contract = ProviderContract(provider, SessionOptions(threads=2, cache_dir=folder / "compiled"))
    with contract.open_session(first.file) as session:
        contract.check_outputs(session, first)
        contract.check_outputs_stay_unchanged(session, first)
        contract.check_wrong_feeds_raise(session, first)
        with contract.open_session(second.file) as second_session:
            contract.check_concurrent_sessions({session: first, second_session: second})
        contract.check_outputs(session, first)
    with contract.open_session(first.file) as reopened:
        contract.check_outputs(reopened, first)
    if "albert" in provider.stages:
        text = TextExample(folder / "c" / "albert.onnx", seed=2)
        with contract.open_session(text.file) as session:
            contract.check_outputs(session, text)
    contract.check_damaged_file_raises(folder / "damaged.onnx")
    return None


class ProviderContract:
    """Checks one provider. As in the server, a session runs on other threads than the one that opened it."""

    def __init__(self, provider: Provider, options: SessionOptions) -> None:
        self._provider = provider
        self._options = options

    @contextmanager
    def open_session(self, file: Path) -> Iterator[Session]:
        """Open a valid file, and close it."""
        with self._must_succeed(f"open {file}, which is a valid graph"):
            session = open_session(self._provider, file, self._options)
        timeout_session = TimeoutSession(session, TIMEOUT_SECONDS)
        try:
            yield timeout_session
        finally:
            with self._must_succeed("close a session"):
                timeout_session.close()

    def check_outputs(self, session: Session, example: GraphExample) -> None:
        """Run several windows."""
        for window in example.windows():
            self._run(session, window)

    def check_outputs_stay_unchanged(self, session: Session, example: GraphExample) -> None:
        """Compare the outputs of windows before and after later runs."""
        runs = [self._run(session, window) for window in example.windows()]
        copies = [{name: array.copy() for name, array in outputs.items()} for outputs in runs]
        self.check_outputs(session, example)
        for outputs, before in zip(runs, copies, strict=True):
            if any(not np.array_equal(outputs[name], before[name]) for name in outputs):
                self._fail("overwrites the output of an earlier run; return new arrays from each run")

    def check_wrong_feeds_raise(self, session: Session, example: GraphExample) -> None:
        """Feed invalid inputs, and then a window."""
        (window, *_) = example.windows()
        invalid = {
            "without `scale`": {name: array for name, array in window.feeds.items() if name != "scale"},
            "with three axes in `frames`": {**window.feeds, "frames": window.feeds["frames"][0]},
        }
        for description, feeds in invalid.items():
            if _succeeds(partial(session.run, feeds)):
                self._fail(f"runs {description}; it must raise an exception")
            self.check_outputs(session, example)

    def check_concurrent_sessions(self, sessions: Mapping[Session, GraphExample]) -> None:
        """Run different graphs, whose files have the same name, at the same time."""
        with ThreadPoolExecutor(len(sessions)) as threads:
            windows = [example.windows() for example in sessions.values()]
            list(threads.map(self._run_often, sessions, windows))

    def check_damaged_file_raises(self, file: Path) -> None:
        """Open a file that is not a graph."""
        file.write_bytes(b"This is not a graph.")
        if _succeeds(partial(open_session, self._provider, file, self._options)):
            self._fail("opens a damaged file; it must raise an exception, so that the next provider is used")

    def _run_often(self, session: Session, windows: Sequence[WindowExample]) -> None:
        for _ in range(CONCURRENT_RUNS):
            for window in windows:
                self._run(session, window)

    def _run(self, session: Session, window: WindowExample) -> dict[str, Array]:
        """Return the outputs of `window` after all checks."""
        feeds = {name: array.copy() for name, array in window.feeds.items()}
        with self._must_succeed("run a window; it must on any thread, one at a time"):
            outputs = session.run(window.feeds)
        for name, array in feeds.items():
            if not np.array_equal(window.feeds[name], array):
                self._fail(f"changes its input `{name}`; it must change only a copy")
        if not isinstance(outputs, dict) or outputs.keys() != window.expected.keys():
            returned = sorted(map(str, outputs)) if isinstance(outputs, dict) else type(outputs).__name__
            self._fail(f"returns {returned} instead of a dictionary of {sorted(window.expected)}")
        for name, expected in window.expected.items():
            self._compare(name, outputs[name], expected)
        return outputs

    def _compare(self, name: str, output: Array, expected: Array) -> None:
        if not isinstance(output, np.ndarray) or output.dtype != np.float32:
            kind = getattr(output, "dtype", type(output).__name__)
            self._fail(f"returns `{name}` as {kind} instead of a float32 array")
        if output.shape != expected.shape:
            self._fail(f"returns `{name}` with shape {output.shape} instead of {expected.shape}")
        error, snr = float(np.abs(output - expected).max(initial=0.0)), snr_db(output, expected)
        if self._provider.precision == "float" and not error <= MAX_FLOAT_ERROR:
            advice = "set another `precision` if the provider rounds more"
            self._fail(f"has an error of {error:.2g} in `{name}`, more than {MAX_FLOAT_ERROR:g}; {advice}")
        if not snr >= MIN_SNR_DB:
            self._fail(f"has a signal-to-noise ratio of {snr:.1f} dB in `{name}`, less than {MIN_SNR_DB:g} dB")

    @contextmanager
    def _must_succeed(self, action: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 a provider may raise anything
            self._fail(f"cannot {action}: {error!r}")

    def _fail(self, problem: str) -> NoReturn:
        raise AssertionError(f"the provider {self._provider.name} {problem}")


def _succeeds(action: Callable[[], object]) -> bool:
    try:
        action()
    except Exception:  # noqa: BLE001 a provider may raise anything
        return False
    return True


def snr_db(output: Array, expected: Array) -> float:
    """Return the signal-to-noise ratio of `output` in dB."""
    power, noise = float(np.square(expected).sum()), float(np.square(output - expected).sum())
    return float("inf") if noise == 0 else float(10 * np.log10(max(power, 1e-30) / noise))
