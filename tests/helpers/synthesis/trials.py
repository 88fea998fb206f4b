"""Trials of providers, and what goes wrong in them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NoReturn

import numpy as np

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


async def run_trials(scheduler: Scheduler, pipeline: ModelPipeline, folder: Path, *providers: Provider) -> TrialResults:
    """Try `providers` with the results in `folder`, and return all results."""
    results = await asyncio.to_thread(TrialResults, folder)
    runner = TrialRunner(pipeline, providers, results, threads=2, memory_state=MemoryState())
    await runner.run(scheduler, AlwaysIdle())
    return results
