from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro.config import Config, ServerConfig, SpeechConfig
from wyoming_kokoro.errors import TextTooLong, UnknownVoice, UnsupportedLanguage, UnsupportedText
from wyoming_kokoro.speech.utterance import SILENT_TEXT_MS, Utterance
from wyoming_kokoro.testing import FakeSpeechModel, fake_tts

QUIET = Config(
    speech=SpeechConfig(lead_in_ms=0, tail_ms=0, clause_ms=0, sentence_ms=0, paragraph_ms=0),
    server=ServerConfig(sentence_timeout_seconds=0.05, stream_timeout_seconds=0.3),
)
PATIENT = replace(QUIET, server=ServerConfig(sentence_timeout_seconds=30, stream_timeout_seconds=60))
PHONEME_BYTES = 2 * 24_000 // 20


async def heard(utterance: Utterance) -> bytes:
    return b"".join([chunk async for chunk in utterance.pcm()])


def feed_all(utterance: Utterance, pieces: list[str]) -> None:
    for piece in pieces:
        utterance.feed(piece)


async def said(utterance: Utterance, text: str) -> bytes:
    utterance.feed(text)
    utterance.finish()
    return await heard(utterance)


async def test_every_phoneme_is_spoken_once() -> None:
    """The sound of a plain text is as long as its phonemes, and each was made once, in order."""
    synthesis = FakeSpeechModel()
    async with fake_tts(synthesis, QUIET) as narrator:
        pcm = await said(narrator.utterance(), "hello there.")
    assert "".join(synthesis.units) == "hello there."
    assert len(pcm) == len("hello there.") * PHONEME_BYTES


@pytest.mark.parametrize("text", ["", "  \n ", "🌤️🎉", "***"])
async def test_text_without_sound_is_a_short_silence(text: str) -> None:
    """Empty or unspeakable text gives a little silence, never nothing."""
    async with fake_tts(FakeSpeechModel(), QUIET) as narrator:
        pcm = await said(narrator.utterance(), text)
    assert len(pcm) == 2 * 24 * SILENT_TEXT_MS
    assert not np.frombuffer(pcm, np.int16).any()


async def test_pauses_stand_between_sentences_and_around_them() -> None:
    """Lead-in, sentence pause and tail are silences of exactly the configured length."""
    speech = SpeechConfig(lead_in_ms=10, tail_ms=40, clause_ms=0, sentence_ms=100, paragraph_ms=0)
    async with fake_tts(FakeSpeechModel(), replace(QUIET, speech=speech)) as narrator:
        pcm = np.frombuffer(await said(narrator.utterance(), "abc. def."), np.int16)
    assert len(pcm) * 2 == 8 * PHONEME_BYTES + 2 * 24 * (10 + 100 + 40)
    assert not pcm[: 24 * 10].any()
    assert not pcm[-24 * 40 :].any()


async def test_the_first_clause_is_spoken_before_its_sentence_is_complete() -> None:
    """The sound of a complete first clause comes while the rest of the sentence is still missing."""
    async with fake_tts(FakeSpeechModel(), QUIET) as narrator:
        utterance = narrator.utterance()
        utterance.feed("After the storm was over at last, we went")
        stream = utterance.pcm()
        first = await asyncio.wait_for(anext(stream), 5)
        utterance.feed(" outside.")
        utterance.finish()
        rest = b"".join([chunk async for chunk in stream])
    assert len(first) > 0
    phonemes = len("After the storm was over at last,") + len("we went outside.")
    assert len(first + rest) == phonemes * PHONEME_BYTES


async def test_a_long_sentence_is_begun_before_it_is_complete() -> None:
    """It has no mark yet, but a place to breathe."""
    synthesis = FakeSpeechModel()
    async with fake_tts(synthesis, PATIENT) as narrator:
        utterance = narrator.utterance()
        utterance.feed("the forecast for today is mostly sunny with a chance of a few clouds")
        stream = utterance.pcm()
        await asyncio.wait_for(anext(stream), 5)
        utterance.feed(" in the west.")
        utterance.finish()
        async for _ in stream:
            pass
    spoken = "the forecast for today is mostly sunny," + "with a chance of a few clouds in the west."
    assert "".join(synthesis.units) == spoken


