"""Admission of whole requests; tests/end_to_end/cache/test_cached_speech.py tests the cache."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager

import pytest

from tests.helpers.synthesis.utterances import finished
from tests.helpers.waiting import wait_until
from wyoming_kokoro import Pcm, Phrase, PhraseKey
from wyoming_kokoro.api.speech_models import WordTiming
from wyoming_kokoro.config import Config, ServerConfig
from wyoming_kokoro.errors import Overloaded, SynthesisFailed
from wyoming_kokoro.pcm import silence
from wyoming_kokoro.scheduling import playback
from wyoming_kokoro.scheduling.admission import POLL_INTERVAL_SECONDS
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.speech.utterance import Utterance
from wyoming_kokoro.testing import FakePhraseCache, FakeSpeechModel, fake_tts


@pytest.fixture(autouse=True)
def patient_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine, a client must not look like one that does not read."""
    monkeypatch.setattr(playback, "BLOCKED_SECONDS", 60.0)


@asynccontextmanager
async def tts_with_places(
    max_streams: int, max_wait_seconds: float = 10.0, model: FakeSpeechModel | None = None
) -> AsyncIterator[TextToSpeech]:
    config = Config(server=ServerConfig(max_streams=max_streams, max_wait_seconds=max_wait_seconds))
    async with fake_tts(model or FakeSpeechModel(), config, cache=FakePhraseCache()) as tts:
        yield tts


def finished_utterance(tts: TextToSpeech, text: str) -> Utterance:
    return finished(tts.utterance(), text)


async def count_all(chunks: AsyncIterator[bytes]) -> int:
    return len([chunk async for chunk in chunks])


async def count_chunks(utterance: Utterance) -> int:
    async with aclosing(utterance.pcm()) as chunks:
        return len([chunk async for chunk in chunks])


async def test_second_stream_waits_until_the_first_has_its_audio() -> None:
    async with tts_with_places(1) as tts, aclosing(finished_utterance(tts, "this is the first").pcm()) as first:
        await anext(first)
        waiting = asyncio.create_task(count_chunks(finished_utterance(tts, "another")))
        await asyncio.sleep(3 * POLL_INTERVAL_SECONDS)
        assert not waiting.done()
        assert len([chunk async for chunk in first]) > 10
        assert await waiting


async def test_without_patience_the_second_stream_is_rejected() -> None:
    async with tts_with_places(1, 0.0) as tts, aclosing(finished_utterance(tts, "this is the first").pcm()) as first:
        await anext(first)
        with pytest.raises(Overloaded, match=r"expected wait .* exceeds max_wait_seconds \(0\)"):
            await count_chunks(finished_utterance(tts, "another"))
        assert len([chunk async for chunk in first]) > 10


async def test_stream_without_text_has_no_place() -> None:
    async with tts_with_places(1) as tts:
        paused = tts.utterance()
        paused.feed("This is the first. And")
        async with aclosing(paused.pcm()) as chunks:
            await anext(chunks)
            reading = asyncio.create_task(count_all(chunks))
            assert await count_chunks(finished_utterance(tts, "another"))
            assert not reading.done()
            paused.feed(" this is the second.")
            paused.finish()
            assert await reading > 10


async def test_client_that_does_not_read_has_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playback, "BLOCKED_SECONDS", 0.1)
    async with tts_with_places(1) as tts, aclosing(finished_utterance(tts, "this is the first").pcm()) as first:
        await anext(first)
        assert await count_chunks(finished_utterance(tts, "another"))
        assert len([chunk async for chunk in first]) > 10


async def test_closed_stream_releases_its_place() -> None:
    async with tts_with_places(1) as tts:
        first = finished_utterance(tts, "this is the first").pcm()
        await anext(first)
        await first.aclose()
        assert await count_chunks(finished_utterance(tts, "another"))


