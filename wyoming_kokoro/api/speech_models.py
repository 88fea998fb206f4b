"""The role of a model that turns phonemes into speech."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol, runtime_checkable

from wyoming_kokoro.types import Pcm

Quality = Literal["full", "distilled"]
"""`full`: the model that speaks every voice. `distilled`: a much faster model that imitates one or a few voices."""

SelectionReason = Literal["cached", "setting", "no-distilled-model", "fast", "slow", "unmeasured", "failure"]
"""Why a model spoke a segment. Metrics use these words."""
SELECTION_REASONS: Mapping[SelectionReason, str] = MappingProxyType(
    {
        "cached": "the phrase cache had its recording",
        "setting": "the setting quality selects it",
        "no-distilled-model": "the voice has no distilled model",
        "fast": "the full model was fast enough",
        "slow": "the full model would have been too slow",
        "unmeasured": "the speed of the full model was not measured yet",
        "failure": "the preferred model failed",
    }
)
"""The reasons for people."""

MAX_PHONEMES = 510
"""The longest text for a model: 512 tokens, two of which are the padding at the ends."""

MIN_MODEL_SPEED, MAX_MODEL_SPEED = 0.7, 2.0
"""The speeds that a model is asked for. The server stretches its audio to all others."""


@dataclass(frozen=True, slots=True)
class SpeechStyle:
    """What a request changes about its voice."""

    speed: float = 1.0
    """Multiplies the speed of the voice. The result is limited to the range of `[voice] speed`."""
    volume: float = 1.0
    """Linear gain."""
    language: str = ""
    """The language of the text, such as `fr` or `fr-FR`; empty: that of the voice."""


@dataclass(frozen=True, slots=True)
class WordTiming:
    """A word as it is written in the text, and when it is spoken. Times are seconds of the audio of the request."""

    word: str
    start: float
    end: float


@runtime_checkable
class SpeechModel(Protocol):
    """Turns phonemes into samples, in short units of work.

    All properties are known before the model is open.
    """

    @property
    def name(self) -> str:
        """The name in logs and in `check`, unique among all models."""

    @property
    def quality(self) -> Quality:
        """The kind of the model."""

    @property
    def voices(self) -> Collection[str]:
        """The model voices that it speaks, such as `af_heart`."""

    @property
    def languages(self) -> Collection[str]:
        """The BCP-47 languages whose phonemes it reads, such as `en-US`."""

    @property
    def alphabet(self) -> str:
        """The phoneme symbols that it reads, such as `misaki`; an empty string for any.

        The model does not speak languages whose phonemizer has another `alphabet`.
        """

    @property
    def fingerprint(self) -> str:
        """A string that changes when the same phonemes sound different. May block until the model is open."""

    def open(self) -> None:
        """Open the model. Runs on a worker thread and may take seconds. Raises `StartupError`."""

    def synthesize(self, phonemes: str, voice: str, speed: float) -> Generator[Pcm, None, None]:
        """Yield the samples of a segment, without silence around them.

        `phonemes` are 1 to `MAX_PHONEMES` symbols of Kokoro's vocabulary. `speed` is from `MIN_MODEL_SPEED` to
        `MAX_MODEL_SPEED`. Each `next()` is one unit of work: it runs for a few tens of milliseconds on the thread that
        all models share. It may yield no samples. The same arguments give the same samples. Raises `SynthesisFailed`,
        and `ValueError` for a voice that is not in `voices`.
        """

    def time_phonemes(self, phonemes: str, voice: str, speed: float) -> Generator[Pcm, None, Sequence[float]]:
        """Return when each symbol begins in the samples that `synthesize` yields, and when the last one ends.

        The times are in seconds, in ascending order, one more than there are symbols; none if the model does not know
        them. Each `next()` is one unit of work without samples. Raises what `synthesize` raises.
        """

    def close(self) -> None:
        """Free all memory. May be called twice, and while `open` runs, which may then end early with `StartupError`."""
