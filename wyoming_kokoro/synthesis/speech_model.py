"""How a segment's phonemes become samples."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Protocol

from wyoming_kokoro.api.memory import Pressure, Relief
from wyoming_kokoro.api.metrics import StageFacts
from wyoming_kokoro.scheduling.idle import Quiet
from wyoming_kokoro.scheduling.scheduler import Engine
from wyoming_kokoro.scheduling.worker import Steps

MAX_PHONEMES = 510
"""The model's context is 512 tokens, two of which are the pads at either end."""


class Synthesis(Protocol):
    """A way to speak phonemes in units of work."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same phonemes would sound different."""

    @property
    def measured(self) -> Mapping[str, str]:
        """What is known of the providers that were tried, in words."""

    @property
    def stages(self) -> Sequence[StageFacts]:
        """Who runs each stage of the model."""

    def steps(self, phonemes: str, voice: str, speed: float) -> Steps:
        """Yield the segment's samples; each `next()` is one unit of work on the engine's thread."""

    async def improve(self, engine: Engine, quiet: Quiet) -> None:
        """Look for faster ways to speak, behind everybody who is spoken to; return when all was tried."""

    def relieve(self, pressure: Pressure, engine: Engine) -> AsyncGenerator[Relief, None]:
        """Give back memory, step by step, without touching what is under way; at `normal` take up again what paused."""

    def close(self) -> None:
        """Give back what was opened; nothing is spoken any more."""
