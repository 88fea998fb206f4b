"""Sessions on the CPU, and wrappers that change what they return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from wyoming_kokoro import Array, Session, SessionOptions
from wyoming_kokoro.onnx import open_onnx

Outputs = dict[str, Array]
OpenFunction = Callable[[Path, SessionOptions], Session]


def open_on_cpu(file: Path, options: SessionOptions) -> Session:
    return open_onnx(file, ["CPUExecutionProvider"], options)


class WrappedSession:
    """Passes everything to another session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        return self._session.run(feeds)

    def close(self) -> None:
        self._session.close()


class ChangingSession(WrappedSession):
    """Changes its outputs."""

    def __init__(self, session: Session, change: Callable[[Outputs], Outputs]) -> None:
        super().__init__(session)
        self._change = change

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        return self._change(super().run(feeds))


def change_outputs(change: Callable[[Outputs], Outputs]) -> OpenFunction:
    """Return an `open` function whose sessions change their outputs."""
    return lambda file, options: ChangingSession(open_on_cpu(file, options), change)
