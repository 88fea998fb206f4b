from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.synthesis.cpu_sessions import ChangingSession, Outputs, open_on_cpu
from tests.helpers.synthesis.fake_sessions import FakeSelector, ObservedChanges
from tests.helpers.synthesis.trials import fail, noise_like, run_trials
from wyoming_kokoro.api.observations import AcceleratorShare
from wyoming_kokoro.api.providers import DevicePlacement, Provider, SessionOptions
from wyoming_kokoro.inference.albert import token_limit
from wyoming_kokoro.inference.pipeline import ModelPipeline, Prosody
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.manifest import ALBERT_SIZES, CONTEXT
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.trials.results import FILE_NAME

pytestmark = pytest.mark.usefixtures("patient_trials")

PHONEMES = "ðə fɹˈʌnt dˈoːɹ ɪz lˈɑːkt."
SIZE = 32
"""The smallest ALBERT graph that holds `PHONEMES`."""
Change = Callable[[Outputs], Outputs]


class FakeAccelerator(ChangingSession):
    """A session on the CPU with changed outputs that reports a Neural Engine as its device."""

    placement = DevicePlacement("Neural Engine", 0.97)


def accelerator(change: Change = dict, version: str = "1") -> Provider:
    """Return a provider that runs only ALBERT."""
    return Provider(
        "ane",
        90,
        "float16",
        lambda file, options: FakeAccelerator(open_on_cpu(file, options), change),
        opens_quickly=False,
        fixed_shapes=True,
        stages=frozenset({"albert"}),
        version=version,
    )


def return_noise(outputs: Outputs) -> Outputs:
    return noise_like(outputs, CONTEXT)


def return_nan(outputs: Outputs) -> Outputs:
    return {**outputs, CONTEXT: outputs[CONTEXT] * np.float32(np.nan)}


def hang(outputs: Outputs) -> Outputs:
    time.sleep(4.0)
    return outputs


@pytest.fixture
def changes() -> ObservedChanges:
    return ObservedChanges()


@pytest.fixture
def pipeline(stages_folder: Path, tmp_path: Path, changes: ObservedChanges) -> Iterator[ModelPipeline]:
    """Stages whose selector always selects the accelerator."""
    fallback = Provider("cpu", 10, "int8", open_on_cpu)
    stages = ModelPipeline(
        stages_folder, [fallback], SessionOptions(2, tmp_path), selector=FakeSelector("ane"), observe=changes
    )
    yield stages
    stages.close()


def read_text(pipeline: ModelPipeline) -> Prosody:
    return pipeline.predict_prosody(PHONEMES, builtin_styles().row("af_heart", len(PHONEMES)), 1.0)


@pytest.mark.parametrize(("length", "size"), [(1, 32), (32, 32), (33, 64), (128, 128), (129, 0), (512, 0)])
def test_text_uses_the_smallest_graph_that_holds_it(length: int, size: int) -> None:
    assert token_limit({"tokens": np.zeros((1, length), dtype=np.int64)}) == size


