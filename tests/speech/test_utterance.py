from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.synthesis.utterances import (
    LONG_TIMEOUTS,
    NO_PAUSES,
    PAUSES,
    PHONEME_BYTES,
    all_pcm,
    finished,
    pcm_of,
)
from tests.helpers.waiting import TIMEOUT_SECONDS
from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro.api.speech_models import SpeechStyle
from wyoming_kokoro.api.text import TextFilter
from wyoming_kokoro.config import AudioConfig, Config, ServerConfig, SpeechConfig, VoiceAlias
from wyoming_kokoro.errors import TextTooLong, UnknownVoice, UnsupportedLanguage
from wyoming_kokoro.speech.utterance import MAX_PARSED_CHARACTERS, SILENT_TEXT_MS
from wyoming_kokoro.testing import FakeSpeechModel, fake_tts
from wyoming_kokoro.types import SAMPLE_RATE


async def test_each_phoneme_is_synthesized_once_and_in_order() -> None:
    model = FakeSpeechModel()
    async with fake_tts(model, NO_PAUSES) as tts:
        pcm = await pcm_of(tts.utterance(), "hello there.")
    assert "".join(model.units) == "hello there."
    assert len(pcm) == len("hello there.") * PHONEME_BYTES


@pytest.mark.parametrize("text", ["", "  \n ", "🌤️🎉", "***"])
async def test_text_without_sound_becomes_silence(text: str) -> None:
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        pcm = await pcm_of(tts.utterance(), text)
    assert len(pcm) == 2 * 24 * SILENT_TEXT_MS
    assert not np.frombuffer(pcm, np.int16).any()


async def test_reading_a_long_text_lets_other_tasks_run() -> None:
    """Nothing of it can be spoken before the end of the silent block."""
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        utterance = finished(tts.utterance(), f"<think>{'a ' * 45_000}</think>hello.")
        speaking, steps = asyncio.ensure_future(anext(pcm := utterance.pcm())), 0
        while not speaking.done():
            steps += 1
            await asyncio.sleep(0)
        assert steps > 90_000 / MAX_PARSED_CHARACTERS
        await pcm.aclose()


async def test_pauses_have_the_configured_length() -> None:
    async with fake_tts(FakeSpeechModel(), PAUSES) as tts:
        pcm = np.frombuffer(await pcm_of(tts.utterance(), "abc. def."), np.int16)
    assert len(pcm) * 2 == 8 * PHONEME_BYTES + 2 * 24 * (10 + 100 + 40)
    assert not pcm[: 24 * 10].any()
    assert not pcm[-24 * 40 :].any()


