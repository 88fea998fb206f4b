"""Providers that take long to open are tried in the background, once, and used when they are right and faster."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from wyoming_kokoro.api.providers import Provider, Session, SessionOptions
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.manifest import WINDOW
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.trials.results import FILE_NAME, TrialResult, TrialResults
from wyoming_kokoro.trials.runner import TrialRunner, fewest_threads
from wyoming_kokoro.types import Array

pytestmark = pytest.mark.model


Opening = Callable[[Path, SessionOptions], Session]


class Changed:
    """A session of the processor, changed in one way."""

    def __init__(self, session: Session, change: Callable[[dict[str, Array]], object]) -> None:
        self._session = session
        self._change = change

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        outputs = self._session.run(feeds)
        self._change(outputs)
        return outputs

    def close(self) -> None:
        self._session.close()


def cpu(file: Path, options: SessionOptions) -> Session:
    return open_onnx(file, ["CPUExecutionProvider"], options)


def broken(file: Path, options: SessionOptions) -> Session:
    raise OSError("no such device")


def changed(change: Callable[[dict[str, Array]], object]) -> Callable[[Path, SessionOptions], Session]:
    return lambda file, options: Changed(cpu(file, options), change)


def fail(outputs: dict[str, Array]) -> None:
    raise RuntimeError("error code -1")


def lie(outputs: dict[str, Array]) -> None:
    outputs["spectrum"] = np.random.default_rng(1).normal(size=outputs["spectrum"].shape).astype(np.float32)


def hang(outputs: dict[str, Array]) -> None:
    time.sleep(4.0)


PLACE = "vocoder", WINDOW
FLOOR = Provider("cpu", 10, "float", cpu)


def candidate(open_: Opening = cpu, version: str = "1", fixed: bool = False) -> Provider:
    return Provider("ane", 90, "float", open_, opens_quickly=False, fixed_shapes=fixed, version=version)


class Clocked(IdleTimer):
    """A house in which nobody was spoken to for an hour, or just now."""

    def __init__(self, seconds: float = 3600.0) -> None:
        super().__init__()
        self.told = seconds

    @property
    def seconds(self) -> float:
        return self.told


@pytest.fixture
async def engine() -> AsyncIterator[Scheduler]:
    async with Scheduler() as engine:
        yield engine


@pytest.fixture
def opened(stages_folder: Path, tmp_path: Path) -> Iterator[ModelPipeline]:
    stages = ModelPipeline(stages_folder, [FLOOR], SessionOptions(2, tmp_path))
    yield stages
    stages.close()


async def prove(
    engine: Scheduler, stages: ModelPipeline, folder: Path, provider: Provider, quiet: IdleTimer | None = None
) -> TrialResults:
    records = await asyncio.to_thread(TrialResults, folder)
    await TrialRunner(stages, [provider, FLOOR], records, threads=2, memory_state=MemoryState()).run(
        engine, quiet or Clocked()
    )
    return records


def in_use(stages: ModelPipeline) -> list[str]:
    return [item.provider.name for item in stages.vocoder.open_sessions]


@pytest.mark.parametrize(
    "case",
    [
        (changed(fail), "it fails: error code -1"),
        (changed(lie), "its sound is wrong"),
        (changed(hang), "it fails: no answer within"),
    ],
)
async def test_what_is_not_right_is_not_used(
    engine: Scheduler,
    opened: ModelPipeline,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    case: tuple[Opening, str],
) -> None:
    """One line says why, and the next start does not try again."""
    open_, problem = case
    records = await prove(engine, opened, tmp_path, candidate(open_))
    assert in_use(opened) == ["cpu"]
    assert problem in caplog.text
    record = records.get(candidate(), *PLACE)
    assert record
    assert problem in record.problem
    caplog.clear()
    again = await prove(engine, opened, tmp_path, candidate(lambda *_: pytest.fail("it is opened again")))
    assert again.get(candidate(), *PLACE) == record
    assert not caplog.records


@pytest.mark.parametrize("fixed", [True, False])
async def test_what_is_right_is_measured_once(
    engine: Scheduler, opened: ModelPipeline, tmp_path: Path, caplog: pytest.LogCaptureFixture, fixed: bool
) -> None:
    """It takes the place that its time gives it, now and after the next start, which measures nothing."""
    caplog.set_level(logging.INFO)
    records = await prove(engine, opened, tmp_path, candidate(fixed=fixed))
    mine, floor = records.get(candidate(), *PLACE), records.get(FLOOR, *PLACE)
    assert mine
    assert mine.seconds
    assert floor
    assert floor.seconds
    chosen = mine.seconds < floor.seconds
    assert ("ane" in in_use(opened)) == chosen
    assert opened.wants_fixed_windows == (chosen and fixed)
    assert "in the background" in caplog.text
    caplog.clear()
    book = (tmp_path / FILE_NAME).read_bytes()
    for item in opened.vocoder.open_sessions:
        if item.provider.name == "ane":
            opened.vocoder.remove_session("ane", item.window)
            await asyncio.to_thread(item.session.close)
    await prove(engine, opened, tmp_path, candidate(fixed=fixed))
    assert [record.getMessage() for record in caplog.records] == ["ane runs the vocoder, as it did before"] * chosen
    assert ("ane" in in_use(opened)) == chosen
    assert (tmp_path / FILE_NAME).read_bytes() == book


async def test_a_slower_one_is_closed(engine: Scheduler, opened: ModelPipeline, tmp_path: Path) -> None:
    records = await prove(engine, opened, tmp_path, candidate(changed(lambda _: time.sleep(0.2))))
    assert in_use(opened) == ["cpu"]
    record = records.get(candidate(), *PLACE)
    assert record
    assert record.seconds
    assert record.seconds > 0.2
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("watched")]


async def test_what_does_not_open_is_tried_at_the_next_start(
    engine: Scheduler, opened: ModelPipeline, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its driver may be installed by then."""
    records = await prove(engine, opened, tmp_path, candidate(broken))
    assert "it does not open: no such device" in caplog.text
    assert records.get(candidate(), *PLACE) is None
    assert (await prove(engine, opened, tmp_path, candidate())).get(candidate(), *PLACE)