@pytest.mark.model
async def test_correct_accelerator_is_used_and_measured_once(
    scheduler: Scheduler,
    pipeline: ModelPipeline,
    tmp_path: Path,
    changes: ObservedChanges,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    before, precision = await asyncio.to_thread(read_text, pipeline), pipeline.precision
    results = await run_trials(scheduler, pipeline, tmp_path, accelerator())
    assert all(results.get(accelerator(), "albert", size) for size in ALBERT_SIZES)
    after = await asyncio.to_thread(read_text, pipeline)
    assert pipeline.precision == f"{precision}, albert float16"
    assert [item for item in changes if isinstance(item, AcceleratorShare)] == [
        AcceleratorShare("albert", SIZE, "ane", "Neural Engine", 0.97)
    ]
    assert np.abs(before.durations - after.durations).sum() <= 2, "float may differ from int8"
    assert after.durations.shape == before.durations.shape
    caplog.clear()
    stored = (tmp_path / FILE_NAME).read_bytes()
    await asyncio.to_thread(pipeline._prosody.close)  # type: ignore[attr-defined]
    await run_trials(scheduler, pipeline, tmp_path, accelerator())
    assert (tmp_path / FILE_NAME).read_bytes() == stored
    again = [record.getMessage() for record in caplog.records if "earlier trial" in record.getMessage()]
    assert again == [f"Provider ane added from an earlier trial (ALBERT with {size} tokens)" for size in ALBERT_SIZES]
    assert np.array_equal((await asyncio.to_thread(read_text, pipeline)).durations, after.durations)


@pytest.mark.slow  # tests/trials/test_runner.py covers the rejection
@pytest.mark.model
@pytest.mark.parametrize(
    "case",
    [
        (fail, "it fails: error code -1"),
        (return_noise, "its context is wrong"),
        (return_nan, "its context is wrong (-inf dB, -inf at worst)"),
    ],
)
async def test_broken_accelerator_is_rejected_and_not_opened_again(
    scheduler: Scheduler, pipeline: ModelPipeline, tmp_path: Path, changes: ObservedChanges, case: tuple[Change, str]
) -> None:
    change, problem = case
    whole, before = pipeline._prosody, await asyncio.to_thread(read_text, pipeline)
    results = await run_trials(scheduler, pipeline, tmp_path, accelerator(change))
    for size in ALBERT_SIZES:
        result = results.get(accelerator(), "albert", size)
        assert result
        assert problem in result.problem
    assert pipeline._prosody is whole
    assert np.array_equal((await asyncio.to_thread(read_text, pipeline)).pitch, before.pitch)
    pipeline.open_split_prosody = lambda: pytest.fail("opened again")  # type: ignore[method-assign]
    await run_trials(scheduler, pipeline, tmp_path, accelerator(change))
    assert changes == []


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.parametrize("change", [fail, return_nan, hang])
async def test_accelerator_that_fails_later_is_replaced_by_the_cpu(
    scheduler: Scheduler, pipeline: ModelPipeline, tmp_path: Path, caplog: pytest.LogCaptureFixture, change: Change
) -> None:
    """The prosody is bit-equal to that of the CPU alone."""
    caplog.set_level(logging.INFO)
    before = await asyncio.to_thread(read_text, pipeline)
    breaks = threading.Event()
    await run_trials(
        scheduler, pipeline, tmp_path, accelerator(lambda outputs: change(outputs) if breaks.is_set() else outputs)
    )
    assert "albert" in pipeline.precision
    breaks.set()
    after = await asyncio.to_thread(read_text, pipeline)
    assert f"Provider ane {'late' if change is hang else 'failed'} on albert.onnx" in caplog.text
    assert all(
        np.array_equal(getattr(before, name), getattr(after, name)) for name in ("durations", "text", "pitch", "energy")
    )


@pytest.mark.model
async def test_vocoder_only_provider_is_not_tried_for_albert(
    scheduler: Scheduler, pipeline: ModelPipeline, tmp_path: Path
) -> None:
    pipeline.open_split_prosody = lambda: pytest.fail("opened")  # type: ignore[method-assign]
    only = Provider("gpu", 50, "float", lambda *_: pytest.fail("opened"), opens_quickly=False, stages=frozenset())
    await run_trials(scheduler, pipeline, tmp_path, only)


@pytest.mark.model
async def test_albert_stays_on_the_cpu_when_the_model_cannot_be_split(
    scheduler: Scheduler, pipeline: ModelPipeline, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise OSError("No space left on device")

    pipeline.open_split_prosody = refuse  # type: ignore[method-assign, assignment]
    await run_trials(scheduler, pipeline, tmp_path, accelerator())
    assert "ALBERT stays on the CPU (No space left on device)" in caplog.text
    assert (await asyncio.to_thread(read_text, pipeline)).frames > 0
