from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from tests.helpers.servers.protocol_fakes import (
    TIMEOUT_SECONDS,
    VOICES,
    Client,
    FakeSpeechService,
    FakeUtterance,
    connect,
)
from tests.helpers.waiting import wait_until
from wyoming_kokoro import SynthesisFailed, TextTooLong
from wyoming_kokoro.api.observations import ConnectionRejected, RequestFinished
from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.protocol.handler import MAX_WAITING_REQUESTS
from wyoming_kokoro.protocol.request_metrics import RequestTimer, timed
from wyoming_kokoro.server.listener import Listener, listen

WORD_SECONDS = 0.1


class RequestRecorder(list[RequestFinished]):
    """Records the reported requests."""

    def __call__(self, request: RequestFinished) -> None:
        self.append(request)

    def observe(self, observation: RequestFinished | ConnectionRejected) -> None:
        if isinstance(observation, RequestFinished):
            self.append(observation)

    @property
    def ends(self) -> list[tuple[str, str]]:
        """The outcome and the code of each request."""
        return [(request.outcome, request.code) for request in self]

    async def wait_for(self, count: int) -> None:
        """Wait until `count` requests are reported."""
        await wait_until(lambda: len(self) >= count)


@asynccontextmanager
async def connect_observed(
    service: FakeSpeechService | None = None,
) -> AsyncIterator[tuple[RequestRecorder, Listener, Client]]:
    requests = RequestRecorder()
    config = ServerConfig(uri="tcp://127.0.0.1:0")
    async with (
        listen(config, service or FakeSpeechService(), observe=requests.observe) as listener,
        connect(listener) as client,
    ):
        yield requests, listener, client


async def test_finished_request_is_reported() -> None:
    async with connect_observed() as (requests, _, client):
        await client.synthesize("two words")
        await client.read_until("audio-stop")
        await requests.wait_for(1)
    (request,) = requests
    assert (request.voice, request.outcome, request.code) == ("af_heart", "spoken", "")
    assert request.first_seconds is not None
    assert 0 < request.first_seconds <= request.seconds
    assert request.audio_seconds == pytest.approx(2 * WORD_SECONDS)
    assert (request.work_seconds, request.cached) == (0.25, False)


async def test_describe_ping_and_stop_are_not_reported() -> None:
    async with connect_observed() as (requests, _, client):
        await client.send("describe")
        await client.read_until("info")
        await client.send("ping", text="")
        await client.read_until("pong")
        await client.send("synthesize-stop")
        await client.read_until("synthesize-stopped")
    assert requests == []


async def test_time_starts_at_the_first_text() -> None:
    """A stream may be opened long before its text."""
    async with connect_observed() as (requests, _, client):
        await client.send("synthesize-start")
        await asyncio.sleep(0.3)
        text_at = time.monotonic()
        await client.send("synthesize-chunk", text="hello")
        await client.send("synthesize", text="hello")
        await client.send("synthesize-stop")
        await client.read_until("synthesize-stopped")
        await requests.wait_for(1)
    assert requests.ends == [("spoken", "")]
    assert requests[0].seconds < time.monotonic() - text_at


@pytest.mark.parametrize(
    ("text", "voice", "ends"),
    [
        ("hello", "af_missing", ("refused", "unknown-voice")),
        ("x" * 10_001, None, ("refused", "text-too-long")),
        ("fail", None, ("failed", "synthesis-failed")),
        ("one fail", None, ("failed", "synthesis-failed")),
        ("explode", None, ("failed", "internal-error")),
    ],
)
async def test_failed_request_has_the_code_of_its_error_event(
    text: str, voice: str | None, ends: tuple[str, str]
) -> None:
    async with connect_observed() as (requests, _, client):
        await client.send("synthesize", text=text, **({"voice": {"name": voice}} if voice else {}))
        events = await client.read_until("error")
        assert events[-1].data["code"] == ends[1]
        await requests.wait_for(1)
    assert requests.ends == [ends]
    assert (requests[0].first_seconds is None) == (not text.startswith("one"))
    assert requests[0].voice == ("" if voice else "af_heart")


async def test_stream_that_becomes_too_long_has_failed() -> None:
    """A request with audio is never counted as refused."""
    async with connect_observed() as (requests, _, client):
        await client.start_stream("hello ")
        await client.read_until("audio-chunk")
        await client.send("synthesize-chunk", text="x" * 10_000)
        await client.send("synthesize-stop")
        await client.read_until("synthesize-stopped")
        await requests.wait_for(1)
    assert requests.ends == [("failed", "text-too-long")]


