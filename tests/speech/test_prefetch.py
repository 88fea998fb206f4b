from __future__ import annotations

import asyncio

import pytest

from tests.helpers.synthesis.utterances import LONG_TIMEOUTS, PHONEME_BYTES, all_pcm, pcm_of
from tests.helpers.waiting import TIMEOUT_SECONDS, wait_until
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.speech.utterance import Utterance
from wyoming_kokoro.testing import FakeSpeechModel, fake_tts


async def start_prefetch(tts: TextToSpeech, model: FakeSpeechModel, text: str) -> tuple[Utterance, asyncio.Task[bytes]]:
    """Return an utterance of `text` that plays, when the first phoneme of its prefetch is synthesized."""
    utterance = tts.utterance()
    utterance.feed(text)
    playing = asyncio.create_task(all_pcm(utterance))
    await wait_until(lambda: model.units == [text[0]])
    return utterance, playing


async def test_likely_sentence_is_prefetched_and_not_synthesized_twice() -> None:
    """It plays only after the next text confirms it."""
    model = FakeSpeechModel()
    async with fake_tts(model, LONG_TIMEOUTS) as tts:
        utterance = tts.utterance()
        utterance.feed("let me see.")
        stream = utterance.pcm()
        first = asyncio.ensure_future(anext(stream))
        await wait_until(lambda: model.units == ["l"])
        await asyncio.sleep(0.05)
        assert not first.done()
        assert model.units == ["l"]
        utterance.feed(" And")
        pcm = await asyncio.wait_for(first, TIMEOUT_SECONDS)
        utterance.finish()
        pcm += b"".join([chunk async for chunk in stream])
    assert len(pcm) == len("let me see.And") * PHONEME_BYTES
    assert "".join(model.units) == "let me see.and"


async def test_wrong_prefetch_is_cancelled() -> None:
    """The sentence continues, so it is synthesized as a whole."""
    model = FakeSpeechModel()
    async with fake_tts(model, LONG_TIMEOUTS) as tts:
        utterance, playing = await start_prefetch(tts, model, "i said no.")
        utterance.feed("body")
        utterance.finish()
        pcm = await playing
    assert len(pcm) == len("i said no.body") * PHONEME_BYTES
    assert "".join(model.units) == "i" + "i said no.body"


async def test_each_client_has_one_prefetch() -> None:
    """Its streams would else take the time of others, who wait for their turn."""
    model = FakeSpeechModel()
    async with fake_tts(model, LONG_TIMEOUTS) as tts:
        utterances = [tts.utterance(client=client) for client in ("kitchen", "kitchen", "attic")]
        playing = []
        for utterance, text in zip(utterances, ("let me see.", "it is late.", "one moment."), strict=True):
            utterance.feed(text)
            playing.append(asyncio.create_task(all_pcm(utterance)))
            await asyncio.sleep(0.05)
            await wait_until(lambda: model.units)
        await wait_until(lambda: model.units == ["l", "o"])
        playing[0].cancel()
        await asyncio.wait(playing[:1])
        utterances[1].feed(" Is it? ")
        utterances[1].finish()
        assert len(await playing[1]) == len("it is late.is it?") * PHONEME_BYTES
        playing[2].cancel()
        await asyncio.wait(playing)


async def test_prefetch_waits_for_streams_that_speak() -> None:
    model = FakeSpeechModel()
    async with fake_tts(model, LONG_TIMEOUTS) as tts:
        speaking = asyncio.create_task(pcm_of(tts.utterance(client="kitchen"), "spoken text " * 20))
        partial = tts.utterance(client="attic")
        partial.feed("Zyz zyz.")
        prefetching = asyncio.create_task(all_pcm(partial))
        await speaking
        spoken = "".join(model.units)
        assert "z" not in spoken[: len("spoken text " * 20) - 1]
        prefetching.cancel()
        await asyncio.wait([prefetching])


async def test_cancelled_request_stops_its_prefetch() -> None:
    model = FakeSpeechModel()
    async with fake_tts(model, LONG_TIMEOUTS) as tts:
        _, playing = await start_prefetch(tts, model, "let me see.")
        playing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await playing
    assert model.units == ["l"]