async def test_rate_changes_the_samples_but_not_the_duration() -> None:
    async with fake_tts(FakeSpeechModel(), PAUSES) as tts:
        original = await pcm_of(tts.utterance(), "abc. def.")
        for rate in (22_050, 16_000, 48_000):
            pcm = await pcm_of(tts.utterance(rate=rate), "abc. def.")
            assert abs(len(pcm) // 2 - len(original) // 2 * rate / SAMPLE_RATE) <= 0.5


@pytest.mark.parametrize("text", ["", "***"])
async def test_silence_has_the_configured_rate(text: str) -> None:
    async with fake_tts(FakeSpeechModel(), replace(NO_PAUSES, audio=AudioConfig(16_000))) as tts:
        pcm = await pcm_of(tts.utterance(), text)
    assert len(pcm) == 2 * 16 * SILENT_TEXT_MS


@pytest.mark.parametrize("rate", [22_050, 16_000, 48_000])
async def test_resampler_holds_back_nothing_while_the_next_text_is_late(rate: int) -> None:
    """The end of the sentence would else play as a scrap of sound after the wait."""
    speech = SpeechConfig(lead_in_ms=0, tail_ms=80, clause_ms=0, sentence_ms=60, paragraph_ms=0)
    config = replace(NO_PAUSES, speech=speech)
    async with fake_tts(FakeSpeechModel(), config) as tts:
        utterance = tts.utterance(rate=rate)
        utterance.feed("Let me look that up.")
        stream, samples = utterance.pcm(), 0
        expected = len("Let me look that up.") * PHONEME_BYTES // 2 * rate / SAMPLE_RATE
        while samples < expected:
            samples += len(await asyncio.wait_for(anext(stream), TIMEOUT_SECONDS)) // 2
        utterance.feed(" Here it is.")
        utterance.finish()
        samples += sum([len(chunk) // 2 async for chunk in stream])
        whole = await pcm_of(tts.utterance(), "Let me look that up. Here it is.")
    assert abs(samples - len(whole) // 2 * rate / SAMPLE_RATE) <= 0.5


async def test_rate_of_a_voice_overrides_that_of_all_and_a_requested_rate_overrides_both() -> None:
    config = Config(audio=AudioConfig(22_050), voices={"kitchen": VoiceAlias("af_heart", rate=16_000)})
    async with fake_tts(FakeSpeechModel(), config) as tts:
        assert tts.utterance().rate == 22_050
        assert tts.utterance("kitchen").rate == 16_000
        assert tts.utterance("kitchen", rate=48_000).rate == 48_000
        tts.apply_config(replace(config, audio=AudioConfig(48_000), voices={"kitchen": VoiceAlias("af_heart")}), {})
        assert (tts.utterance().rate, tts.utterance("kitchen").rate) == (48_000, 48_000)


async def test_first_clause_plays_before_its_sentence_is_complete() -> None:
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        utterance = tts.utterance()
        utterance.feed("After the storm was over at last, we went")
        stream = utterance.pcm()
        first = await asyncio.wait_for(anext(stream), TIMEOUT_SECONDS)
        utterance.feed(" outside.")
        utterance.finish()
        rest = b"".join([chunk async for chunk in stream])
    assert len(first) > 0
    phonemes = len("After the storm was over at last,") + len("we went outside.")
    assert len(first + rest) == phonemes * PHONEME_BYTES


async def test_long_sentence_without_comma_starts_before_it_is_complete() -> None:
    """It is split before a preposition."""
    model = FakeSpeechModel()
    async with fake_tts(model, LONG_TIMEOUTS) as tts:
        utterance = tts.utterance()
        utterance.feed("the forecast for today is mostly sunny with a chance of a few clouds")
        stream = utterance.pcm()
        await asyncio.wait_for(anext(stream), TIMEOUT_SECONDS)
        utterance.feed(" in the west.")
        utterance.finish()
        async for _ in stream:
            pass
    expected = "the forecast for today is mostly sunny," + "with a chance of a few clouds in the west."
    assert "".join(model.units) == expected


async def test_complete_text_is_not_split_while_its_end_arrives() -> None:
    observations: list[Observation] = []
    async with fake_tts(FakeSpeechModel(), NO_PAUSES, observe=observations.append) as tts:
        utterance = tts.utterance()
        utterance.feed("Emma, please come to the kitchen")
        playing = asyncio.create_task(all_pcm(utterance))
        for _ in range(5):
            await asyncio.sleep(0)
        utterance.finish()
        await playing
    assert [item.text for item in observations if isinstance(item, SegmentFinished)] == [
        "Emma, please come to the kitchen"
    ]


async def test_complete_sentence_plays_after_a_pause_in_the_text() -> None:
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        utterance = tts.utterance()
        utterance.feed("Let me look that up.")
        stream = utterance.pcm()
        assert len(await asyncio.wait_for(anext(stream), TIMEOUT_SECONDS)) > 0
        await stream.aclose()


@pytest.mark.parametrize("text", ["½" * 100_000, "½ " * 50_000, "½. " * 30_000])
async def test_text_with_hours_of_speech_is_refused(text: str) -> None:
    """A few characters can be many words. It is refused before it is spoken, if its first segment is like the rest."""
    spell = TextFilter("fractions", 20, lambda text: text.replace("½", " one half "))
    model = FakeSpeechModel()
    async with fake_tts(model, NO_PAUSES, filters=[spell]) as tts:
        utterance = tts.utterance()
        with pytest.raises(
            TextTooLong, match=r"more than 7200 s of audio; send it in parts or raise max_audio_seconds"
        ):
            await pcm_of(utterance, text)
    assert model.units == []


async def test_speech_ends_with_an_error_at_the_longest_audio() -> None:
    config = replace(NO_PAUSES, server=replace(NO_PAUSES.server, max_audio_seconds=2))
    async with fake_tts(FakeSpeechModel(), config) as tts:
        utterance, lengths = tts.utterance(), list[int]()
        utterance.feed("One two. " * 6)
        utterance.finish()

        async def play() -> None:
            async for chunk in utterance.pcm():
                lengths.append(len(chunk))

        with pytest.raises(TextTooLong):
            await play()
        assert 0 < sum(lengths) <= 2 * 2 * SAMPLE_RATE


async def test_longest_text_of_usual_words_is_spoken() -> None:
    """Its first segment may have more sounds than the rest."""
    model = FakeSpeechModel()
    async with fake_tts(model, replace(NO_PAUSES, server=ServerConfig())) as tts:
        utterance = tts.utterance()
        utterance.feed("1234567890 is a number. " + "The quick brown fox jumps over the lazy dog. " * 2200)
        utterance.finish()
        stream = utterance.pcm()
        assert len(await anext(stream)) > 0
        await stream.aclose()


async def test_unfinished_text_plays_after_the_stream_timeout() -> None:
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        utterance = tts.utterance()
        utterance.feed("and then he")
        pcm = await asyncio.wait_for(all_pcm(utterance), 60)
    assert len(pcm) == len("and then he") * PHONEME_BYTES


async def test_stream_without_text_ends_after_the_timeout() -> None:
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        pcm = await asyncio.wait_for(all_pcm(tts.utterance()), 60)
    assert len(pcm) == 48 * SILENT_TEXT_MS


@pytest.mark.parametrize("steps", range(8))
async def test_request_can_be_cancelled_at_any_step(steps: int) -> None:
    """Even in the step in which the text ends."""
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        utterance = tts.utterance()
        playing = asyncio.create_task(all_pcm(utterance))
        await asyncio.sleep(0)
        utterance.feed("hello there.")
        utterance.finish()
        for _ in range(steps):
            await asyncio.sleep(0)
        playing.cancel()
        await asyncio.wait({playing}, timeout=60)
        assert playing.cancelled()


async def test_closed_stream_runs_no_further_unit() -> None:
    model = FakeSpeechModel()
    async with fake_tts(model, NO_PAUSES) as tts:
        utterance = tts.utterance()
        utterance.feed("a" * 300 + ".")
        utterance.finish()
        stream = utterance.pcm()
        await anext(stream)
        await stream.aclose()
        await asyncio.sleep(0.05)
        units = len(model.units)
        await asyncio.sleep(0.05)
    assert len(model.units) == units < 10


async def test_volume_scales_the_level() -> None:
    config = replace(NO_PAUSES, voice=replace(NO_PAUSES.voice, volume=0.5))
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as loud, fake_tts(FakeSpeechModel(), config) as soft:
        a = np.frombuffer(await pcm_of(loud.utterance(), "abc."), np.int16)
        b = np.frombuffer(await pcm_of(soft.utterance(), "abc."), np.int16)
    assert abs(b.max() / a.max() - 0.5) < 0.01


async def test_too_long_text_is_rejected_across_pieces() -> None:
    config = replace(NO_PAUSES, server=replace(NO_PAUSES.server, max_text_characters=10))
    async with fake_tts(FakeSpeechModel(), config) as tts:
        utterance = tts.utterance()
        utterance.feed("123456")
        with pytest.raises(TextTooLong, match="more than 10 characters; send it in parts or raise max_text_characters"):
            utterance.feed("789012")


async def test_voice_is_resolved_by_name_then_language_then_default() -> None:
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        assert tts.utterance("bf_emma").voice.name == "bf_emma"
        assert tts.utterance(language="en_GB").voice.name == "bf_emma"
        assert tts.utterance(language="en").voice.name == "af_heart"
        assert tts.utterance().voice.name == "af_heart"
        with pytest.raises(UnknownVoice, match="af_heart"):
            tts.utterance("af_hart")
        assert tts.utterance("af_heart", "en-US", "bf_emma").voice.name == "bf_emma"
        with pytest.raises(UnsupportedLanguage, match="en-GB, en-US"):
            tts.utterance(language="fi")


async def test_style_changes_speed_volume_and_language() -> None:
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        normal = await pcm_of(tts.utterance(), "hello")
        fast = await pcm_of(tts.utterance(style=SpeechStyle(speed=9.0)), "hello")
        quiet = await pcm_of(tts.utterance(style=SpeechStyle(volume=0.5)), "hello")
        british = tts.utterance(style=SpeechStyle(language="en_gb"))
        same = tts.utterance(style=SpeechStyle(language="en"))
        with pytest.raises(UnsupportedLanguage, match="'tlh'"):
            tts.utterance(style=SpeechStyle(language="tlh"))
    assert len(fast) * 4 == pytest.approx(len(normal), abs=8)
    assert np.abs(np.frombuffer(quiet, np.int16)).max() * 2 == pytest.approx(
        np.abs(np.frombuffer(normal, np.int16)).max(), abs=2
    )
    assert (british.voice.language, same.voice.language) == ("en-GB", "en-US")
