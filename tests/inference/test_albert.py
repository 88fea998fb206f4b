"""Texts are read by an accelerator where it does so well and faster, and by the processor where it does not."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.fake_sessions import FakeSelector, ObservedChanges
from wyoming_kokoro.api.observations import AcceleratorShare
from wyoming_kokoro.api.providers import DevicePlacement, Provider, Session, SessionOptions
from wyoming_kokoro.inference.albert import token_limit
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pipeline import ModelPipeline, Prosody
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.manifest import CONTEXT, TOKENS
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.trials.results import FILE_NAME, TrialResults
from wyoming_kokoro.trials.runner import TrialRunner
from wyoming_kokoro.types import Array

PHONEMES = "ðə fɹˈʌnt dˈoːɹ ɪz lˈɑːkt."
SIZE = 32
"""What they fit into."""
Change = Callable[[dict[str, Array]], object]


class Accelerator:
    """A session of the processor that is changed in one way, and says where it runs."""

    def __init__(self, session: Session, change: Change) -> None:
        self._session = session
        self._change = change
        self.placement = DevicePlacement("Neural Engine", 0.97)

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        outputs = self._session.run(feeds)
        self._change(outputs)
        return outputs

    def close(self) -> None:
        self._session.close()


def cpu(file: Path, options: SessionOptions) -> Session:
    return open_onnx(file, ["CPUExecutionProvider"], options)


def accelerator(change: Change = id, version: str = "1") -> Provider:
    """Return one that wants to read, and nothing else."""
    return Provider(
        "ane",
        90,
        "float16",
        lambda file, options: Accelerator(cpu(file, options), change),
        opens_quickly=False,
        fixed_shapes=True,
        stages=frozenset({"albert"}),
        version=version,
    )


def fail(outputs: dict[str, Array]) -> None:
    raise RuntimeError("error code -1")


def lie(outputs: dict[str, Array]) -> None:
    outputs[CONTEXT] = np.random.default_rng(1).normal(size=outputs[CONTEXT].shape).astype(np.float32)


def spoil(outputs: dict[str, Array]) -> None:
    outputs[CONTEXT] = outputs[CONTEXT] * np.float32(np.nan)


def hang(outputs: dict[str, Array]) -> None:
    time.sleep(4.0)


class Silent(IdleTimer):
    seconds = 3600.0


@pytest.fixture
async def engine() -> AsyncIterator[Scheduler]:
    async with Scheduler() as engine:
        yield engine


@pytest.fixture
def told() -> ObservedChanges:
    return ObservedChanges()


@pytest.fixture
def opened(stages_folder: Path, tmp_path: Path, told: ObservedChanges) -> Iterator[ModelPipeline]:
    """Stages whose selector wants the accelerator, however slow it is."""
    floor = Provider("cpu", 10, "int8", cpu)
    stages = ModelPipeline(
        stages_folder, [floor], SessionOptions(2, tmp_path), selector=FakeSelector("ane"), observe=told
    )
    yield stages
    stages.close()


async def prove(engine: Scheduler, stages: ModelPipeline, folder: Path, provider: Provider) -> TrialResults:
    records = await asyncio.to_thread(TrialResults, folder)
    await TrialRunner(stages, [provider], records, threads=2, memory_state=MemoryState()).run(engine, Silent())
    return records


def said(stages: ModelPipeline) -> Prosody:
    return stages.predict_prosody(PHONEMES, builtin_styles().row("af_heart", len(PHONEMES)), 1.0)


@pytest.mark.parametrize(("length", "size"), [(1, 32), (32, 32), (33, 64), (128, 128), (129, 0), (512, 0)])
def test_a_text_goes_where_it_fits(length: int, size: int) -> None:
    """One that fits nowhere is the processor's."""
    assert token_limit({"tokens": np.zeros((1, length), dtype=np.int64)}) == size


