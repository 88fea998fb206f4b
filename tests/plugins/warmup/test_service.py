from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from tests.helpers.waiting import wait_until
from tests.helpers.warmup_fakes import (
    EMMA,
    HEART,
    FakeLocalTime,
    FakeSensors,
    FakeWarmupServer,
    FixedStrategy,
    unsupported,
)
from wyoming_kokoro import Phrase, PhraseQueue, WarmupResult
from wyoming_kokoro._compat import timeout
from wyoming_kokoro.api.observations import SegmentFinished
from wyoming_kokoro_warmup import service as service_module
from wyoming_kokoro_warmup.learned_phrases import LearnedPhrases
from wyoming_kokoro_warmup.service import LearningService, WarmupService
from wyoming_kokoro_warmup.settings import Settings
from wyoming_kokoro_warmup.throttle import SystemState, Throttle

LOG = logging.getLogger("wyoming_kokoro.plugins.warmup")
FULL_SPEED = Settings(cpu_percent=100)
SHORT_INTERVALS = (
    "PAUSE_POLL_SECONDS",
    "QUEUE_POLL_SECONDS",
    "FAILED_PHRASE_REST_SECONDS",
    "SAVE_INTERVAL_SECONDS",
    "RETRY_SECONDS",
    "ELSEWHERE_RETRY_SECONDS",
)


@pytest.fixture(autouse=True)
def _short_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SHORT_INTERVALS:
        monkeypatch.setattr(service_module, name, 0.001)


def make_service(
    server: FakeWarmupServer,
    settings: Settings = FULL_SPEED,
    *,
    clock: FakeLocalTime | None = None,
    sensors: FakeSensors | None = None,
    recheck: asyncio.Event | None = None,
) -> WarmupService:
    throttle = Throttle(settings, clock or FakeLocalTime(), (sensors or FakeSensors()).read)
    queue = PhraseQueue(server.warmup_strategies, server.default_voice, LOG)
    return WarmupService(server, queue, throttle, recheck or asyncio.Event(), LOG)


@asynccontextmanager
async def running(service: WarmupService) -> AsyncIterator[None]:
    """Run the service; fail if it blocks the loop or leaves a task."""
    before = asyncio.all_tasks()
    with blockbuster_ctx(["wyoming_kokoro_warmup"]):
        async with service:
            yield
    assert asyncio.all_tasks() == before


def server_with(*texts: str) -> FakeWarmupServer:
    phrases = [Phrase(text, 100.0 - index) for index, text in enumerate(texts)]
    return FakeWarmupServer(warmup_strategies=[FixedStrategy(phrases)])


async def test_each_phrase_is_synthesized_once_in_queue_order() -> None:
    first, second = [Phrase("b", 2.0), Phrase("c", 1.0)], [Phrase("a", 3.0, EMMA.name)]
    server = FakeWarmupServer(warmup_strategies=[FixedStrategy(first), FixedStrategy(second, "other")])
    async with running(make_service(server)):
        await wait_until(lambda: len(server.synthesized) == 3)
        await asyncio.sleep(0.05)
    assert server.requested == ["a", "b", "c"]
    assert server.cache == {("a", "bf_emma"), ("b", None), ("c", None)}


@pytest.mark.parametrize("turns_of_the_loop", range(4))
async def test_service_stops_just_after_a_change(
    turns_of_the_loop: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service_module, "QUEUE_POLL_SECONDS", 60)
    caplog.set_level(logging.INFO)
    recheck = asyncio.Event()
    async with timeout(20), running(make_service(server_with("a"), recheck=recheck)):
        await wait_until(lambda: "finished" in caplog.text)
        await asyncio.sleep(0.01)
        recheck.set()
        for _ in range(turns_of_the_loop):
            await asyncio.sleep(0)


