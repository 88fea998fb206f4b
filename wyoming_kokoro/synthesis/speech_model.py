"""How a segment's phonemes become samples."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Protocol

import numpy as np

from wyoming_kokoro.api.memory import Pressure, Relief
from wyoming_kokoro.api.metrics import StageFacts
from wyoming_kokoro.inference.pacing import Pace
from wyoming_kokoro.inference.stage import Stage
from wyoming_kokoro.model.fingerprint import fingerprint
from wyoming_kokoro.model.vocabulary import tokens
from wyoming_kokoro.model.voices import Styles
from wyoming_kokoro.pcm import seconds, to_pcm
from wyoming_kokoro.scheduling.idle import Quiet
from wyoming_kokoro.scheduling.scheduler import Engine
from wyoming_kokoro.scheduling.worker import Steps
from wyoming_kokoro.synthesis.memory import SHORTEST, rehearsed
from wyoming_kokoro.types import SAMPLE_RATE, Array, Samples

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


class WholeSentence:
    """The stock graph: a segment in one unit of work."""

    def __init__(self, stage: Stage, styles: Styles, identity: str, pace: Pace) -> None:
        """`identity` is the model's; `pace` is told how fast this machine is."""
        self._stage = stage
        self._styles = styles
        self._identity = identity
        self._pace = pace
        self.measured: Mapping[str, str] = {}

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same phonemes would sound different."""
        return fingerprint(self._identity, self._stage.precision)

    @property
    def stages(self) -> Sequence[StageFacts]:
        """Who runs the model."""
        return [self._stage.facts]

    def steps(self, phonemes: str, voice: str, speed: float) -> Steps:
        """Yield the whole segment at once, without the silence around it.

        `phonemes` are at most `MAX_PHONEMES` symbols of the vocabulary. Raises `SynthesisFailed`.
        """
        ids = tokens(phonemes)
        feeds: dict[str, Array] = {
            "tokens": np.array([[0, *ids, 0]], dtype=np.int64),
            "style": self._styles.row(voice, len(ids)),
            "speed": np.array([speed], dtype=np.float32),
        }
        begun = time.perf_counter()
        (audio,) = self._stage.run(feeds).values()
        self._pace.note(time.perf_counter() - begun, seconds(audio.ravel()))
        yield to_pcm(trimmed(audio.ravel()))

    async def improve(self, engine: Engine, quiet: Quiet) -> None:
        """Return: there is only one way."""

    async def relieve(self, pressure: Pressure, engine: Engine) -> AsyncGenerator[Relief, None]:
        """Have the model give back what it keeps between segments."""
        if pressure.is_at_least("raised"):
            self._stage.shrink()
            await rehearsed(engine, self.steps(SHORTEST, self._styles.names[0], 1.0))
            yield Relief("the model's memory between runs")

    def close(self) -> None:
        """Give back the model's memory."""
        self._stage.close()


QUIET_DB = -50.0
"""Below the segment's own peak: quieter than the softest onset that Kokoro speaks."""
HOP = SAMPLE_RATE // 200
MARGIN_HOPS = 8
"""40 ms kept on both sides, so that soft consonants and endings stay."""


def trimmed(samples: Samples) -> Samples:
    """Return `samples` without the silence that the model puts before and after its speech."""
    hops = len(samples) // HOP
    if hops == 0:
        return samples
    level = np.sqrt((samples[: hops * HOP].reshape(hops, HOP) ** 2).mean(axis=1))
    loud = np.flatnonzero(level > level.max() * 10 ** (QUIET_DB / 20))
    if loud.size == 0:
        return samples[:0]
    return samples[max(0, loud[0] - MARGIN_HOPS) * HOP : (loud[-1] + 1 + MARGIN_HOPS) * HOP]
