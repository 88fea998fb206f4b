"""A provider that is late or hangs. The CPU repeats the window, and a provider that works is not given up."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.fake_clock import FakeClock
from tests.helpers.synthesis.doubling_session import DoublingSession, doubling_provider
from tests.helpers.synthesis.fake_sessions import (
    ConstantSession,
    FakeDevice,
    FakeSelector,
    open_session,
    provider,
    stage,
    window_feeds,
)
from tests.helpers.waiting import block_until
from wyoming_kokoro import SessionOptions
from wyoming_kokoro.api.observations import Inference
from wyoming_kokoro.inference import process_session
from wyoming_kokoro.inference import stage as stage_module
from wyoming_kokoro.inference.process_session import ProcessSession
from wyoming_kokoro.inference.selection import HISTORY_RUNS, HISTORY_SECONDS, MAX_BACKOFF_SECONDS, ProviderSelector
from wyoming_kokoro.inference.stage import OpenSession, Stage
from wyoming_kokoro.inference.timeout_session import TimeoutSession
from wyoming_kokoro.model.manifest import WINDOW_FRAMES

FEEDS = window_feeds(WINDOW_FRAMES)
LATE_SECONDS = 0.05
LONG_SECONDS = 60.0
"""A busy machine must not look like a provider that is late."""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_module, "MIN_LATE_SECONDS", LONG_SECONDS)
    monkeypatch.setattr(process_session, "TIMEOUT_SECONDS", LONG_SECONDS)


@pytest.fixture
def impatient(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_module, "MIN_LATE_SECONDS", LATE_SECONDS)


# In the server


@pytest.fixture
def device() -> FakeDevice:
    return FakeDevice()


@pytest.fixture
def vocoder(tmp_path: Path, device: FakeDevice) -> Iterator[Stage]:
    """A stage on the CPU, whose output is `out`."""
    vocoder = stage(tmp_path, provider("cpu", ConstantSession(3)))
    vocoder.add_session(replace(vocoder.open_sessions[0], window_seconds={WINDOW_FRAMES: 0.02}))
    yield vocoder
    device.can_answer.set()
    vocoder.close()


@pytest.fixture
def gpu(vocoder: Stage, device: FakeDevice) -> OpenSession:
    """A faster session that was added to the stage."""
    gpu = open_session("gpu", TimeoutSession(device, LONG_SECONDS), 0.001, priority=9)
    vocoder.add_session(gpu)
    return gpu


def run(vocoder: Stage) -> str:
    return "cpu" if "out" in vocoder.run(FEEDS) else "gpu"


@pytest.mark.usefixtures("impatient")
def test_late_run_is_repeated_and_no_failure(
    monkeypatch: pytest.MonkeyPatch, vocoder: Stage, gpu: OpenSession, device: FakeDevice
) -> None:
    selector = vocoder._selector = FakeSelector("gpu")
    device.can_answer.clear()
    assert run(vocoder) == "cpu"
    assert [(item.provider, item.seconds == math.inf) for item in selector.runs] == [("gpu", True), ("cpu", False)]
    # While the answer is owed, the provider does not even delay a window.
    monkeypatch.setattr(stage_module, "MIN_LATE_SECONDS", LONG_SECONDS)
    assert [run(vocoder) for _ in range(3)] == ["cpu"] * 3
    assert [item.provider for item in selector.runs[2:]] == ["cpu"] * 3
    assert device.has_begun.wait(LONG_SECONDS)
    assert len(device.threads) == 1
    device.can_answer.set()
    block_until(lambda: not gpu.is_late)
    assert run(vocoder) == "gpu"
    assert all(item.seconds is not None for item in selector.runs)


def test_usual_time_of_recent_runs_is_not_late(
    monkeypatch: pytest.MonkeyPatch, vocoder: Stage, gpu: OpenSession
) -> None:
    """Long texts and a busy machine take longer than a window."""
    monkeypatch.setattr(stage_module, "MIN_LATE_SECONDS", 0.0)
    vocoder._selector = FakeSelector("gpu")
    vocoder._recent_seconds[WINDOW_FRAMES] = 2 * LONG_SECONDS
    assert run(vocoder) == "gpu"
    assert vocoder._recent_seconds[WINDOW_FRAMES] == LONG_SECONDS, "it counts less with each run"


@pytest.mark.usefixtures("impatient")
def test_session_that_no_other_can_replace_gets_its_time(vocoder: Stage, gpu: OpenSession, device: FakeDevice) -> None:
    vocoder.remove_session("cpu")
    device.can_answer.clear()
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(run, vocoder)
        time.sleep(2 * LATE_SECONDS)
        assert not answer.done()
        device.can_answer.set()
        assert answer.result() == "gpu"


@pytest.mark.usefixtures("impatient")
def test_session_that_hangs_fails_once(
    monkeypatch: pytest.MonkeyPatch, vocoder: Stage, gpu: OpenSession, device: FakeDevice
) -> None:
    clock = FakeClock()
    vocoder._selector = ProviderSelector("gpu", clock)
    session = gpu.session
    assert isinstance(session, TimeoutSession)
    session._timeout_seconds = 2 * LATE_SECONDS
    runs = list[Inference]()
    vocoder._observe = lambda item: runs.append(item) if isinstance(item, Inference) else None
    device.can_answer.clear()
    assert run(vocoder) == "cpu"
    block_until(lambda: not gpu.is_late)
    assert [run(vocoder) for _ in range(3)] == ["cpu"] * 3
    assert [(item.provider, item.seconds is None) for item in runs].count(("gpu", True)) == 1
    device.can_answer.set()
    assert session._answer
    session._answer.result(LONG_SECONDS)
    clock.now += 2 * MAX_BACKOFF_SECONDS
    monkeypatch.setattr(stage_module, "MIN_LATE_SECONDS", LONG_SECONDS)
    session._timeout_seconds = LONG_SECONDS
    assert run(vocoder) == "gpu"


@pytest.mark.usefixtures("impatient")
def test_provider_that_is_always_late_is_not_selected_for_a_while(
    vocoder: Stage, gpu: OpenSession, device: FakeDevice
) -> None:
    clock = FakeClock()
    vocoder._selector = ProviderSelector(clock=clock)
    for _ in range(HISTORY_RUNS):
        assert vocoder.selected_provider(WINDOW_FRAMES).name == "gpu"
        device.can_answer.clear()
        assert run(vocoder) == "cpu"
        device.can_answer.set()
        block_until(lambda: not gpu.is_late)
    assert vocoder.selected_provider(WINDOW_FRAMES).name == "cpu"
    clock.now += HISTORY_SECONDS
    assert vocoder.selected_provider(WINDOW_FRAMES).name == "gpu"


# In a process of its own


class LateProcess:
    """A stage with a provider in a process of its own, which can be late, and the same work on the CPU."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("FIRST_BACKOFF_SECONDS", "MAX_BACKOFF_SECONDS"):
            monkeypatch.setattr(process_session, name, 0.01)
        self._monkeypatch = monkeypatch
        self.clock, self.failures = FakeClock(), 0
        self._vocoder = stage(
            folder,
            provider("cpu", DoublingSession(folder)),
            selector=ProviderSelector("abacus", self.clock),
            observe=self._observe,
        )
        abacus = doubling_provider(folder)
        self.session = ProcessSession(abacus, Path("any.onnx"), SessionOptions(1, folder))
        self.item = OpenSession(abacus, TimeoutSession(self.session, threading.TIMEOUT_MAX))
        self._vocoder.add_session(self.item)
        self._number = 0

    def _observe(self, observation: object) -> None:
        self.failures += isinstance(observation, Inference) and observation.seconds is None

    def run(self, *, late_seconds: float = LONG_SECONDS) -> int:
        """Run a window that differs from all earlier ones, check its outputs, and return the process that ran it."""
        self._monkeypatch.setattr(stage_module, "MIN_LATE_SECONDS", late_seconds)
        self._number += 1
        frames = np.full((1, 2, 1, WINDOW_FRAMES), self._number, dtype=np.float32)
        outputs = self._vocoder.run({**FEEDS, "frames": frames})
        np.testing.assert_array_equal(outputs["frames"], 2 * frames)
        return int(outputs["pid"][0])

    def close(self) -> None:
        self._vocoder.close()


