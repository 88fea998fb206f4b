"""Simulates providers that run one window after another, on a clock that moves with them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from wyoming_kokoro import Provider
from wyoming_kokoro.api.observations import Inference
from wyoming_kokoro.inference.selection import ProviderSelector, ProviderTiming

STAGE = "vocoder"
WINDOW = 16


def _open(*_: object) -> None:
    raise NotImplementedError


class ProviderSimulation:
    """One stage with windows of one size."""

    def __init__(self, measured: Mapping[str, float | None], preferred: str = "", window: int = WINDOW) -> None:
        """`measured` maps each provider, by priority, to the seconds of its trial."""
        self.now = 1000.0
        self.selector = ProviderSelector(preferred, lambda: self.now)
        self.measured = dict(measured)
        self.seconds = {name: seconds or 0.1 for name, seconds in measured.items()}
        """The seconds that a run takes now."""
        self.broken: set[str] = set()
        self.history: list[str] = []
        """The provider that ran each window."""
        self._window = window

    @property
    def switches(self) -> int:
        """The number of times that another provider ran than before."""
        return sum(before != after for before, after in pairwise(self.history))

    def select(self, *absent: str) -> str:
        """Return the provider that is selected among those that are not `absent`."""
        timings = [
            ProviderTiming(Provider(name, -rank, "float", _open), seconds)  # type: ignore[arg-type]
            for rank, (name, seconds) in enumerate(self.measured.items())
            if name not in absent
        ]
        return self.selector.select(STAGE, self._window, timings).name

    def run(self, windows: int = 1) -> list[str]:
        """Run windows, each by another provider when one fails; return the providers that succeeded."""
        for _ in range(windows):
            failed: list[str] = []
            while (name := self.select(*failed)) in self.broken:
                self.fail(name)
                failed.append(name)
            self.now += self.seconds[name]
            self.selector.record(Inference(STAGE, self._window, name, self.seconds[name]))
            self.history.append(name)
        return self.history[-windows:]

    def fail(self, name: str) -> None:
        """Record a failed run of a provider."""
        self.selector.record(Inference(STAGE, self._window, name, None))
