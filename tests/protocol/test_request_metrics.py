"""Each request is told of once, however it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from tests.helpers.protocol_fakes import TIMEOUT_SECONDS, Client, FakeSpeechService, FakeUtterance, connect
from wyoming_kokoro import SynthesisFailed, TextTooLong
from wyoming_kokoro.api.observations import RequestFinished
from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.protocol.handler import MAX_WAITING_REQUESTS
from wyoming_kokoro.protocol.request_metrics import RequestTimer, timed
from wyoming_kokoro.server.listener import Listener, listen

WORD_SECONDS = 0.1


class Told(list[RequestFinished]):
    """What was told."""

    def __call__(self, ended: RequestFinished) -> None:
        self.append(ended)

    @property
    def ends(self) -> list[tuple[str, str]]:
        return [(ended.outcome, ended.code) for ended in self]

    async def until(self, count: int) -> None:
        """Wait until so many requests have ended."""

        async def watch() -> None:
            while len(self) < count:  # noqa: ASYNC110 nobody is told
                await asyncio.sleep(0.005)

        await asyncio.wait_for(watch(), TIMEOUT_SECONDS)


@asynccontextmanager
async def observed(service: FakeSpeechService | None = None) -> AsyncIterator[tuple[Told, Listener, Client]]:
    told = Told()
    config = ServerConfig(uri="tcp://127.0.0.1:0")
    async with listen(config, service or FakeSpeechService(), observe=told) as listener, connect(listener) as client:
        yield told, listener, client


async def test_a_request_is_told_of_when_it_was_spoken() -> None:
    async with observed() as (told, _, client):
        await client.synthesize("two words")
        await client.read_until("audio-stop")
        await told.until(1)
    (ended,) = told
    assert (ended.voice, ended.outcome, ended.code) == ("af_heart", "spoken", "")
    assert ended.first_seconds is not None
    assert 0 < ended.first_seconds <= ended.seconds
    assert ended.audio_seconds == pytest.approx(2 * WORD_SECONDS)
    assert (ended.work_seconds, ended.cached) == (0.25, False)


async def test_what_is_asked_besides_is_no_request() -> None:
    async with observed() as (told, _, client):
        await client.send("describe")
        await client.read_until("info")
        await client.send("ping", text="")
        await client.read_until("pong")
        await client.send("synthesize-stop")
        await client.read_until("synthesize-stopped")
    assert told == []


async def test_time_runs_from_the_first_text() -> None:
    """A stream that is opened long before its text has not kept anybody waiting."""
    async with observed() as (told, _, client):
        await client.send("synthesize-start")
        await asyncio.sleep(0.3)
        await client.send("synthesize-chunk", text="hello")
        await client.send("synthesize", text="hello")
        await client.send("synthesize-stop")
        await client.read_until("synthesize-stopped")
        await told.until(1)
    assert told.ends == [("spoken", "")]
    assert told[0].seconds < 0.3


@pytest.mark.parametrize(
    ("text", "voice", "ends"),
    [
        ("hello", "nobody", ("refused", "unknown-voice")),
        ("<speak>hello", None, ("refused", "unsupported-text")),
        ("fail", None, ("failed", "synthesis-failed")),
        ("one fail", None, ("failed", "synthesis-failed")),
        ("explode", None, ("failed", "internal-error")),
    ],
)
async def test_what_is_not_spoken_has_the_code_that_the_client_is_told(
    text: str, voice: str | None, ends: tuple[str, str]
) -> None:
    async with observed() as (told, _, client):
        await client.send("synthesize", text=text, **({"voice": {"name": voice}} if voice else {}))
        events = await client.read_until("error")
        assert events[-1].data["code"] == ends[1]
        await told.until(1)
    assert told.ends == [ends]
    assert (told[0].first_seconds is None) == (not text.startswith("one"))
    assert told[0].voice == ("" if voice else "af_heart")


async def test_a_stream_that_becomes_too_long_has_failed() -> None:
    """Who heard something was not refused."""
    async with observed() as (told, _, client):
        await client.stream("hello ")
        await client.read_until("audio-chunk")
        await client.send("synthesize-chunk", text="x" * 10_000)
        await client.send("synthesize-stop")
        await client.read_until("synthesize-stopped")
        await told.until(1)
    assert told.ends == [("failed", "text-too-long")]


async def test_what_is_not_the_protocol_is_refused() -> None:
    async with observed() as (told, _, client):
        await client.send("synthesize-chunk", text="hello")
        await client.read_until("error")
        await told.until(1)
    assert told.ends == [("refused", "protocol-error")]


async def test_a_client_that_goes_cancels_all_that_it_asked_for() -> None:
    """The one that is spoken and those that wait."""
    service = FakeSpeechService()
    service.may_speak.clear()
    async with observed(service) as (told, _, client):
        for _ in range(5):
            await client.synthesize("hello")
        while len(service.utterances) < 5:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await client.close()
        await told.until(5)
    assert told.ends == [("cancelled", "")] * 5


async def test_those_that_found_no_room_to_wait_are_told_of_too() -> None:
    service = FakeSpeechService()
    service.may_speak.clear()
    async with observed(service) as (told, listener, client):
        for _ in range(2 * MAX_WAITING_REQUESTS):
            await client.synthesize("hello")
        while len(service.utterances) < MAX_WAITING_REQUESTS + 2:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        client.writer.transport.abort()
        service.may_speak.set()
        await listener.drain(TIMEOUT_SECONDS)
    assert len(told) == len(service.utterances)


async def test_those_who_are_given_up_have_failed() -> None:
    service = FakeSpeechService()
    service.may_speak.clear()
    async with observed(service) as (told, listener, client):
        await client.synthesize("hello")
        while not service.utterances:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await listener.drain(0.05)
    assert told.ends == [("failed", "shutting-down")]


async def test_requests_of_one_connection_are_told_of_in_their_order() -> None:
    async with observed() as (told, _, client):
        for text in ("one", "one two", "one two three"):
            await client.synthesize(text)
        for _ in range(3):
            await client.read_until("audio-stop")
        await told.until(3)
    assert [round(ended.audio_seconds / WORD_SECONDS) for ended in told] == [1, 2, 3]


# What services say


def words(text: str) -> FakeUtterance:
    may_speak = asyncio.Event()
    may_speak.set()
    utterance = FakeUtterance(may_speak, FakeSpeechService().voices[0])
    utterance.feed(text)
    utterance.finish()
    return utterance


async def test_what_a_service_says_is_a_request_too() -> None:
    told = Told()
    async for _ in timed(words("one two"), told):
        pass
    assert told.ends == [("spoken", "")]
    assert told[0].audio_seconds == pytest.approx(2 * WORD_SECONDS)


async def test_a_service_that_stops_listening_cancels() -> None:
    told = Told()
    async with aclosing(timed(words("one two"), told)) as sounds:
        await anext(sounds)
    assert told.ends == [("cancelled", "")]
    assert told[0].audio_seconds == pytest.approx(WORD_SECONDS)


async def test_a_service_is_told_what_failed() -> None:
    told = Told()
    with pytest.raises(SynthesisFailed):
        async for _ in timed(words("one fail"), told):
            pass
    assert told.ends == [("failed", "synthesis-failed")]


# The timer


@pytest.mark.parametrize(
    "again",
    [
        lambda timer: timer.finish(None, None),
        lambda timer: timer.finish(TextTooLong("too long"), None),
        lambda timer: timer.abort("", None),
    ],
)
def test_an_account_ends_once(again: Callable[[RequestTimer], None]) -> None:
    told = Told()
    timer = RequestTimer(told)
    timer.finish(None, None)
    again(timer)
    assert told.ends == [("spoken", "")]


def test_times_are_from_the_first_text_to_the_first_sample() -> None:
    now = iter([10.0, 10.5, 12.0])
    told = Told()
    timer = RequestTimer(told, lambda: next(now))
    timer.start()
    timer.start()
    timer.add_audio(bytes(48_000))
    timer.add_audio(bytes(48_000))
    timer.finish(None, None)
    assert (told[0].first_seconds, told[0].seconds, told[0].audio_seconds) == (0.5, 2.0, 2.0)