async def test_protocol_error_is_refused() -> None:
    async with connect_observed() as (requests, _, client):
        await client.send("synthesize-chunk", text="hello")
        await client.read_until("error")
        await requests.wait_for(1)
    assert requests.ends == [("refused", "protocol-error")]


async def test_closed_connection_cancels_all_its_requests() -> None:
    service = FakeSpeechService()
    service.may_speak.clear()
    async with connect_observed(service) as (requests, _, client):
        for _ in range(5):
            await client.synthesize("hello")
        await wait_until(lambda: len(service.utterances) == 5)
        await client.close()
        await requests.wait_for(5)
    assert requests.ends == [("cancelled", "")] * 5


async def test_requests_outside_the_full_queue_are_reported() -> None:
    service = FakeSpeechService()
    service.may_speak.clear()
    async with connect_observed(service) as (requests, listener, client):
        for _ in range(2 * MAX_WAITING_REQUESTS):
            await client.synthesize("hello")
        await wait_until(lambda: len(service.utterances) == MAX_WAITING_REQUESTS + 2)
        client.writer.transport.abort()
        service.may_speak.set()
        await listener.drain(TIMEOUT_SECONDS)
    assert len(requests) == len(service.utterances)


async def test_request_aborted_at_shutdown_has_failed() -> None:
    service = FakeSpeechService()
    service.may_speak.clear()
    async with connect_observed(service) as (requests, listener, client):
        await client.synthesize("hello")
        await wait_until(lambda: bool(service.utterances))
        await listener.drain(0.05)
    assert requests.ends == [("failed", "shutting-down")]


async def test_requests_of_one_connection_are_reported_in_order() -> None:
    async with connect_observed() as (requests, _, client):
        for text in ("one", "one two", "one two three"):
            await client.synthesize(text)
        for _ in range(3):
            await client.read_until("audio-stop")
        await requests.wait_for(3)
    assert [round(request.audio_seconds / WORD_SECONDS) for request in requests] == [1, 2, 3]


# Requests of service plugins


def utterance_of(text: str) -> FakeUtterance:
    utterance = FakeSpeechService().utterance()
    utterance.feed(text)
    utterance.finish()
    return utterance


async def test_request_of_a_service_plugin_is_reported() -> None:
    requests = RequestRecorder()
    async for _ in timed(utterance_of("one two"), requests):
        pass
    assert requests.ends == [("spoken", "")]
    assert requests[0].audio_seconds == pytest.approx(2 * WORD_SECONDS)


async def test_service_that_closes_the_generator_cancels() -> None:
    requests = RequestRecorder()
    async with aclosing(timed(utterance_of("one two"), requests)) as chunks:
        await anext(chunks)
    assert requests.ends == [("cancelled", "")]
    assert requests[0].audio_seconds == pytest.approx(WORD_SECONDS)


async def test_failure_reaches_the_service() -> None:
    requests = RequestRecorder()
    with pytest.raises(SynthesisFailed):
        async for _ in timed(utterance_of("one fail"), requests):
            pass
    assert requests.ends == [("failed", "synthesis-failed")]


# The timer


@pytest.mark.parametrize(
    "again",
    [
        lambda timer: timer.finish(None, None),
        lambda timer: timer.finish(TextTooLong("too long"), None),
        lambda timer: timer.abort("", None),
    ],
)
def test_only_the_first_end_is_reported(again: Callable[[RequestTimer], None]) -> None:
    requests = RequestRecorder()
    timer = RequestTimer(requests)
    timer.finish(None, None)
    again(timer)
    assert requests.ends == [("spoken", "")]


def test_first_seconds_run_from_first_text_to_first_audio() -> None:
    now = iter([10.0, 10.5, 12.0])
    requests = RequestRecorder()
    timer = RequestTimer(requests, lambda: next(now))
    timer.start()
    timer.start()
    timer.add_audio(bytes(48_000))
    timer.add_audio(bytes(48_000))
    timer.finish(None, FakeUtterance(asyncio.Event(), VOICES[0]))
    assert (requests[0].first_seconds, requests[0].seconds, requests[0].audio_seconds) == (0.5, 2.0, 2.0)
