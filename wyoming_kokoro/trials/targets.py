"""The stages that providers are tried for, each with windows of one size."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from wyoming_kokoro.api.providers import Provider, Session
from wyoming_kokoro.inference.albert import SplitProsody
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.stage import OpenSession, Stage, opens_at_startup
from wyoming_kokoro.inference.vocoder import StageRunner
from wyoming_kokoro.model.manifest import WINDOW_FRAMES
from wyoming_kokoro.trials.trial import AlbertTrial, Trial, VocoderTrial

VOCODER = "vocoder"
ALBERT = "albert"


@dataclass(frozen=True, slots=True)
class TrialTarget:
    """A stage with windows of one size; `str()` of it is for people."""

    name: str
    """The name of the stage."""
    stage: Stage
    """The stage on the baseline."""
    window: int
    is_fixed: bool
    """Whether every provider gets a graph that runs only this window size."""
    output_name: str
    """The name of the output, for people."""
    open: Callable[[Provider, int], Session]
    """Opens the stage with a number of threads, on a worker thread. Raises the provider's error."""
    trial: Callable[[StageRunner, StageRunner], Trial]
    """Returns a trial of a candidate, the second session, against the baseline, the first."""

    def __str__(self) -> str:
        return f"ALBERT with {self.window} tokens" if self.name == ALBERT else self.name

    def window_limit(self, provider: Provider) -> int:
        """Return the only window size that `provider` runs here, or 0 if it runs any."""
        return self.window if self.is_fixed or provider.fixed_shapes else 0


def vocoder_target(pipeline: ModelPipeline) -> TrialTarget:
    """Return the vocoder with windows of 200 ms. A trial synthesizes a sentence."""
    trial = partial(VocoderTrial, pipeline)
    return TrialTarget(VOCODER, pipeline.vocoder, WINDOW_FRAMES, False, "sound", pipeline.open_vocoder, trial)


def albert_target(pipeline: ModelPipeline, split_prosody: SplitProsody, tokens: int) -> TrialTarget:
    """Return ALBERT for texts of at most `tokens`. A trial reads texts of different lengths."""
    open_albert = partial(pipeline.open_albert, tokens)
    return TrialTarget(ALBERT, split_prosody.albert, tokens, True, "context", open_albert, partial(AlbertTrial, tokens))


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