async def test_another_version_is_tried_again(engine: Scheduler, opened: ModelPipeline, tmp_path: Path) -> None:
    await prove(engine, opened, tmp_path, candidate(changed(fail)))
    records = await prove(engine, opened, tmp_path, candidate(version="2"))
    record = records.get(candidate(version="2"), *PLACE)
    assert record
    assert not record.problem
    assert records.get(candidate(), *PLACE) is None


async def test_nothing_is_tried_while_somebody_is_spoken_to(
    engine: Scheduler, opened: ModelPipeline, tmp_path: Path
) -> None:
    busy = Clocked(0.0)
    task = asyncio.create_task(prove(engine, opened, tmp_path, candidate(broken), busy))
    await asyncio.sleep(0.1)
    assert not (tmp_path / FILE_NAME).exists()
    task.cancel()
    await asyncio.wait([task])


async def test_threads_are_measured_when_nobody_chose_them(
    engine: Scheduler, opened: ModelPipeline, tmp_path: Path
) -> None:
    records = await asyncio.to_thread(TrialResults, tmp_path)
    await TrialRunner(opened, [FLOOR], records, threads=0, memory_state=MemoryState()).try_thread_counts(engine)
    assert (await asyncio.to_thread(TrialResults, tmp_path)).threads == records.threads > 0


def test_the_fewest_threads_that_are_enough() -> None:
    assert fewest_threads({1: 1.9, 2: 1.03, 3: 0.99}, 4) == 2
    assert fewest_threads({1: 1.9, 2: 1.2}, 4) == 4
    assert fewest_threads({1: 0.9}, 2) == 1
    assert fewest_threads({}, 1) == 1


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"results": 3}', b"\xff"])
def test_a_damaged_book_counts_for_nothing(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(damage)
    records = TrialResults(tmp_path)
    assert records.get(FLOOR, *PLACE) is None
    records.add(FLOOR, *PLACE, TrialResult("", 0.05))
    assert TrialResults(tmp_path).get(FLOOR, *PLACE)


def test_the_book_of_another_processor_counts_for_nothing(tmp_path: Path) -> None:
    TrialResults(tmp_path).add(FLOOR, *PLACE, TrialResult("", 0.05))
    book = json.loads((tmp_path / FILE_NAME).read_text())
    book["cpu"] = "Pentium"
    (tmp_path / FILE_NAME).write_text(json.dumps(book))
    assert TrialResults(tmp_path).get(FLOOR, *PLACE) is None