async def test_what_is_sent_at_once_is_cut_alike_every_time() -> None:
    """The end of a text comes right behind it: no clause of it is cut off meanwhile."""
    seen: list[Observation] = []
    async with fake_tts(FakeSpeechModel(), QUIET, observe=seen.append) as narrator:
        utterance = narrator.utterance()
        utterance.feed("Emma, please come to the kitchen")
        hearing = asyncio.create_task(heard(utterance))
        for _ in range(5):
            await asyncio.sleep(0)
        utterance.finish()
        await hearing
    assert [item.text for item in seen if isinstance(item, SegmentFinished)] == ["Emma, please come to the kitchen"]


async def test_a_finished_sentence_does_not_wait_for_more_text() -> None:
    """After a pause without new text a sentence that reads as finished is spoken."""
    async with fake_tts(FakeSpeechModel(), QUIET) as narrator:
        utterance = narrator.utterance()
        utterance.feed("Let me look that up.")
        stream = utterance.pcm()
        assert len(await asyncio.wait_for(anext(stream), 5)) > 0
        await stream.aclose()


async def made(synthesis: FakeSpeechModel, phonemes: str) -> None:
    """Wait until so much is made."""
    while "".join(synthesis.units) != phonemes:  # noqa: ASYNC110 the units come from another thread
        await asyncio.sleep(0.001)


async def test_what_reads_as_finished_is_begun_before_it_is_certain() -> None:
    """It is not heard before, and not made a second time after."""
    synthesis = FakeSpeechModel()
    async with fake_tts(synthesis, PATIENT) as narrator:
        utterance = narrator.utterance()
        utterance.feed("let me see.")
        stream = utterance.pcm()
        first = asyncio.ensure_future(anext(stream))
        await asyncio.wait_for(made(synthesis, "l"), 5)
        await asyncio.sleep(0.05)
        assert not first.done()
        assert synthesis.units == ["l"]
        utterance.feed(" And")
        pcm = await asyncio.wait_for(first, 5)
        utterance.finish()
        pcm += b"".join([chunk async for chunk in stream])
    assert len(pcm) == len("let me see.And") * PHONEME_BYTES
    assert "".join(synthesis.units) == "let me see.and"


async def test_what_was_begun_in_vain_is_dropped() -> None:
    """A sentence that goes on after all is spoken as it is."""
    synthesis = FakeSpeechModel()
    async with fake_tts(synthesis, PATIENT) as narrator:
        utterance = narrator.utterance()
        utterance.feed("i said no.")
        hearing = asyncio.create_task(heard(utterance))
        await asyncio.wait_for(made(synthesis, "i"), 5)
        utterance.feed("body")
        utterance.finish()
        pcm = await hearing
    assert len(pcm) == len("i said no.body") * PHONEME_BYTES
    assert "".join(synthesis.units) == "i" + "i said no.body"


async def test_who_leaves_before_anything_is_certain_stops_the_work() -> None:
    synthesis = FakeSpeechModel()
    async with fake_tts(synthesis, PATIENT) as narrator:
        utterance = narrator.utterance()
        utterance.feed("let me see.")
        hearing = asyncio.create_task(heard(utterance))
        await asyncio.wait_for(made(synthesis, "l"), 5)
        hearing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hearing
    assert synthesis.units == ["l"]


async def test_a_stream_without_end_is_finished_after_a_while() -> None:
    """Text that is never finished is spoken to its end after the idle time, and the sound ends."""
    async with fake_tts(FakeSpeechModel(), QUIET) as narrator:
        utterance = narrator.utterance()
        utterance.feed("and then he")
        pcm = await asyncio.wait_for(heard(utterance), 10)
    assert len(pcm) == len("and then he") * PHONEME_BYTES


