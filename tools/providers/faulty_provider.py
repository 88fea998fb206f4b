"""A provider that fails on demand: it crashes, hangs, leaks or answers wrongly after a file was written.

The file holds the name of the fault, and may begin with the number of runs before it, as in `5 SIGSEGV`. The session
renames the file, so that another process does not repeat the fault.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from wyoming_kokoro.api.context import PluginContext
from wyoming_kokoro.api.hookspecs import hookimpl
from wyoming_kokoro.api.providers import Provider, Session, SessionOptions
from wyoming_kokoro.inference import process_session, selection
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.types import Array

LEAK_BYTES = 64 << 20
BACKOFF_SECONDS = 2.0
Outputs = dict[str, Array]


@dataclass(frozen=True, slots=True)
class FaultySettings:
    """`[plugins.faulty]`."""

    trigger: str


class FaultyPlugin:
    """Provides the provider `faulty`, and lets the server use it again two seconds after each failure."""

    def __init__(self, context: PluginContext) -> None:
        self._trigger = Path(context.settings(FaultySettings).trigger)
        for module in (selection, process_session):
            vars(module).update(FIRST_BACKOFF_SECONDS=BACKOFF_SECONDS, MAX_BACKOFF_SECONDS=BACKOFF_SECONDS)

    @hookimpl
    def kokoro_providers(self) -> Iterator[Provider]:
        """Return the provider."""
        yield faulty_provider(self._trigger)


def faulty_provider(trigger: Path, name: str = "faulty", *, fixed_shapes: bool = False) -> Provider:
    """Return a provider with a process of its own that runs on the CPU until `trigger` names a fault."""
    return Provider(
        name, 90, "float", partial(open_faulty, trigger), opens_quickly=False, fixed_shapes=fixed_shapes, process=True
    )


def open_faulty(trigger: Path, file: Path, options: SessionOptions) -> Session:
    """Open `file` on the CPU, and write the number of the process beside `trigger`."""
    session = FaultySession(open_onnx(file, ["CPUExecutionProvider"], options), trigger)
    trigger.with_suffix(".pid").write_text(str(os.getpid()))
    return session


class FaultySession:
    """Runs another session until `trigger` names a fault."""

    def __init__(self, session: Session, trigger: Path) -> None:
        self._session = session
        self._trigger = trigger
        self._leaked: list[Array] = []
        self._leaks = False
        self._fault, self._runs_left = "", 0

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        """Return the outputs of the session, unless there is a fault."""
        outputs = self._session.run(feeds)
        if self._trigger.exists():
            self._runs_left, self._fault = parse_fault(self._trigger.read_text())
            self._trigger.rename(self._trigger.with_suffix(".begun"))
        if self._fault and not self._runs_left:
            fault, self._fault = self._fault, ""
            self._leaks = fault == "leak"
            outputs = FAULTS[fault](outputs)
        self._runs_left -= 1
        if self._leaks:
            self._leaked.append(np.ones(LEAK_BYTES, dtype=np.uint8))
        return outputs

    def close(self) -> None:
        """Close the session."""
        self._session.close()


def parse_fault(text: str) -> tuple[int, str]:
    """Return the number of runs before the fault, and its name."""
    number, _, name = text.partition(" ")
    return (int(number), name) if number.isdigit() else (0, text)


def _segmentation_fault(_: Outputs) -> Outputs:
    return {"": np.array(ctypes.string_at(0))}


def _abort(_: Outputs) -> Outputs:
    os.abort()


def _exit(_: Outputs) -> Outputs:
    os._exit(3)


def _hang(_: Outputs) -> Outputs:
    while True:
        time.sleep(1)


def _hang_with_lock(_: Outputs) -> Outputs:
    """Hang as native code does that never releases Python's global lock: no other thread runs."""
    ctypes.PyDLL(None).sleep(3600)
    return {}


def _flood(outputs: Outputs) -> Outputs:
    """Write two megabytes to stdout and stderr, with an escape code."""
    for stream in (sys.stdout, sys.stderr):
        stream.write("\x1b[31mthe driver is unhappy\n" * 40_000)
        stream.flush()
    return outputs


def _with_nan(suffix: str, outputs: Outputs) -> Outputs:
    """Return `outputs` with a value that is not a number in the first one whose name ends in `suffix`."""
    name = next(name for name in outputs if name.endswith(suffix))
    wrong = outputs[name].copy()
    wrong.flat[-1] = np.nan
    return {**outputs, name: wrong}


def _with_wrong_shape(suffix: str, outputs: Outputs) -> Outputs:
    name = next(name for name in outputs if name.endswith(suffix))
    return {**outputs, name: outputs[name][..., :-1]}


FAULTS: Mapping[str, Callable[[Outputs], Outputs]] = {
    "SIGSEGV": _segmentation_fault,
    "SIGABRT": _abort,
    "exit": _exit,
    "hang": _hang,
    "hang with lock": _hang_with_lock,
    "leak": dict,
    "flood": _flood,
    "NaN": partial(_with_nan, "spectrum"),
    "NaN in the state": partial(_with_nan, "_next"),
    "wrong shape": partial(_with_wrong_shape, "spectrum"),
    "wrong shape of the state": partial(_with_wrong_shape, "_next"),
}
