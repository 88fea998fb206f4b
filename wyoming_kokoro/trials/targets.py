"""The stages that providers are tried for, each with windows of one size."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from wyoming_kokoro.api.providers import Provider, Session
from wyoming_kokoro.inference.albert import SplitProsody
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.stage import OpenSession, Stage, opens_at_startup
from wyoming_kokoro.inference.vocoder import StageRunner
from wyoming_kokoro.model.manifest import WINDOW_FRAMES
from wyoming_kokoro.trials.trial import AlbertTrial, Trial, VocoderTrial


class TrialTarget(Protocol):
    """A stage with windows of one size; `str()` of it is for people."""

    name: str
    """The name of the stage."""
    stage: Stage
    """The stage on the baseline."""
    window: int
    output_name: str
    """The name of the output, for people."""

    def window_limit(self, provider: Provider) -> int:
        """Return the only window size that `provider` runs here, or 0 if it runs any."""

    def open(self, provider: Provider, threads: int) -> Session:
        """Open the stage on `provider`, on a worker thread. Raises the provider's error."""

    def trial(self, baseline: StageRunner, candidate: StageRunner) -> Trial:
        """Return a trial of `candidate` against `baseline`."""


class VocoderTarget:
    """The vocoder with windows of 200 ms."""

    name = "vocoder"
    window = WINDOW_FRAMES
    output_name = "sound"

    def __init__(self, pipeline: ModelPipeline) -> None:
        self._pipeline = pipeline
        self.stage = pipeline.vocoder

    def __str__(self) -> str:
        return "vocoder"

    def window_limit(self, provider: Provider) -> int:
        """Return `WINDOW_FRAMES` for a provider with fixed shapes."""
        return WINDOW_FRAMES if provider.fixed_shapes else 0

    def open(self, provider: Provider, threads: int) -> Session:
        """Open the vocoder."""
        return self._pipeline.open_vocoder(provider, threads)

    def trial(self, baseline: StageRunner, candidate: StageRunner) -> Trial:
        """Return a trial that synthesizes a sentence."""
        return VocoderTrial(self._pipeline, baseline, candidate)


class AlbertTarget:
    """ALBERT for texts of at most `tokens`."""

    name = "albert"
    output_name = "context"

    def __init__(self, pipeline: ModelPipeline, split_prosody: SplitProsody, tokens: int) -> None:
        self._pipeline = pipeline
        self.stage = split_prosody.albert
        self.window = tokens

    def __str__(self) -> str:
        return f"ALBERT with {self.window} tokens"

    def window_limit(self, provider: Provider) -> int:  # noqa: ARG002
        """Return the number of tokens: every provider gets a graph of fixed shapes."""
        return self.window

    def open(self, provider: Provider, threads: int) -> Session:
        """Open ALBERT."""
        return self._pipeline.open_albert(provider, self.window, threads)

    def trial(self, baseline: StageRunner, candidate: StageRunner) -> Trial:
        """Return a trial with texts of different lengths."""
        return AlbertTrial(self.window, baseline, candidate)


def baseline(stage: Stage) -> OpenSession:
    """Return the session that runs the stage since startup."""
    return next(item for item in stage.open_sessions if opens_at_startup(item.provider))


def candidates_for(providers: Iterable[Provider], stage: str) -> list[Provider]:
    """Return the `providers` to try for a stage in the background."""
    return [
        item
        for item in providers
        if stage in item.stages and item.unavailable_reason is None and not opens_at_startup(item)
    ]
