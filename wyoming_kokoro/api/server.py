"""The running server, as plugins with services see it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Protocol

from wyoming_kokoro.api.lexicon import Lexicon
from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.metrics import Advice, Metrics, ModelStatus, StageStatus
from wyoming_kokoro.api.observations import Observation
from wyoming_kokoro.api.phrase_cache import CacheStats
from wyoming_kokoro.api.speech_models import SpeechStyle, WordTiming
from wyoming_kokoro.api.warmup import Phrase, WarmupResult, WarmupStrategy
from wyoming_kokoro.types import SAMPLE_RATE, Address, Advertised, Voice


class Server(Protocol):
    """The running server."""

    @property
    def addresses(self) -> Sequence[Address]:
        """The TCP addresses it listens on; none for `unix://` and `stdio://`."""

    @property
    def advertised(self) -> Advertised:
        """What Home Assistant discovers: a load balancer, `own` for `addresses`, or `none`."""

    @property
    def voices(self) -> Sequence[Voice]:
        """The advertised voices."""

    @property
    def default_voice(self) -> Voice:
        """The voice of requests that name none."""

    @property
    def idle_seconds(self) -> float:
        """Seconds since the last active request; 0 during a request."""

    @property
    def is_stuck(self) -> bool:
        """Whether the model stopped responding. Only a restart helps."""

    @property
    def is_ready(self) -> bool:
        """Whether new text can be spoken in the default voice. Requests wait until its model is open."""

    @property
    def problems(self) -> Sequence[str]:
        """What does not work, one line each: models that failed, and phonemizers that cannot be opened."""

    @property
    def is_overloaded(self) -> bool:
        """Whether a load balancer should send new requests to another server for a while."""

    async def ready(self) -> None:
        """Wait until new text can be spoken in the default voice. Raises `StartupError` if no model can be opened."""

    @property
    def warmup_strategies(self) -> Sequence[WarmupStrategy]:
        """The strategies of all plugins; none without a phrase cache."""

    @property
    def lexicon(self) -> Lexicon | None:
        """The words that users can teach; None without a plugin for them."""

    @property
    def timeline(self) -> Mapping[str, float]:
        """The startup milestones in seconds since the process started, in chronological order."""

    @property
    def metrics(self) -> Metrics:
        """All metrics since the server started."""

    @property
    def stages(self) -> Sequence[StageStatus]:
        """The providers of each stage of the full model; empty until it is open."""

    @property
    def models(self) -> Sequence[ModelStatus]:
        """The full model, then the distilled ones."""

    @property
    def active_requests(self) -> int:
        """The number of requests that are playing now."""

    @property
    def waiting_syntheses(self) -> int:
        """The number of syntheses that wait for the model now."""

    @property
    def waiting_requests(self) -> int:
        """The number of requests that wait until the full model has time for them."""

    @property
    def running_unit_seconds(self) -> float:
        """How long the current unit of work has been running; 0 if the model is idle.

        A unit that takes a minute is given up, and its thread is replaced.
        """

    async def cache_stats(self) -> CacheStats:
        """Return the statistics of the phrase cache, after it stored its latest uses. Reads the disk."""

    async def advice(self, *, with_text: bool) -> Sequence[Advice]:
        """Return recommendations for the operator, the most important first; `with_text`: they may quote speech."""

    def synthesize(
        self,
        text: str,
        voice: str | None = None,
        *,
        rate: int = SAMPLE_RATE,
        style: SpeechStyle | None = None,
        on_words: Callable[[Sequence[WordTiming]], object] | None = None,
        client: str = "",
    ) -> AsyncGenerator[bytes, None]:
        """Yield 16-bit little-endian mono PCM at `rate`, with the limits and the metrics of a request.

        `style` changes the voice. `on_words` gets the words of each segment before the audio after it. The requests of
        one `client`, an address, do not delay those of others. Raises `SpeechError`, here or while it yields.
        """

    async def warm(self, phrase: Phrase) -> WarmupResult:
        """Synthesize `phrase` into the phrase cache, with less priority than all requests.

        Waits for the model. Raises `SpeechError`.
        """

    def free_memory(self, pressure: MemoryPressure) -> AsyncGenerator[FreedMemory, None]:
        """Free memory step by step. The caller may stop after any step.

        All plugins are called before the first step is yielded. From `high` on, idle sessions are closed. Then the
        model frees what it keeps between runs, with less priority than all requests, and without changing any stream.
        """

    def emit(self, observation: Observation) -> None:
        """Count an observation and pass it to all plugins. Call it on the event loop."""
