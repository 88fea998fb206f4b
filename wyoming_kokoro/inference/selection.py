"""Which provider runs a stage."""

from __future__ import annotations

from collections.abc import Sequence

from wyoming_kokoro.api.providers import Provider, ProviderTiming, RunResult


class ByRank:
    """Chooses the provider of the highest rank: what is done when no plugin chooses."""

    def choose(self, stage: str, window: int, measurements: Sequence[ProviderTiming]) -> Provider:  # noqa: ARG002
        """Return the first provider."""
        return measurements[0].provider

    def observe(self, run: RunResult) -> None:
        """Learn nothing."""
