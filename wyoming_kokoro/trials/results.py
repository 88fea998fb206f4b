"""What was measured of providers: kept beside the stages, so that no start measures again."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from wyoming_kokoro.api.providers import Provider
from wyoming_kokoro.cpu import cpu_features

FILE_NAME = "measurements.json"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrialResult:
    """How a provider did at a stage, in windows of one size."""

    version: str
    seconds: float | None = None
    """How long a window takes; None when the provider cannot be used."""
    problem: str = ""
    """Why it cannot be used: it failed, or its results are wrong."""
    note: str = ""
    """What it has to tell the owner of the machine."""


@dataclass(frozen=True, slots=True)
class TrialFile:
    """Everything that was measured on one processor."""

    cpu: str = ""
    threads: int = 0
    """The fewest threads that are as fast as any; 0 when that was not measured."""
    results: Mapping[str, TrialResult] = field(default_factory=dict)
    """By the names of the provider and the stage, and the size of the windows."""


class TrialResults:
    """The book in a folder of prepared stages, which stand for the model, the recipe and ONNX Runtime's version."""

    def __init__(self, folder: Path) -> None:
        """Read the book; one of another processor, or a damaged one, counts for nothing."""
        self._file = folder / FILE_NAME
        self._processor = cpu_features()
        try:
            book = msgspec.json.decode(self._file.read_bytes(), type=TrialFile)
        except (OSError, msgspec.MsgspecError):
            book = TrialFile()
        self._book = book if book.cpu == self._processor else TrialFile(self._processor)

    @property
    def threads(self) -> int:
        """The fewest threads that are as fast as any; 0 when that was not measured."""
        return self._book.threads

    def get(self, provider: Provider, stage: str, window: int) -> TrialResult | None:
        """Return what was measured of a provider, of the version that is installed."""
        record = self._book.results.get(_key(provider, stage, window))
        return record if record and record.version == provider.version else None

    def add(self, provider: Provider, stage: str, window: int, record: TrialResult) -> None:
        """Keep what was found of a provider."""
        self._write(replace(self._book, results={**self._book.results, _key(provider, stage, window): record}))

    def record_threads(self, threads: int) -> None:
        """Keep how many threads are enough."""
        self._write(replace(self._book, threads=threads))

    def _write(self, book: TrialFile) -> None:
        self._book = book
        try:
            handle, part = tempfile.mkstemp(dir=self._file.parent, prefix=".measuring-")
            with os.fdopen(handle, "wb") as stream:
                stream.write(msgspec.json.encode(book))
            Path(part).replace(self._file)
        except OSError as error:
            log.info("What was measured cannot be kept in %s (%s); the next start measures again", self._file, error)


def _key(provider: Provider, stage: str, window: int) -> str:
    return f"{provider.name} {stage} {window}"
