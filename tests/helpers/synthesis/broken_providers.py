"""Providers with one fault each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from tests.helpers.synthesis.cpu_sessions import OpenFunction, Outputs, WrappedSession, change_outputs, open_on_cpu
from wyoming_kokoro import Array, Session, SessionOptions


class BufferReusingSession(WrappedSession):
    """Returns the same arrays from every run."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._buffers: dict[tuple[str, tuple[int, ...]], Array] = {}

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        outputs = super().run(feeds)
        for name, array in outputs.items():
            buffer = self._buffers.setdefault((name, array.shape), array)
            buffer[...] = array
            outputs[name] = buffer
        return outputs


class InputChangingSession(WrappedSession):
    """Changes its inputs."""

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        outputs = super().run(feeds)
        feeds["frames"][...] *= 2
        return outputs


class UncheckedSession(WrappedSession):
    """Returns the previous outputs for invalid inputs."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._last: Outputs = {}

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        try:
            self._last = super().run(feeds)
        except Exception:  # noqa: BLE001 this is the fault
            return self._last
        return self._last


class AxisAddingSession(WrappedSession):
    """Adds missing axes to its inputs."""

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        return super().run({name: array if array.ndim == 4 else array[None] for name, array in feeds.items()})


class BrittleSession(WrappedSession):
    """Fails forever after one invalid input."""

    _has_failed = False

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        if self._has_failed:
            raise RuntimeError("out of order")
        self._has_failed = True
        outputs = super().run(feeds)
        self._has_failed = False
        return outputs


class OneThreadSession(WrappedSession):
    """Runs only on the thread that opened it."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._thread = threading.get_ident()

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        if threading.get_ident() != self._thread:
            raise RuntimeError("wrong thread")
        return super().run(feeds)


class UnclosableSession(WrappedSession):
    """Raises when it is closed."""

    def close(self) -> None:
        super().close()
        raise RuntimeError("still busy")


class FakeRuntime:
    """State that all sessions share."""

    def __init__(self) -> None:
        self.latest: Session | None = None
        self.is_free = threading.Lock()
        self.graphs: dict[str, Path] = {}
        self.open_sessions: list[Session] = []

    def open_latest_only(self, file: Path, options: SessionOptions) -> Session:
        """Return a session that runs the graph that was opened last."""
        self.latest = open_on_cpu(file, options)
        runtime = self

        class LatestGraphSession(WrappedSession):
            def run(self, feeds: Mapping[str, Array]) -> Outputs:
                assert runtime.latest
                return runtime.latest.run(feeds)

        return LatestGraphSession(self.latest)

    def open_one_at_a_time(self, file: Path, options: SessionOptions) -> Session:
        """Return a session that fails while another one runs."""
        runtime = self

        class ExclusiveSession(WrappedSession):
            def run(self, feeds: Mapping[str, Array]) -> Outputs:
                if not runtime.is_free.acquire(blocking=False):
                    raise RuntimeError("the device is busy")
                try:
                    # Long enough for another session to start a run.
                    time.sleep(0.002)
                    return super().run(feeds)
                finally:
                    runtime.is_free.release()

        return ExclusiveSession(open_on_cpu(file, options))

    def open_until_first_close(self, file: Path, options: SessionOptions) -> Session:
        """Return a session whose `close` closes all sessions."""
        runtime = self

        class SharedRuntimeSession(WrappedSession):
            def run(self, feeds: Mapping[str, Array]) -> Outputs:
                if self not in runtime.open_sessions:
                    raise RuntimeError("the runtime is shut down")
                return super().run(feeds)

            def close(self) -> None:
                super().close()
                runtime.open_sessions.clear()

        session = SharedRuntimeSession(open_on_cpu(file, options))
        self.open_sessions.append(session)
        return session

    def open_by_name(self, file: Path, options: SessionOptions) -> Session:
        """Return a session for the first file of that name."""
        return open_on_cpu(self.graphs.setdefault(file.name, file), options)


def wrap_sessions(session: Callable[[Session], Session]) -> OpenFunction:
    """Return an `open` function that wraps each session."""
    return lambda file, options: session(open_on_cpu(file, options))


def add_noise(decibels: float) -> OpenFunction:
    """Return an `open` function whose outputs have noise with a signal-to-noise ratio of `decibels`."""
    numbers = np.random.default_rng(7)

    def change(outputs: Outputs) -> Outputs:
        return {name: _with_noise(array, numbers.normal(size=array.shape), decibels) for name, array in outputs.items()}

    return change_outputs(change)


def _with_noise(array: Array, noise: Array, decibels: float) -> Array:
    ratio = np.sqrt(np.square(array).sum() / np.square(noise).sum())
    noisy: Array = (array + noise * ratio * 10 ** (-decibels / 20)).astype(np.float32)
    return noisy
