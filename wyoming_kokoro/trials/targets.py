"""What providers are tried for: a stage, in windows of one size."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from wyoming_kokoro.api.providers import Provider, Session
from wyoming_kokoro.inference.albert import SplitProsody
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.stage import OpenSession, Stage, opens_at_startup
from wyoming_kokoro.inference.vocoder import StageRunner
from wyoming_kokoro.model.manifest import WINDOW
from wyoming_kokoro.trials.trial import AlbertTrial, Trial, VocoderTrial


class TrialTarget(Protocol):
    """One of them."""

    name: str
    """The stage's."""
    stage: Stage
    """It runs already."""
    window: int
    """The size of the windows."""
    output_name: str
    """What comes of it, for people."""

    def __str__(self) -> str:
        """Return what it is, for people."""

    def window_limit(self, provider: Provider) -> int:
        """Return the size of the only windows that the provider takes here, or 0 if it takes any."""

    def open(self, provider: Provider, threads: int) -> Session:
        """Open the stage on `provider`, on a worker thread. Raises whatever goes wrong."""

    def trial(self, known: StageRunner, candidate: StageRunner) -> Trial:
        """Return what the candidate must show."""


class VocoderTarget:
    """The vocoder in windows of 200 ms."""

    name = "vocoder"
    window = WINDOW
    output_name = "sound"

    def __init__(self, stages: ModelPipeline) -> None:
        self._stages = stages
        self.stage = stages.vocoder

    def __str__(self) -> str:
        return "vocoder"

    def window_limit(self, provider: Provider) -> int:
        """Return `WINDOW` for a provider of fixed shapes."""
        return WINDOW if provider.fixed_shapes else 0

    def open(self, provider: Provider, threads: int) -> Session:
        """Open the vocoder."""
        return self._stages.open_vocoder(provider, threads)

    def trial(self, known: StageRunner, candidate: StageRunner) -> Trial:
        """Return a sentence that is to be spoken."""
        return VocoderTrial(self._stages, known, candidate)


class AlbertTarget:
    """ALBERT for texts of at most so many tokens."""

    name = "albert"
    output_name = "reading"

    def __init__(self, stages: ModelPipeline, reading: SplitProsody, tokens: int) -> None:
        self._stages = stages
        self.stage = reading.albert
        self.window = tokens

    def __str__(self) -> str:
        return f"reading of {self.window} tokens"

    def window_limit(self, provider: Provider) -> int:  # noqa: ARG002
        """Return the tokens: all are given fixed shapes."""
        return self.window

    def open(self, provider: Provider, threads: int) -> Session:
        """Open ALBERT."""
        return self._stages.open_albert(provider, self.window, threads)

    def trial(self, known: StageRunner, candidate: StageRunner) -> Trial:
        """Return texts that are to be read."""
        return AlbertTrial(self.window, known, candidate)


def baseline(stage: Stage) -> OpenSession:
    """Return the provider that runs a stage from the start."""
    return next(item for item in stage.open_sessions if opens_at_startup(item.provider))


def candidates_for(providers: Iterable[Provider], stage: str) -> list[Provider]:
    """Return those of `providers` that are to be tried for a stage in the background."""
    return [
        item
        for item in providers
        if stage in item.stages and item.unavailable_reason is None and not opens_at_startup(item)
    ]
