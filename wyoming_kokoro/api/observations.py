"""What `kokoro_observe` receives. Each event is observed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wyoming_kokoro.api.speech_models import Quality, SelectionReason

Outcome = Literal["spoken", "failed", "cancelled", "refused"]
"""How a request ended. `refused`: synthesis never started; `cancelled`: the client left."""
Level = Literal["normal", "raised", "high", "critical"]
"""How short memory is."""
Purpose = Literal["speech", "warmup", "trial"]
"""Why the model runs: for a client, for the phrase cache, or to measure a provider."""


@dataclass(frozen=True, slots=True)
class SegmentFinished:
    """A segment was sent to its end."""

    text: str
    """Never log this above debug, and do not store it without need."""
    voice: str
    cached: bool
    """Whether all of it came from the phrase cache."""
    seconds: float
    """The duration of the speech."""
    work_seconds: float = 0.0
    """How long the model ran for the segment; 0 if it was cached or shared with another request."""
    quality: Quality = "full"
    """The model that spoke."""
    reason: SelectionReason = "setting"
    """Why that model spoke."""


@dataclass(frozen=True, slots=True)
class RequestFinished:
    """A request ended, successfully or not."""

    voice: str
    """Empty if the request named no known voice."""
    outcome: Outcome
    code: str = ""
    """The code of the error that the client received, or an empty string."""
    first_seconds: float | None = None
    """From the first text to the first sample (TTFA); None without sound."""
    seconds: float = 0.0
    """From the first text to the end."""
    audio_seconds: float = 0.0
    work_seconds: float = 0.0
    """How long the model ran for the segments that were sent to their end."""
    cached: bool = False
    """Whether there was sound, and all of it came from the phrase cache."""
    wait_seconds: float | None = None
    """How long the request waited for the full model; None if it did not use it."""


@dataclass(frozen=True, slots=True)
class ConnectionRejected:
    """A connection was refused, or closed because of what its client did or failed to do."""

    listener: str
    """`wyoming`, or the name of the plugin that listens."""
    code: str
    """The code of the error, such as `too-many-connections` or `protocol-error`."""


@dataclass(frozen=True, slots=True)
class Inference:
    """A provider ran a stage once."""

    stage: str
    window: int
    """Frames of 12.5 ms for the vocoder, tokens for ALBERT; 0 for a stage that runs whole segments."""
    provider: str
    seconds: float | None
    """None if the run failed."""
    purpose: Purpose = "speech"


@dataclass(frozen=True, slots=True)
class ProviderSwitched:
    """Another provider now runs the windows of one size."""

    stage: str
    window: int
    """As in `Inference`."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class AcceleratorShare:
    """A provider that knows its accelerator's share took over. Observed once for each window."""

    stage: str
    window: int
    """As in `Inference`."""
    provider: str
    device: str
    """The accelerator, for people: `Neural Engine`."""
    share: float
    """The share of the work that the accelerator does, 0 to 1."""


@dataclass(frozen=True, slots=True)
class MemoryPressureChanged:
    """The memory level changed, or memory was freed."""

    before: Level
    after: Level
    reason: str
    """One line for the operator."""
    freed_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ConfigReloaded:
    """The running server read the configuration again."""

    problem: str = ""
    """Why the old configuration stays in use; empty if the new one was applied."""
    needs_restart: tuple[str, ...] = ()
    """Changed keys that take effect only after a restart."""


@dataclass(frozen=True, slots=True)
class LexiconChanged:
    """A word was taught, changed or removed. Texts with it may sound different."""


Observation = (
    SegmentFinished
    | RequestFinished
    | ConnectionRejected
    | Inference
    | ProviderSwitched
    | AcceleratorShare
    | MemoryPressureChanged
    | ConfigReloaded
    | LexiconChanged
)
"""New kinds may be added."""
