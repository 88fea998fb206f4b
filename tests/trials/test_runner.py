from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.synthesis.cpu_sessions import OpenFunction, Outputs, WrappedSession, change_outputs, open_on_cpu
from tests.helpers.synthesis.trials import fail, noise_like, run_trials
from tests.helpers.synthesis.units import AlwaysIdle, NeverIdle
from wyoming_kokoro import read_checked, write_checked
from wyoming_kokoro.api.memory import MemoryPressure
from wyoming_kokoro.api.observations import Level
from wyoming_kokoro.api.providers import Provider, Session, SessionOptions
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.manifest import BEGIN_INPUT, WINDOW_FRAMES
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.trials.results import FILE_NAME, TrialFile, TrialResult, TrialResults
from wyoming_kokoro.trials.runner import TrialRunner, fewest_threads
from wyoming_kokoro.types import Array

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("patient_trials")]


def broken(file: Path, options: SessionOptions) -> Session:
    raise OSError("no such device")


def slow_down(outputs: Outputs) -> Outputs:
    time.sleep(0.5)
    return outputs


class RoboticBeginning(WrappedSession):
    """Adds noise to the first windows of an utterance, as Core ML in float16 does on some chips."""

    _windows = 0

    def run(self, feeds: Mapping[str, Array]) -> Outputs:
        outputs = super().run(feeds)
        self._windows = 0 if feeds[BEGIN_INPUT].item() else self._windows + 1
        if self._windows in (2, 3):
            noise = np.random.default_rng(1).normal(scale=0.5, size=outputs["spectrum"].shape)
            outputs["spectrum"] = outputs["spectrum"] + noise.astype(np.float32)
        return outputs


TARGET = "vocoder", WINDOW_FRAMES
HANG_SECONDS = 100.0
BASELINE = Provider("cpu", 10, "float", open_on_cpu)


def candidate(open_: OpenFunction = open_on_cpu, version: str = "1", fixed: bool = False) -> Provider:
    return Provider("ane", 90, "float", open_, opens_quickly=False, fixed_shapes=fixed, version=version)


@pytest.fixture
def pipeline(stages_folder: Path, tmp_path: Path) -> Iterator[ModelPipeline]:
    stages = ModelPipeline(stages_folder, [BASELINE], SessionOptions(2, tmp_path))
    yield stages
    stages.close()


async def try_provider(scheduler: Scheduler, pipeline: ModelPipeline, folder: Path, provider: Provider) -> TrialResults:
    return await run_trials(scheduler, pipeline, folder, provider, BASELINE)


def in_use(stages: ModelPipeline) -> list[str]:
    return [item.provider.name for item in stages.vocoder.open_sessions]


@pytest.mark.parametrize(
    "case",
    [
        (change_outputs(fail), "it fails: error code -1"),
        (change_outputs(lambda outputs: noise_like(outputs, "spectrum")), "its sound is wrong"),
    ],
)
async def test_broken_provider_is_rejected_and_not_tried_again(
    scheduler: Scheduler,
    pipeline: ModelPipeline,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    case: tuple[OpenFunction, str],
) -> None:
    open_, problem = case
    results = await try_provider(scheduler, pipeline, tmp_path, candidate(open_))
    assert in_use(pipeline) == ["cpu"]
    assert problem in caplog.text
    result = results.get(candidate(), *TARGET)
    assert result
    assert problem in result.problem
    caplog.clear()
    again = await try_provider(scheduler, pipeline, tmp_path, candidate(lambda *_: pytest.fail("opened again")))
    assert again.get(candidate(), *TARGET) == result
    assert not caplog.records