async def test_a_stream_without_text_ends_after_a_while() -> None:
    async with fake_tts(FakeSpeechModel(), QUIET) as narrator:
        pcm = await asyncio.wait_for(heard(narrator.utterance()), 10)
    assert len(pcm) == 48 * SILENT_TEXT_MS


@pytest.mark.parametrize("moments", range(8))
async def test_leaving_at_any_moment_is_noticed(moments: int) -> None:
    """Also at the very moment at which the text is complete."""
    async with fake_tts(FakeSpeechModel(), QUIET) as narrator:
        utterance = narrator.utterance()
        hearing = asyncio.create_task(heard(utterance))
        await asyncio.sleep(0)
        utterance.feed("hello there.")
        utterance.finish()
        for _ in range(moments):
            await asyncio.sleep(0)
        hearing.cancel()
        await asyncio.wait({hearing}, timeout=5)
        assert hearing.cancelled()


async def test_leaving_stops_the_work() -> None:
    """When whoever listens goes away, no further unit is made."""
    synthesis = FakeSpeechModel()
    async with fake_tts(synthesis, QUIET) as narrator:
        utterance = narrator.utterance()
        utterance.feed("a" * 300 + ".")
        utterance.finish()
        stream = utterance.pcm()
        await anext(stream)
        await stream.aclose()
        await asyncio.sleep(0.05)
        made = len(synthesis.units)
        await asyncio.sleep(0.05)
    assert len(synthesis.units) == made < 10


async def test_volume_scales_and_limits() -> None:
    """A volume of one half gives half the level of the same speech."""
    config = replace(QUIET, voice=replace(QUIET.voice, volume=0.5))
    async with fake_tts(FakeSpeechModel(), QUIET) as loud, fake_tts(FakeSpeechModel(), config) as soft:
        a = np.frombuffer(await said(loud.utterance(), "abc."), np.int16)
        b = np.frombuffer(await said(soft.utterance(), "abc."), np.int16)
    assert abs(b.max() / a.max() - 0.5) < 0.01


async def test_too_long_a_text_is_refused() -> None:
    """A text beyond the limit is refused with the limit and what to do, also when it comes in pieces."""
    config = replace(QUIET, server=replace(QUIET.server, max_text_characters=10))
    async with fake_tts(FakeSpeechModel(), config) as narrator:
        utterance = narrator.utterance()
        utterance.feed("123456")
        with pytest.raises(TextTooLong, match="10 characters"):
            utterance.feed("789012")


@pytest.mark.parametrize("pieces", [["<speak>hi</speak>"], [" <", "SPE", "AK", ">hi"]])
async def test_ssml_is_refused(pieces: list[str]) -> None:
    """SSML is refused clearly, however it is cut."""
    async with fake_tts(FakeSpeechModel(), QUIET) as narrator:
        utterance = narrator.utterance()
        with pytest.raises(UnsupportedText, match="plain text"):
            feed_all(utterance, pieces)


async def test_voices_are_found_by_name_and_by_language() -> None:
    """A request is spoken by the named voice, else by the best of its language, else by the default."""
    async with fake_tts(FakeSpeechModel(), QUIET) as narrator:
        assert narrator.utterance("bf_emma").voice.name == "bf_emma"
        assert narrator.utterance(language="en_GB").voice.name == "bf_emma"
        assert narrator.utterance(language="en").voice.name == "af_heart"
        assert narrator.utterance().voice.name == "af_heart"
        with pytest.raises(UnknownVoice, match="af_heart"):
            narrator.utterance("af_hart")
        assert narrator.utterance("af_heart", "en-US", "bf_emma").voice.name == "bf_emma"
        with pytest.raises(UnsupportedLanguage, match="en-GB, en-US"):
            narrator.utterance(language="fi")
