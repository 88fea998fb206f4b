"""Stores the measured costs, so that the next start knows what this machine can do."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro.api.speech_models import Quality
from wyoming_kokoro.cpu import cpu_identity, default_threads
from wyoming_kokoro.scheduling.costs import MeasuredCosts, UnitCosts
from wyoming_kokoro.storage import read_if_intact, write_checked

FILE_NAME = "capacity.json"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredCapacity:
    """What was measured on one machine with one model."""

    key: str
    costs: Mapping[Quality, MeasuredCosts]


class CapacityFile:
    """The costs in a state directory. Those of another CPU, model or setting are not used."""

    def __init__(self, folder: Path, costs: Mapping[Quality, UnitCosts], settings: str) -> None:
        """`settings`: all settings on which the speed depends."""
        self._path = folder / FILE_NAME
        self._costs = costs
        self._settings = settings
        self._key = ""

    def load(self, fingerprint: str) -> None:
        """Use the stored costs, if they were measured with the model of this `fingerprint`. Reads the disk."""
        parts = (fingerprint, self._settings, cpu_identity(), str(default_threads()))
        self._key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        stored = read_if_intact(self._path, StoredCapacity)
        if stored and stored.key == self._key:
            for quality, costs in self._costs.items():
                if quality in stored.costs and not costs.rtf:
                    costs.measured = stored.costs[quality]

    def save(self) -> None:
        """Store the costs, if the model was open."""
        if not self._key:
            return
        stored = StoredCapacity(self._key, {quality: costs.measured for quality, costs in self._costs.items()})
        try:
            write_checked(self._path, stored)
        except OSError as error:
            log.info("Cannot write %s (%s); the next start measures again", self._path, error)
