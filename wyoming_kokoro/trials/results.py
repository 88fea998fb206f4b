"""The results of trials, stored beside the prepared stages so that the next start does not measure again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from wyoming_kokoro.api.providers import Provider
from wyoming_kokoro.cpu import cpu_identity
from wyoming_kokoro.storage import read_if_intact, write_checked

FILE_NAME = "measurements.json"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The result of one provider at one stage and window size."""

    version: str
    seconds: float | None = None
    """The time of one window; None if the provider cannot be used."""
    problem: str = ""
    """The reason why it cannot be used: it fails, or its output is wrong."""
    note: str = ""
    """The note of the session, for the operator."""


@dataclass(frozen=True, slots=True)
class TrialFile:
    """Everything that was measured on one CPU."""

    cpu: str = ""
    threads: int = 0
    """The smallest number of threads that is as fast as any; 0 if not measured."""
    results: Mapping[str, TrialResult] = field(default_factory=dict)
    """Results by provider, stage and window size."""


class TrialResults:
    """The results for one folder of prepared stages, and so for one model, recipe and version of ONNX Runtime."""

    def __init__(self, folder: Path) -> None:
        """Read the file in `folder`. A damaged file, or one from another CPU, is ignored."""
        self._path = folder / FILE_NAME
        cpu = cpu_identity()
        stored = read_if_intact(self._path, TrialFile)
        self._stored = stored if stored and stored.cpu == cpu else TrialFile(cpu)

    @property
    def threads(self) -> int:
        """The smallest number of threads that is as fast as any; 0 if not measured."""
        return self._stored.threads

    def get(self, provider: Provider, stage: str, window: int) -> TrialResult | None:
        """Return the result of the installed version of `provider`, or None."""
        result = self._stored.results.get(_key(provider, stage, window))
        return result if result and result.version == provider.version else None

    def add(self, provider: Provider, stage: str, window: int, result: TrialResult) -> None:
        """Store a result."""
        self._write(replace(self._stored, results={**self._stored.results, _key(provider, stage, window): result}))

    def record_threads(self, threads: int) -> None:
        """Store the smallest number of threads that is as fast as any."""
        self._write(replace(self._stored, threads=threads))

    def _write(self, content: TrialFile) -> None:
        self._stored = content
        try:
            write_checked(self._path, content)
        except OSError as error:
            log.info("Cannot write %s (%s); the next start measures again", self._path, error)


def _key(provider: Provider, stage: str, window: int) -> str:
    return f"{provider.name} {stage} {window}"