async def test_soundless_phrase_is_not_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text without sound costs nothing, and a damaged model may return zeros."""
    model, cache = FakeSpeechModel(), FakePhraseCache()
    monkeypatch.setattr(model, "synthesize", lambda *_: (silence(50) for _ in range(3)))
    async with fake_tts(model, cache=cache) as tts:
        assert await count_chunks(finished_utterance(tts, "it is silent"))
    assert not cache.recordings


class ClaimedPhrases(FakePhraseCache):
    """Notes the phrases that this server has claimed and neither put nor released."""

    def __init__(self) -> None:
        super().__init__()
        self.claimed = set[PhraseKey]()
        self.claim_count = 0

    async def get(self, key: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        found = await super().get(key)
        if found is None:
            self.claimed.add(key)
            self.claim_count += 1
        return found

    async def claim(self, key: PhraseKey) -> bool:
        self.claimed.add(key)
        self.claim_count += 1
        return True

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        super().put(key, pcm, cost)
        self.claimed.discard(key)

    def release(self, key: PhraseKey) -> None:
        self.claimed.discard(key)


def fail(*_: object) -> Iterator[Pcm]:
    yield silence(50)
    raise SynthesisFailed("the model is broken")


@pytest.mark.parametrize("how", ["fails", "is silent", "is abandoned", "is warmed and fails"])
async def test_phrase_that_is_not_synthesized_is_released(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Other servers that need it do not wait."""
    model, cache = FakeSpeechModel(), ClaimedPhrases()
    async with fake_tts(model, cache=cache) as tts:
        if how == "is silent":
            monkeypatch.setattr(model, "synthesize", lambda *_: (silence(50) for _ in range(3)))
            await count_chunks(finished_utterance(tts, "it is silent"))
        elif how == "is abandoned":
            chunks = finished_utterance(tts, "it is abandoned").pcm()
            await anext(chunks)
            await anext(chunks)
            await chunks.aclose()
        else:
            monkeypatch.setattr(model, "synthesize", fail)
            speaking = (
                count_chunks(finished_utterance(tts, "it fails")) if how == "fails" else tts.warm(Phrase("it fails"))
            )
            with pytest.raises(SynthesisFailed):
                await speaking
    assert cache.claim_count
    assert not cache.claimed


async def test_cached_phrase_plays_at_capacity() -> None:
    async with tts_with_places(1) as tts:
        await count_chunks(finished_utterance(tts, "it is cached"))
        async with aclosing(finished_utterance(tts, "this is the first").pcm()) as first:
            await anext(first)
            assert await count_chunks(finished_utterance(tts, "it is cached"))


async def test_cached_phrase_takes_no_place() -> None:
    async with tts_with_places(1) as tts:
        await count_chunks(finished_utterance(tts, "it is cached"))
        async with aclosing(finished_utterance(tts, "it is cached").pcm()) as cached:
            await anext(cached)
            assert await count_chunks(finished_utterance(tts, "another"))


async def test_times_of_cached_words_wait_for_a_place_and_hold_none() -> None:
    """Their audio comes from the cache, and their times from the model."""
    async with tts_with_places(1) as tts:
        await count_chunks(finished_utterance(tts, "It is cached."))
        words: list[WordTiming] = []
        timed = tts.utterance(on_words=words.extend)
        timed.feed("It is cached. And")
        async with aclosing(finished_utterance(tts, "this is the first").pcm()) as first:
            await anext(first)
            timing = asyncio.create_task(count_chunks(timed))
            await asyncio.sleep(3 * POLL_INTERVAL_SECONDS)
            assert not words
            assert len([chunk async for chunk in first]) > 10
        await wait_until(lambda: words)
        # The request is not complete.
        assert await count_chunks(finished_utterance(tts, "another"))
        timed.finish()
        assert await timing


async def test_identical_requests_share_one_place() -> None:
    async with tts_with_places(1) as tts:
        counts = await asyncio.gather(*(count_chunks(finished_utterance(tts, "dinner is ready")) for _ in range(5)))
    assert all(counts)


async def test_started_stream_is_never_rejected() -> None:
    """A stream that began with a cached segment continues with a new one, although no place is free."""
    async with tts_with_places(1) as tts:
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


async def test_simultaneous_requests_beyond_capacity_are_all_spoken() -> None:
    may_speak = threading.Event()

    class WaitingModel(FakeSpeechModel):
        def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
            may_speak.wait(60)
            yield from super().synthesize(phonemes, voice, speed)

    async with tts_with_places(3, model=WaitingModel()) as tts:
        utterances = [finished_utterance(tts, f"text number {number}") for number in range(8)]
        speaking = asyncio.gather(*map(count_chunks, utterances))
        await wait_until(lambda: tts.models.admission.waiting_count == 5)
        may_speak.set()
        assert all(await speaking)
        assert tts.models.admission.waiting_count == tts.models.admission.in_use == 0
        assert sum((utterance.wait_seconds or 0) > 0 for utterance in utterances) >= 5