@pytest.fixture
def late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LateProcess]:
    late = LateProcess(tmp_path, monkeypatch)
    yield late
    late.close()
    block_until(lambda: not late.session.is_running)


@pytest.mark.parametrize(("runs_before", "fault"), [(0, "hang"), (4, "hang with lock")])
def test_hang_is_late_and_ends_the_process(
    late: LateProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs_before: int, fault: str
) -> None:
    pids = {late.run() for _ in range(runs_before)}
    assert os.getpid() not in pids
    (tmp_path / "fault").write_text(fault)
    monkeypatch.setattr(process_session, "TIMEOUT_SECONDS", 0.5)
    assert late.run(late_seconds=LATE_SECONDS) == os.getpid()
    assert late.run() == os.getpid()
    block_until(lambda: not late.item.is_late)
    monkeypatch.setattr(process_session, "TIMEOUT_SECONDS", LONG_SECONDS)
    assert {late.run() for _ in range(3)} == {os.getpid()}
    assert late.failures == 1
    block_until(lambda: late.session.is_running)
    late.clock.now += 2 * MAX_BACKOFF_SECONDS
    assert late.run() not in {*pids, os.getpid()}


def test_slow_process_is_used_again_when_it_has_answered(late: LateProcess) -> None:
    pid = late.run()
    for _ in range(3):
        os.kill(pid, signal.SIGSTOP)
        assert late.run(late_seconds=LATE_SECONDS) == os.getpid()
        assert late.run() == os.getpid()
        os.kill(pid, signal.SIGCONT)
        block_until(lambda: not late.item.is_late)
        assert [late.run() for _ in range(3)] == [pid] * 3
    assert late.failures == 0


def test_process_that_crashes_while_it_is_late_is_replaced(late: LateProcess) -> None:
    pid = late.run()
    os.kill(pid, signal.SIGSTOP)
    assert late.run(late_seconds=LATE_SECONDS) == os.getpid()
    os.kill(pid, signal.SIGKILL)
    block_until(lambda: not late.item.is_late)
    assert late.run() == os.getpid()
    assert late.failures == 1
    block_until(lambda: late.session.is_running)
    late.clock.now += 2 * MAX_BACKOFF_SECONDS
    assert late.run() not in (pid, os.getpid())