async def test_phrase_of_another_server_is_skipped_and_checked_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server = server_with("a", "b")
    server.elsewhere.add("a")
    async with running(make_service(server)):
        await wait_until(lambda: server.requested.count("a") >= 3)
        assert server.synthesized == ["b"]
        assert "finished" not in caplog.text
        server.cache.add(("a", None))
        await wait_until(lambda: "finished" in caplog.text)
    assert server.requested.count("b") == 1


async def test_phrase_that_another_server_gives_up_is_synthesized() -> None:
    server = server_with("a")
    server.elsewhere.add("a")
    async with running(make_service(server)):
        await wait_until(lambda: len(server.requested) >= 2)
        server.elsewhere.clear()
        await wait_until(lambda: server.synthesized == ["a"])


async def test_synthesis_waits_until_the_server_is_idle() -> None:
    server = server_with("a", "b")
    server.idle_seconds = 0.0
    async with running(make_service(server)):
        await asyncio.sleep(0.05)
        assert server.requested == []
        server.idle_seconds = 11.0
        await wait_until(lambda: server.synthesized == ["a", "b"])


async def test_rest_follows_work() -> None:
    server = server_with("a", "b")
    server.result = WarmupResult(3600.0, 1.0)
    async with running(make_service(server, Settings(cpu_percent=50, max_minutes_per_day=1440))):
        await wait_until(lambda: server.synthesized == ["a"])
        await asyncio.sleep(0.05)
        assert server.requested == ["a"]


async def test_request_during_synthesis_pauses_warmup_after_the_phrase() -> None:
    class InterruptedServer(FakeWarmupServer):
        async def warm(self, phrase: Phrase) -> WarmupResult:
            self.idle_seconds = 0.0
            return await super().warm(phrase)

    server = InterruptedServer(warmup_strategies=server_with("a", "b", "c").warmup_strategies)

    def has_synthesized(texts: list[str]) -> bool:
        return server.synthesized == texts

    async with running(make_service(server)):
        for expected in (["a"], ["a", "b"], ["a", "b", "c"]):
            await wait_until(partial(has_synthesized, expected))
            await asyncio.sleep(0.02)
            assert server.synthesized == expected
            server.idle_seconds = 11.0


async def test_hot_cpu_pauses_warmup_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server, clock, sensors = server_with("a"), FakeLocalTime(), FakeSensors(SystemState(cpu_celsius=80))
    async with running(make_service(server, clock=clock, sensors=sensors)):
        await wait_until(lambda: "paused" in caplog.text)
        await asyncio.sleep(0.02)
        assert server.requested == []
        sensors.state = SystemState()
        clock.advance(minutes=2)
        await wait_until(lambda: "finished" in caplog.text)
    assert caplog.messages == [
        "Warmup paused (the CPU has 80 °C; max_cpu_celsius = 75)",
        "Warmup started (up to 1 phrases)",
        "Warmup finished (1 of 1 phrases cached)",
    ]


async def test_log_contains_counts_but_no_spoken_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server = server_with(*(f"Anna's secret {number}" for number in range(100)))
    async with running(make_service(server)):
        await wait_until(lambda: "finished" in caplog.text)
    assert caplog.messages == ["Warmup started (up to 100 phrases)", "Warmup finished (100 of 100 phrases cached)"]


async def test_cached_phrases_cost_nothing_and_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server = server_with(*map(str, range(100)))
    server.cache = {(str(number), None) for number in range(100)}
    async with running(make_service(server)):
        await wait_until(lambda: len(server.requested) == 100)
        await asyncio.sleep(0.02)
    assert caplog.records == []


