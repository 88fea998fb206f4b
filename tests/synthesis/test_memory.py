from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.synthesis.cpu_sessions import open_on_cpu
from tests.helpers.synthesis.fake_sessions import ConstantSession, open_session, provider
from wyoming_kokoro import Array, MemoryPressure, Provider, SessionOptions
from wyoming_kokoro.api.observations import Level
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.builtin import builtin_statistics, builtin_styles
from wyoming_kokoro.onnx import OnnxSession
from wyoming_kokoro.scheduling.costs import UnitCosts
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.synthesis.memory import WINDOW_SIZES
from wyoming_kokoro.synthesis.statistics_learner import StatisticsLearner
from wyoming_kokoro.synthesis.streaming import StreamingModel
from wyoming_kokoro.trials.results import TrialResults
from wyoming_kokoro.trials.runner import TrialRunner
from wyoming_kokoro.types import Pcm

pytestmark = pytest.mark.model

PHRASE = "ðə fɹˈʌnt dˈoːɹ ɪz ʌnlˈɑːkt ænd ðə wˈɪndoʊz ɑːɹ klˈoʊzd."


@pytest.fixture
def own_pipeline(stages_folder: Path) -> Iterator[ModelPipeline]:
    """A pipeline for one test, because the tests look at what is open."""
    provider = Provider("cpu", 1, "int8", open_on_cpu)
    stages = ModelPipeline(stages_folder, [provider], SessionOptions(2, stages_folder))
    yield stages
    stages.close()


@pytest.fixture
def model(own_pipeline: ModelPipeline, tmp_path: Path) -> Iterator[StreamingModel]:
    statistics = builtin_statistics(builtin_styles())
    learner = StatisticsLearner(tmp_path, builtin_styles(), {}, statistics)
    memory_state = MemoryState()
    trials = TrialRunner(own_pipeline, [], TrialResults(tmp_path), 2, memory_state)
    # A fixed clock: windows that depend on the speed of the machine would change the last bits.
    pacer = PlaybackPacer(lambda: 1, lambda: None, memory_state, UnitCosts(clock=lambda: 0.0), lambda: 0.0)
    yield StreamingModel(
        own_pipeline,
        builtin_styles(),
        statistics,
        "test",
        learner=learner,
        trials=trials,
        pacer=pacer,
        memory_state=memory_state,
    )
    learner.close()


async def free_memory(model: StreamingModel, scheduler: Scheduler, level: Level) -> list[str]:
    return [step.source async for step in model.free_memory(MemoryPressure(level, "test"), scheduler)]


async def synthesize(model: StreamingModel, scheduler: Scheduler, *, freed_after: int | None = None) -> Pcm:
    """Return the audio of a stream, during which memory is freed after `freed_after` chunks."""
    job = scheduler.create_job(model.synthesize(PHRASE, "af_heart", 1.0), Playback(lambda: 0.0))
    chunks: list[Pcm] = []
    freeing: asyncio.Task[list[str]] | None = None
    while (chunk := await job.next()) is not None:
        chunks.append(chunk)
        if len(chunks) == freed_after:
            freeing = asyncio.create_task(free_memory(model, scheduler, "critical"))
    if freeing:
        assert await freeing == ["idle sessions", "the model's memory between runs"]
    return np.concatenate(chunks)


@pytest.mark.parametrize("chunks", [1, pytest.param(3, marks=pytest.mark.slow)])
async def test_running_stream_is_bit_equal_when_memory_is_freed(model: StreamingModel, chunks: int) -> None:
    async with Scheduler() as scheduler:
        alone = await synthesize(model, scheduler)
        disturbed = await synthesize(model, scheduler, freed_after=chunks)
        after = await synthesize(model, scheduler)
    assert len(alone) > 24_000
    assert np.array_equal(alone, disturbed)
    assert np.array_equal(alone, after)


async def test_more_memory_is_freed_at_higher_levels(model: StreamingModel) -> None:
    async with Scheduler() as scheduler:
        assert await free_memory(model, scheduler, "normal") == []
        assert await free_memory(model, scheduler, "raised") == ["the model's memory between runs"]
        assert await free_memory(model, scheduler, "high") == ["idle sessions", "the model's memory between runs"]


async def test_whole_stage_is_closed_and_opened_again_on_demand(
    model: StreamingModel, own_pipeline: ModelPipeline
) -> None:
    before = await asyncio.to_thread(decode_whole, own_pipeline)
    assert "_whole" in vars(own_pipeline)
    async with Scheduler() as scheduler:
        await free_memory(model, scheduler, "high")
    assert "_whole" not in vars(own_pipeline)
    assert np.array_equal(before, await asyncio.to_thread(decode_whole, own_pipeline))


def decode_whole(stages: ModelPipeline) -> Array:
    prosody = stages.predict_prosody("hˈɛloʊ", builtin_styles().row("af_heart", 6), 1.0)
    spectrum, _, _ = stages.decode_whole(prosody, stages.decode_frames(prosody))
    return spectrum


async def test_unselected_provider_is_closed_and_startup_provider_stays(
    model: StreamingModel, own_pipeline: ModelPipeline
) -> None:
    unused = ConstantSession()
    own_pipeline.vocoder.add_session(
        replace(open_session("slow", unused, priority=0), provider=provider("slow", priority=0, opens_quickly=False))
    )
    async with Scheduler() as scheduler:
        await free_memory(model, scheduler, "high")
    assert unused.is_closed
    assert [item.provider.name for item in own_pipeline.vocoder.open_sessions] == ["cpu"]
    assert own_pipeline.vocoder.remove_unused(WINDOW_SIZES) == []


async def test_every_open_session_runs_once_and_frees_memory(
    model: StreamingModel, own_pipeline: ModelPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrunk: list[OnnxSession] = []
    options = OnnxSession._options

    def record_shrunk(session: OnnxSession) -> object:
        result = options(session)
        if result is not None:
            shrunk.append(session)
        return result

    monkeypatch.setattr(OnnxSession, "_options", record_shrunk)
    async with Scheduler() as scheduler:
        await free_memory(model, scheduler, "raised")
    open_now = [item.session for stage in own_pipeline._open_stages for item in stage.open_sessions]
    assert len(shrunk) == len(open_now) == 3
    assert all(any(one is other for other in shrunk) for one in open_now)
