"""Whether memory is short, shared by the parts of the model that then use less."""

from __future__ import annotations

from wyoming_kokoro.api.memory import MemoryPressure


class MemoryState:
    """The latest memory pressure. `MemoryReclaimer` updates it; pacing and trials only read it, from any thread."""

    def __init__(self) -> None:
        self.is_short = False
        """Whether windows stay small and trials wait, because a trial opens a stage a second time."""

    def update(self, pressure: MemoryPressure) -> None:
        """Follow `pressure`; memory is short from the level `raised` on."""
        self.is_short = pressure.is_at_least("raised")