@pytest.mark.model
async def test_what_reads_well_is_used_and_measured_once(
    engine: Scheduler, opened: ModelPipeline, tmp_path: Path, told: ObservedChanges, caplog: pytest.LogCaptureFixture
) -> None:
    """It says the same, is known apart, and the next start measures nothing."""
    caplog.set_level(logging.INFO)
    before, precision = await asyncio.to_thread(said, opened), opened.precision
    records = await prove(engine, opened, tmp_path, accelerator())
    assert all(records.get(accelerator(), "albert", size) for size in TOKENS)
    after = await asyncio.to_thread(said, opened)
    assert opened.precision == f"{precision}, albert float16"
    assert [item for item in told if isinstance(item, AcceleratorShare)] == [
        AcceleratorShare("albert", SIZE, "ane", "Neural Engine", 0.97)
    ]
    assert np.abs(before.durations - after.durations).sum() <= 2, "float against int8"
    assert after.durations.shape == before.durations.shape
    caplog.clear()
    book = (tmp_path / FILE_NAME).read_bytes()
    await asyncio.to_thread(opened._prosody.close)  # type: ignore[attr-defined]
    await prove(engine, opened, tmp_path, accelerator())
    assert (tmp_path / FILE_NAME).read_bytes() == book
    again = [record.getMessage() for record in caplog.records if "as it did before" in record.getMessage()]
    assert again == [f"ane runs the reading of {size} tokens, as it did before" for size in TOKENS]
    assert np.array_equal((await asyncio.to_thread(said, opened)).durations, after.durations)


@pytest.mark.model
@pytest.mark.parametrize(
    "case",
    [(fail, "it fails: error code -1"), (lie, "its reading is wrong"), (spoil, "its reading is wrong (-inf dB)")],
)
async def test_what_does_not_read_well_is_not_used(
    engine: Scheduler, opened: ModelPipeline, tmp_path: Path, told: ObservedChanges, case: tuple[Change, str]
) -> None:
    """The processor goes on with prosody in one, and the next start does not even open the parts."""
    change, problem = case
    whole, before = opened._prosody, await asyncio.to_thread(said, opened)
    records = await prove(engine, opened, tmp_path, accelerator(change))
    for size in TOKENS:
        record = records.get(accelerator(), "albert", size)
        assert record
        assert problem in record.problem
    assert opened._prosody is whole
    assert np.array_equal((await asyncio.to_thread(said, opened)).pitch, before.pitch)
    opened.open_split_prosody = lambda: pytest.fail("it is opened again")  # type: ignore[method-assign]
    await prove(engine, opened, tmp_path, accelerator(change))
    assert told == []


@pytest.mark.model
@pytest.mark.parametrize("change", [fail, spoil, hang])
async def test_what_fails_later_loses_no_text(
    engine: Scheduler, opened: ModelPipeline, tmp_path: Path, caplog: pytest.LogCaptureFixture, change: Change
) -> None:
    """The processor reads the text instead, to the bit as it would have from the start."""
    before = await asyncio.to_thread(said, opened)
    broken: list[Change] = []
    await prove(engine, opened, tmp_path, accelerator(lambda outputs: [fault(outputs) for fault in broken]))
    assert "albert" in opened.precision
    broken.append(change)
    after = await asyncio.to_thread(said, opened)
    assert "Provider ane failed on albert.onnx" in caplog.text
    assert all(
        np.array_equal(getattr(before, name), getattr(after, name)) for name in ("durations", "text", "pitch", "energy")
    )


@pytest.mark.model
async def test_one_that_wants_only_the_vocoder_is_not_asked_to_read(
    engine: Scheduler, opened: ModelPipeline, tmp_path: Path
) -> None:
    opened.open_split_prosody = lambda: pytest.fail("it is opened")  # type: ignore[method-assign]
    only = Provider("gpu", 50, "float", lambda *_: pytest.fail("not here"), opens_quickly=False, stages=frozenset())
    await prove(engine, opened, tmp_path, only)


@pytest.mark.model
async def test_a_model_that_cannot_be_divided_is_read_by_the_processor(
    engine: Scheduler, opened: ModelPipeline, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise OSError("No space left on device")

    opened.open_split_prosody = refuse  # type: ignore[method-assign, assignment]
    await prove(engine, opened, tmp_path, accelerator())
    assert "The processor reads all texts: No space left on device" in caplog.text
    assert (await asyncio.to_thread(said, opened)).frames > 0
