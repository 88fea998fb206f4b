from __future__ import annotations

import asyncio

import pytest

from tests.helpers.waiting import wait_until
from wyoming_kokoro.scheduling.admission import AdmissionControl
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.speech import capacity_probe
from wyoming_kokoro.speech.capacity_probe import PHONEMES, CapacityProbe
from wyoming_kokoro.speech.model_selector import ModelSelector
from wyoming_kokoro.speech.pending_model import PendingModel
from wyoming_kokoro.testing import FakeMachine, FakeSpeechModel


async def test_probe_speaks_when_a_measurement_is_wanted_and_the_server_is_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(capacity_probe, "INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(capacity_probe, "IDLE_SECONDS", 0.05)
    model, idle_timer = FakeSpeechModel(), IdleTimer()
    full = PendingModel(model)
    selector = ModelSelector(full, (), AdmissionControl(FakeMachine(0.3)), lambda _: None)
    async with Scheduler() as scheduler:
        probing = asyncio.create_task(CapacityProbe(selector, scheduler, idle_timer, lambda: None).run())
        await full.open()
        await asyncio.sleep(0.1)
        assert not model.units
        selector.wants_measurement.set()
        await wait_until(lambda: len(model.units) >= len(PHONEMES))
        with idle_timer.activity():
            selector.wants_measurement.set()
            await asyncio.sleep(0.1)
            assert len(model.units) == len(PHONEMES)
        await wait_until(lambda: len(model.units) >= 2 * len(PHONEMES))
        probing.cancel()
    await full.close()