async def test_unsupported_phrase_is_skipped_and_retried_in_the_next_run(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server = server_with("a", "b", "c")
    server.failures["b"] = unsupported("b")
    async with running(make_service(server)):
        await wait_until(lambda: "finished" in caplog.text)
        assert server.synthesized == ["a", "c"]
        del server.failures["b"]
        await wait_until(lambda: server.synthesized == ["a", "c", "b"])
    assert "Warmup finished (2 of 3 phrases cached)" in caplog.messages


async def test_unexpected_error_is_logged_once_and_warmup_continues(caplog: pytest.LogCaptureFixture) -> None:
    server = server_with("a", "b")
    server.failures["a"] = ZeroDivisionError("unexpected")
    async with running(make_service(server)):
        await wait_until(lambda: len(server.requested) > 5)
        del server.failures["a"]
        await wait_until(lambda: server.synthesized == ["a", "b"])
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert caplog.records[0].exc_info is not None


async def test_spent_budget_stops_synthesis_until_the_next_day(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server, clock = server_with("a", "b", "c"), FakeLocalTime()
    server.result = WarmupResult(40.0, 2.0)
    async with running(make_service(server, Settings(max_minutes_per_day=1, cpu_percent=100), clock=clock)):
        await wait_until(lambda: "max_minutes_per_day" in caplog.text)
        assert server.synthesized == ["a", "b"]
        clock.advance(days=1)
        await wait_until(lambda: server.synthesized == ["a", "b", "c"])


async def test_pause_is_logged_at_intervals_per_reason(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    sensors = FakeSensors(SystemState(on_battery=True))
    for pause_log, has_several_lines in ((60.0, False), (0.0, True)):
        caplog.clear()
        monkeypatch.setattr(service_module, "PAUSE_LOG_INTERVAL_SECONDS", pause_log)
        async with running(make_service(server_with("a"), sensors=sensors)):
            await wait_until(lambda: len(caplog.messages) > has_several_lines)  # noqa: B023
            await asyncio.sleep(0.05)
        assert set(caplog.messages) == {"Warmup paused (the machine runs on battery)"}
        assert (len(caplog.messages) > 1) is has_several_lines


async def test_new_day_checks_all_phrases_again() -> None:
    """The cache may have dropped some of them."""
    server, clock = server_with("a", "b"), FakeLocalTime()
    async with running(make_service(server, clock=clock)):
        await wait_until(lambda: server.synthesized == ["a", "b"])
        server.cache.discard(("a", None))
        await asyncio.sleep(0.02)
        assert server.synthesized == ["a", "b"]
        clock.advance(days=1)
        await wait_until(lambda: server.synthesized == ["a", "b", "a"])


async def test_queue_is_read_again_when_its_order_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "QUEUE_MAX_AGE_SECONDS", 0.005)
    monkeypatch.setattr(service_module, "QUEUE_POLL_SECONDS", 60)
    strategy = FixedStrategy([Phrase(str(number), 1.0) for number in range(10)])

    class SlowServer(FakeWarmupServer):
        async def warm(self, phrase: Phrase) -> WarmupResult:
            strategy.known = [*strategy.known, Phrase("urgent", 50.0)]
            await asyncio.sleep(0.01)
            return await super().warm(phrase)

    server = SlowServer(warmup_strategies=[strategy])
    async with running(make_service(server)):
        await wait_until(lambda: len(server.synthesized) == 11)
    assert server.synthesized[1] == "urgent"


async def test_service_can_be_stopped_at_any_step() -> None:
    for steps in range(40):
        server = server_with(*map(str, range(5)))
        async with running(make_service(server)):
            for _ in range(steps):
                await asyncio.sleep(0)


async def test_learning_service_saves_at_intervals_and_when_it_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = LearnedPhrases(tmp_path / "learned-1.sqlite", FakeLocalTime(), LOG)
    learned.start(HEART)
    spoken = SegmentFinished("Bedtime", "af_heart", cached=False, seconds=1.0)
    with blockbuster_ctx(["wyoming_kokoro_warmup"]):
        async with LearningService(learned, LOG):
            learned.add(spoken)
            await wait_until((tmp_path / "learned-1.sqlite").exists)
        monkeypatch.setattr(service_module, "SAVE_INTERVAL_SECONDS", 60)
        async with LearningService(learned, LOG):
            for _ in range(4):
                learned.add(spoken)
    phrases = await asyncio.to_thread(learned.phrases, HEART)
    assert [phrase.text for phrase in phrases] == ["Bedtime"]