@pytest.mark.slow
async def test_provider_that_hangs_is_tried_again_at_the_next_start(
    scheduler: Scheduler,
    pipeline: ModelPipeline,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = threading.Event()

    def hang(outputs: Outputs) -> Outputs:
        ended.wait(HANG_SECONDS)
        return outputs

    with monkeypatch.context() as impatient:
        impatient.setattr("wyoming_kokoro.trials.runner.TIMEOUT_SECONDS", 0.5)
        results = await try_provider(scheduler, pipeline, tmp_path, candidate(change_outputs(hang)))
    ended.set()
    assert in_use(pipeline) == ["cpu"]
    assert "not used until the next start" in caplog.text
    assert "it fails: no answer within 0.5 s" in caplog.text
    assert results.get(candidate(), *TARGET) is None
    again = await try_provider(scheduler, pipeline, tmp_path, candidate(change_outputs(fail)))
    assert again.get(candidate(), *TARGET)


@pytest.mark.parametrize("fixed", [True, pytest.param(False, marks=pytest.mark.slow)])
async def test_correct_provider_is_measured_once_and_used_if_faster(
    scheduler: Scheduler, pipeline: ModelPipeline, tmp_path: Path, caplog: pytest.LogCaptureFixture, fixed: bool
) -> None:
    caplog.set_level(logging.INFO)
    results = await try_provider(scheduler, pipeline, tmp_path, candidate(fixed=fixed))
    candidate_result, baseline_result = results.get(candidate(), *TARGET), results.get(BASELINE, *TARGET)
    assert candidate_result
    assert candidate_result.seconds
    assert baseline_result
    assert baseline_result.seconds
    is_used = candidate_result.seconds < baseline_result.seconds
    assert ("ane" in in_use(pipeline)) == is_used
    assert pipeline.wants_fixed_windows == (is_used and fixed)
    assert "in the background" in caplog.text
    caplog.clear()
    stored = (tmp_path / FILE_NAME).read_bytes()
    for item in pipeline.vocoder.open_sessions:
        if item.provider.name == "ane":
            pipeline.vocoder.remove_session("ane", item.window)
            await asyncio.to_thread(item.session.close)
    await try_provider(scheduler, pipeline, tmp_path, candidate(fixed=fixed))
    assert [record.getMessage() for record in caplog.records] == [
        "Provider ane added from an earlier trial (vocoder)"
    ] * is_used
    assert ("ane" in in_use(pipeline)) == is_used
    assert (tmp_path / FILE_NAME).read_bytes() == stored


@pytest.mark.slow
async def test_slower_provider_is_closed(scheduler: Scheduler, pipeline: ModelPipeline, tmp_path: Path) -> None:
    results = await try_provider(scheduler, pipeline, tmp_path, candidate(change_outputs(slow_down)))
    assert in_use(pipeline) == ["cpu"]
    result = results.get(candidate(), *TARGET)
    assert result
    assert result.seconds
    assert result.seconds > 0.5
    assert not [thread for thread in threading.enumerate() if thread.name == "timeout-session"]


async def test_provider_that_does_not_open_is_tried_at_the_next_start(
    scheduler: Scheduler, pipeline: ModelPipeline, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    results = await try_provider(scheduler, pipeline, tmp_path, candidate(broken))
    assert "Provider ane does not open (no such device)" in caplog.text
    assert results.get(candidate(), *TARGET) is None
    assert (await try_provider(scheduler, pipeline, tmp_path, candidate())).get(candidate(), *TARGET)


@pytest.mark.slow
async def test_float_replaces_float16_that_is_wrong_at_the_beginning(
    scheduler: Scheduler, pipeline: ModelPipeline, tmp_path: Path
) -> None:
    """It need not be faster than the CPU to be right."""
    half = replace(candidate(lambda file, options: RoboticBeginning(open_on_cpu(file, options))), precision="float16")
    whole = replace(candidate(), name="gpu", priority=70)
    results = await run_trials(scheduler, pipeline, tmp_path, half, whole, BASELINE)
    rejected, accepted = results.get(half, *TARGET), results.get(whole, *TARGET)
    assert rejected
    assert "its sound is wrong" in rejected.problem
    assert accepted
    assert not accepted.problem


@pytest.mark.slow
async def test_new_provider_version_is_tried_again(
    scheduler: Scheduler, pipeline: ModelPipeline, tmp_path: Path
) -> None:
    await try_provider(scheduler, pipeline, tmp_path, candidate(change_outputs(fail)))
    results = await try_provider(scheduler, pipeline, tmp_path, candidate(version="2"))
    result = results.get(candidate(version="2"), *TARGET)
    assert result
    assert not result.problem
    assert results.get(candidate(), *TARGET) is None


@pytest.mark.parametrize(("idle_timer", "level"), [(NeverIdle(), "normal"), (AlwaysIdle(), "raised")])
async def test_no_provider_is_tried_while_the_server_is_busy_or_memory_is_short(
    scheduler: Scheduler, pipeline: ModelPipeline, tmp_path: Path, idle_timer: IdleTimer, level: Level
) -> None:
    memory_state = MemoryState()
    memory_state.update(MemoryPressure(level, "test"))
    results = await asyncio.to_thread(TrialResults, tmp_path)
    provider = candidate(lambda *_: pytest.fail("opened"))
    runner = TrialRunner(pipeline, [provider, BASELINE], results, threads=2, memory_state=memory_state)
    task = asyncio.create_task(runner.run(scheduler, idle_timer))
    await asyncio.sleep(0.1)
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])


async def test_threads_are_measured_unless_configured(
    scheduler: Scheduler, pipeline: ModelPipeline, tmp_path: Path
) -> None:
    results = await asyncio.to_thread(TrialResults, tmp_path)
    await TrialRunner(pipeline, [BASELINE], results, threads=0, memory_state=MemoryState()).try_thread_counts(scheduler)
    assert (await asyncio.to_thread(TrialResults, tmp_path)).threads == results.threads > 0


def test_smallest_number_of_equally_fast_threads_is_returned() -> None:
    assert fewest_threads({1: 1.9, 2: 1.03, 3: 0.99}, 4) == 2
    assert fewest_threads({1: 1.9, 2: 1.2}, 4) == 4
    assert fewest_threads({1: 0.9}, 2) == 1
    assert fewest_threads({}, 1) == 1


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"results": 3}', b"\xff"])
def test_damaged_results_are_ignored(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(damage)
    results = TrialResults(tmp_path)
    assert results.get(BASELINE, *TARGET) is None
    results.add(BASELINE, *TARGET, TrialResult("", 0.05))
    assert TrialResults(tmp_path).get(BASELINE, *TARGET)


def test_results_of_another_cpu_are_ignored(tmp_path: Path) -> None:
    TrialResults(tmp_path).add(BASELINE, *TARGET, TrialResult("", 0.05))
    stored = read_checked(tmp_path / FILE_NAME, TrialFile)
    write_checked(tmp_path / FILE_NAME, replace(stored, cpu="Pentium"))
    assert TrialResults(tmp_path).get(BASELINE, *TARGET) is None
