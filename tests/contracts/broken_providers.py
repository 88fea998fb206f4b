"""Providers that are right but for one fault each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from wyoming_kokoro import Array, Session, SessionOptions
from wyoming_kokoro.onnx import open_onnx

Outputs = dict[str, Array]
Opening = Callable[[Path, SessionOptions], Session]


def proper(file: Path, options: SessionOptions) -> Session:
    """Open `file` as it should be."""
    return open_onnx(file, ["CPUExecutionProvider"], options)


class Faultless:
    """A session that has no fault yet."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        return self._session.run(feeds)

    def close(self) -> None:
        self._session.close()


class Changing(Faultless):
    """Changes what it gives."""

    def __init__(self, session: Session, change: Callable[[Outputs], Outputs]) -> None:
        super().__init__(session)
        self._change = change

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        return self._change(super().run(feeds))


class SharingItsBuffers(Faultless):
    """Gives the same arrays, run after run."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._buffers: dict[tuple[str, tuple[int, ...]], Array] = {}

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        made = super().run(feeds)
        for name, array in made.items():
            buffer = self._buffers.setdefault((name, array.shape), array)
            buffer[...] = array
            made[name] = buffer
        return made


class WritingIntoItsInputs(Faultless):
    """Computes in place."""

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        made = super().run(feeds)
        feeds["frames"][...] *= 2
        return made


class AcceptingAnything(Faultless):
    """Gives what it gave before when it is fed nonsense."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._last: Outputs = {}

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        try:
            self._last = super().run(feeds)
        except Exception:  # noqa: BLE001 that is the fault
            return self._last
        return self._last


class AcceptingFewerAxes(Faultless):
    """Adds the axes that are missing."""

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        return super().run({name: array if array.ndim == 4 else array[None] for name, array in feeds.items()})


class Offended(Faultless):
    """Does not work any more once it was fed nonsense."""

    _is_offended = False

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        if self._is_offended:
            raise RuntimeError("out of order")
        self._is_offended = True
        made = super().run(feeds)
        self._is_offended = False
        return made


class AtHomeInOneThread(Faultless):
    """Runs only where it was opened."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._home = threading.get_ident()

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        if threading.get_ident() != self._home:
            raise RuntimeError("wrong thread")
        return super().run(feeds)


class Unclosable(Faultless):
    """Cannot be closed."""

    def close(self) -> None:
        super().close()
        raise RuntimeError("still busy")


class Runtime:
    """Something that there is once, for all sessions."""

    def __init__(self) -> None:
        self.newest: Session | None = None
        self.is_free = threading.Lock()
        self.graphs: dict[str, Path] = {}
        self.living: list[Session] = []

    def open_the_only_one(self, file: Path, options: SessionOptions) -> Session:
        """Every session runs the graph that was opened last."""
        self.newest = proper(file, options)
        runtime = self

        class Newest(Faultless):
            def run(self, feeds: Mapping[str, Array]) -> Outputs:
                assert runtime.newest
                return runtime.newest.run(feeds)

        return Newest(self.newest)

    def open_one_at_a_time(self, file: Path, options: SessionOptions) -> Session:
        """Two sessions cannot run at the same time."""
        runtime = self

        class Alone(Faultless):
            def run(self, feeds: Mapping[str, Array]) -> Outputs:
                if not runtime.is_free.acquire(blocking=False):
                    raise RuntimeError("the device is busy")
                try:
                    time.sleep(0.002)  # long enough for another to come
                    return super().run(feeds)
                finally:
                    runtime.is_free.release()

        return Alone(proper(file, options))

    def open_until_one_is_closed(self, file: Path, options: SessionOptions) -> Session:
        """Whoever closes a session closes all that were opened before."""
        runtime = self

        class Ending(Faultless):
            def run(self, feeds: Mapping[str, Array]) -> Outputs:
                if self not in runtime.living:
                    raise RuntimeError("the runtime is shut down")
                return super().run(feeds)

            def close(self) -> None:
                super().close()
                runtime.living.clear()

        session = Ending(proper(file, options))
        self.living.append(session)
        return session

    def open_by_name(self, file: Path, options: SessionOptions) -> Session:
        """What was compiled is known by the file's name alone."""
        return proper(self.graphs.setdefault(file.name, file), options)


def changing(change: Callable[[Outputs], Outputs]) -> Opening:
    """Return a provider that changes what it gives."""
    return lambda file, options: Changing(proper(file, options), change)


def wrapped(session: Callable[[Session], Session]) -> Opening:
    """Return a provider whose sessions are inside others."""
    return lambda file, options: session(proper(file, options))


def noisy(decibels: float) -> Opening:
    """Return a provider whose outputs have noise, so many decibels below them."""
    numbers = np.random.default_rng(7)

    def change(outputs: Outputs) -> Outputs:
        return {name: _with_noise(array, numbers.normal(size=array.shape), decibels) for name, array in outputs.items()}

    return changing(change)


def _with_noise(array: Array, noise: Array, decibels: float) -> Array:
    loudness = np.sqrt(np.square(array).sum() / np.square(noise).sum())
    made: Array = (array + noise * loudness * 10 ** (-decibels / 20)).astype(np.float32)
    return made
