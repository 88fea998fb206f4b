"""What the model gives back, and that nobody hears it. On the real model."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.fake_sessions import Answering, opened, provider
from wyoming_kokoro import Array, MemoryPressure, Provider, SessionOptions
from wyoming_kokoro.api.observations import Level
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.builtin import builtin_statistics, builtin_styles
from wyoming_kokoro.onnx import OnnxSession, open_onnx
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
def own_stages(stages_folder: Path) -> Iterator[ModelPipeline]:
    """Stages of its own, since it matters what is open."""
    provider = Provider("cpu", 1, "int8", lambda file, options: open_onnx(file, ["CPUExecutionProvider"], options))
    stages = ModelPipeline(stages_folder, [provider], SessionOptions(2, stages_folder))
    yield stages
    stages.close()


@pytest.fixture
def speaker(own_stages: ModelPipeline, tmp_path: Path) -> Iterator[StreamingModel]:
    statistics = builtin_statistics(builtin_styles())
    learner = StatisticsLearner(tmp_path, builtin_styles(), {}, statistics)
    memory_state = MemoryState()
    trials = TrialRunner(own_stages, [], TrialResults(tmp_path), 2, memory_state)
    # Windows that depend on the machine's speed would differ in a last bit.
    pacer = PlaybackPacer(lambda: 1, lambda: None, memory_state, lambda: 0.0)
    yield StreamingModel(
        own_stages,
        builtin_styles(),
        statistics,
        "test",
        learner=learner,
        trials=trials,
        pacer=pacer,
        memory_state=memory_state,
    )
    learner.close()


async def relieved(speaker: StreamingModel, engine: Scheduler, level: Level) -> list[str]:
    return [step.source async for step in speaker.free_memory(MemoryPressure(level, "a test"), engine)]


async def spoken(speaker: StreamingModel, engine: Scheduler, *, relieved_after: int | None = None) -> Pcm:
    """Speak; so many chunks after its beginning, have memory given back meanwhile."""
    track = engine.track(speaker.synthesize(PHRASE, "af_heart", 1.0), Playback(lambda: 0.0))
    chunks: list[Pcm] = []
    relief: asyncio.Task[list[str]] | None = None
    while (chunk := await track.next()) is not None:
        chunks.append(chunk)
        if len(chunks) == relieved_after:
            relief = asyncio.create_task(relieved(speaker, engine, "critical"))
    if relief:
        assert await relief == ["idle sessions", "the model's memory between runs"]
    return np.concatenate(chunks)


@pytest.mark.parametrize("chunks", [1, 3])
async def test_a_stream_under_way_sounds_the_same(speaker: StreamingModel, chunks: int) -> None:
    """Bit for bit, whether memory is given back in its middle or not."""
    async with Scheduler() as engine:
        alone = await spoken(speaker, engine)
        disturbed = await spoken(speaker, engine, relieved_after=chunks)
        after = await spoken(speaker, engine)
    assert len(alone) > 24_000
    assert np.array_equal(alone, disturbed)
    assert np.array_equal(alone, after)


async def test_steps_by_level(speaker: StreamingModel) -> None:
    async with Scheduler() as engine:
        assert await relieved(speaker, engine, "normal") == []
        assert await relieved(speaker, engine, "raised") == ["the model's memory between runs"]
        assert await relieved(speaker, engine, "high") == ["idle sessions", "the model's memory between runs"]


async def test_what_few_need_is_closed_and_opened_again(speaker: StreamingModel, own_stages: ModelPipeline) -> None:
    """The stage for voices that nobody knows yet is the largest of all."""
    before = await asyncio.to_thread(decoded_whole, own_stages)
    assert "_whole" in vars(own_stages)
    async with Scheduler() as engine:
        await relieved(speaker, engine, "high")
    assert "_whole" not in vars(own_stages)
    assert np.array_equal(before, await asyncio.to_thread(decoded_whole, own_stages))


def decoded_whole(stages: ModelPipeline) -> Array:
    prosody = stages.predict_prosody("hˈɛloʊ", builtin_styles().row("af_heart", 6), 1.0)
    spectrum, _, _ = stages.decode_whole(prosody, stages.decode_frames(prosody))
    return spectrum


async def test_a_provider_that_nobody_chooses_is_closed_and_the_one_that_stands_in_stays(
    speaker: StreamingModel, own_stages: ModelPipeline
) -> None:
    idle = Answering()
    own_stages.vocoder.add_session(
        replace(opened("slow", idle, rank=0), provider=provider("slow", rank=0, opens_quickly=False))
    )
    async with Scheduler() as engine:
        await relieved(speaker, engine, "high")
    assert idle.is_closed
    assert [item.provider.name for item in own_stages.vocoder.open_sessions] == ["cpu"]
    assert own_stages.vocoder.remove_unused(WINDOW_SIZES) == []


async def test_every_open_session_runs_once_and_shrinks(
    speaker: StreamingModel, own_stages: ModelPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody need speak for the memory to be given back."""
    shrunk: list[OnnxSession] = []
    options = OnnxSession._options

    def noting(session: OnnxSession) -> object:
        made = options(session)
        if made is not None:
            shrunk.append(session)
        return made

    monkeypatch.setattr(OnnxSession, "_options", noting)
    async with Scheduler() as engine:
        await relieved(speaker, engine, "raised")
    open_now = [item.session for stage in own_stages._open_stages for item in stage.open_sessions]
    assert len(shrunk) == len(open_now) == 3
    assert all(any(one is other for other in shrunk) for one in open_now)
