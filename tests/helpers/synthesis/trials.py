"""Trials of providers, and what goes wrong in them.

Test modules load the fixtures with `pytest_plugins`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from tests.helpers.synthesis.cpu_sessions import Outputs
from tests.helpers.synthesis.units import AlwaysIdle
from wyoming_kokoro import Provider
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.trials.results import TrialResults
from wyoming_kokoro.trials.runner import TrialRunner


def fail(_: Outputs) -> NoReturn:
    raise RuntimeError("error code -1")


def noise_like(outputs: Outputs, name: str) -> Outputs:
    """Return `outputs` with noise instead of the output `name`."""
    noise = np.random.default_rng(1).normal(size=outputs[name].shape)
    return {**outputs, name: noise.astype(np.float32)}


@pytest.fixture
def patient_trials(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a session take long, unless it hangs. On a loaded machine, one that works may get no CPU for seconds."""
    monkeypatch.setattr("wyoming_kokoro.trials.runner.TIMEOUT_SECONDS", 60.0)
    if "[hang]" not in request.node.name:
        monkeypatch.setattr("wyoming_kokoro.inference.stage.MIN_LATE_SECONDS", 60.0)


@pytest.fixture
async def scheduler() -> AsyncIterator[Scheduler]:
    async with Scheduler() as scheduler:
        yield scheduler


async def run_trials(scheduler: Scheduler, pipeline: ModelPipeline, folder: Path, *providers: Provider) -> TrialResults:
    """Try `providers` with the results in `folder`, and return all results."""
    results = await asyncio.to_thread(TrialResults, folder)
    runner = TrialRunner(pipeline, providers, results, threads=2, memory_state=MemoryState())
    await runner.run(scheduler, AlwaysIdle())
    return results
