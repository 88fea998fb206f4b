"""Admission of whole requests; tests/end_to_end/test_cached_speech.py tests the cache."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from wyoming_kokoro.config import Config, ServerConfig
from wyoming_kokoro.errors import Overloaded
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.speech.utterance import Utterance
from wyoming_kokoro.testing import FakePhraseCache, FakeSpeechModel, fake_tts


@asynccontextmanager
async def tts_with_slots(max_streams: int) -> AsyncIterator[TextToSpeech]:
    config = Config(server=ServerConfig(max_streams=max_streams))
    async with fake_tts(FakeSpeechModel(), config, cache=FakePhraseCache()) as tts:
        yield tts


def finished_utterance(tts: TextToSpeech, text: str) -> Utterance:
    utterance = tts.utterance()
    utterance.feed(text)
    utterance.finish()
    return utterance


async def count_chunks(utterance: Utterance) -> int:
    async with aclosing(utterance.pcm()) as chunks:
        return len([chunk async for chunk in chunks])


async def test_second_stream_is_rejected_and_first_plays_to_its_end() -> None:
    async with tts_with_slots(1) as tts, aclosing(finished_utterance(tts, "this is the first").pcm()) as first:
        await anext(first)
        with pytest.raises(Overloaded, match="at capacity: 1 stream is the limit set by max_streams"):
            await count_chunks(finished_utterance(tts, "another"))
        assert len([chunk async for chunk in first]) > 10
        assert await count_chunks(finished_utterance(tts, "another"))


async def test_closed_stream_releases_its_slot() -> None:
    async with tts_with_slots(1) as tts:
        first = finished_utterance(tts, "this is the first").pcm()
        await anext(first)
        await first.aclose()
        assert await count_chunks(finished_utterance(tts, "another"))


async def test_cached_phrase_plays_at_capacity() -> None:
    async with tts_with_slots(1) as tts:
        await count_chunks(finished_utterance(tts, "it is cached"))
        async with aclosing(finished_utterance(tts, "this is the first").pcm()) as first:
            await anext(first)
            assert await count_chunks(finished_utterance(tts, "it is cached"))


async def test_cached_phrase_takes_no_slot() -> None:
    async with tts_with_slots(1) as tts:
        await count_chunks(finished_utterance(tts, "it is cached"))
        async with aclosing(finished_utterance(tts, "it is cached").pcm()) as cached:
            await anext(cached)
            assert await count_chunks(finished_utterance(tts, "another"))


async def test_identical_requests_share_one_slot() -> None:
    async with tts_with_slots(1) as tts:
        counts = await asyncio.gather(*(count_chunks(finished_utterance(tts, "dinner is ready")) for _ in range(5)))
    assert all(counts)


async def test_started_stream_is_never_rejected() -> None:
    """A stream that began with a cached segment continues with a new one, although no slot is free."""
    async with tts_with_slots(1) as tts:
        await count_chunks(finished_utterance(tts, "It is cached."))
        async with aclosing(finished_utterance(tts, "this is the first").pcm()) as first:
            await anext(first)
            utterance = tts.utterance()
            utterance.feed("It is cached. ")
            async with aclosing(utterance.pcm()) as chunks:
                await anext(chunks)
                utterance.feed("This is new.")
                utterance.finish()
                assert len([chunk async for chunk in chunks]) > 5


async def test_simultaneous_requests_beyond_capacity_are_rejected() -> None:
    async with tts_with_slots(3) as tts:
        utterances = [finished_utterance(tts, f"text number {number}") for number in range(8)]
        outcomes = await asyncio.gather(*map(count_chunks, utterances), return_exceptions=True)
    assert sum(isinstance(outcome, Overloaded) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, int) for outcome in outcomes) == 3
