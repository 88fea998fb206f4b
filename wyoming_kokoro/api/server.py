"""What a service plugin sees of the running server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Protocol

from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.metrics import Advice, Metrics, StageStatus
from wyoming_kokoro.api.observations import Observation
from wyoming_kokoro.api.phrase_cache import CacheStats
from wyoming_kokoro.api.warmup import Phrase, WarmupResult, WarmupStrategy
from wyoming_kokoro.types import Address, Voice


class Server(Protocol):
    """What a service plugin sees of the running server."""

    @property
    def addresses(self) -> Sequence[Address]:
        """The bound TCP addresses; empty for `unix://` and `stdio://`."""

    @property
    def voices(self) -> Sequence[Voice]:
        """The advertised voices."""

    @property
    def default_voice(self) -> Voice:
        """The voice of those who name none."""

    @property
    def idle_seconds(self) -> float:
        """How long nobody has been spoken to; 0 while somebody is."""

    @property
    def is_stuck(self) -> bool:
        """Whether the model did not come back when it was last asked: better start anew."""

    async def ready(self) -> None:
        """Wait until the model is open. Raises `StartupError` when it cannot be."""

    @property
    def warmup_strategies(self) -> Sequence[WarmupStrategy]:
        """The strategies of all plugins; none when there is no phrase cache."""

    @property
    def is_ready(self) -> bool:
        """Whether the model is open; what is asked for before waits for it."""

    @property
    def timeline(self) -> Mapping[str, float]:
        """What was ready when, in seconds since the process began, the earliest first."""

    @property
    def metrics(self) -> Metrics:
        """What was counted since the server started."""

    @property
    def stages(self) -> Sequence[StageStatus]:
        """Who runs each stage of the model; nothing before it is open."""

    @property
    def active_requests(self) -> int:
        """How many requests are spoken at this moment."""

    @property
    def waiting_syntheses(self) -> int:
        """How many syntheses wait for the model at this moment, while another runs."""

    @property
    def running_unit_seconds(self) -> float:
        """How long the model has been at the unit of work that runs, a window as a rule; 0 when it rests.

        Above a minute nothing answers any more: the unit is given up, and its thread replaced.
        """

    async def cache_stats(self) -> CacheStats:
        """Return how the phrase cache does; what was used since the last time is written down."""

    async def advice(self) -> Sequence[Advice]:
        """Return what the owner of the machine could do better, what matters most first."""

    def synthesize(self, text: str, voice: str | None = None) -> AsyncGenerator[bytes, None]:
        """Speak as any client would be spoken to: 16-bit little-endian mono PCM at `SAMPLE_RATE`."""

    async def warm(self, phrase: Phrase) -> WarmupResult:
        """Have `phrase` in the phrase cache, behind everybody who is spoken to.

        Waits for the model. Raises `SpeechError`.
        """

    def free_memory(self, pressure: MemoryPressure) -> AsyncGenerator[FreedMemory, None]:
        """Have memory given back, step by step; whoever asked may look in between whether it is enough, and stop.

        All plugins are told before the first step is yielded. Then what lies idle is closed (from `high` on), and the
        model gives back what it keeps between runs, behind everybody who is spoken to: no stream under way is touched.
        """

    def emit(self, observation: Observation) -> None:
        """Tell all plugins what happened. On the event loop."""
