"""A session without a model for tests of child processes, which need functions of a module."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from tools.providers.faulty_provider import FaultySession
from wyoming_kokoro import Array, DevicePlacement, Provider, Session, SessionOptions
from wyoming_kokoro.api.providers import shrink


class DoublingSession:
    """Returns each input twice as large, the process as `pid`, and the number of calls of `shrink`.

    Its end leaves a file `closed` in the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shrinks = 0

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        if not feeds:
            raise ValueError("nothing to double")
        outputs: dict[str, Array] = {name: 2 * array for name, array in feeds.items()}
        return {**outputs, "pid": np.array([os.getpid()]), "shrinks": np.array([self._shrinks])}

    def shrink(self) -> None:
        self._shrinks += 1

    def close(self) -> None:
        (self._folder / "closed").touch()


class FaultyDoublingSession(FaultySession):
    """Doubles its inputs until there is a fault."""

    note = "(doubles)"
    placement = DevicePlacement("Abacus", 0.5)

    def shrink(self) -> None:
        shrink(self._session)


def open_doubling(folder: Path, file: Path, options: SessionOptions) -> Session:
    """Open no file; fail if it has the suffix `.broken`."""
    if file.suffix == ".broken":
        raise RuntimeError("error code -1")
    return FaultyDoublingSession(DoublingSession(folder), folder / "fault")


def doubling_provider(folder: Path) -> Provider:
    """Return a provider with a process of its own; a file `fault` in `folder` names the fault of its next run."""
    return Provider("abacus", 1, "float", partial(open_doubling, folder), process=True)
