"""What markup sounds like, and what the phrase cache keeps of it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.synthesis.utterances import LONG_TIMEOUTS, NO_PAUSES, pcm_of
from tests.helpers.text.segmentation import divide
from tests.helpers.waiting import TIMEOUT_SECONDS, wait_until
from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro.api.speech_models import MAX_MODEL_SPEED, MIN_MODEL_SPEED
from wyoming_kokoro.api.warmup import Phrase
from wyoming_kokoro.config import MarkupConfig, SpeechConfig, VoiceAlias, VoiceConfig
from wyoming_kokoro.errors import Overloaded, UnsupportedText
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.testing import FakeSpeechModel, fake_tts
from wyoming_kokoro.testing.fake_cache import FakePhraseCache
from wyoming_kokoro.types import Voice

PHONEME_SECONDS = 0.05


async def speak(tts: TextToSpeech, *deltas: str, text_format: str | None = None) -> np.ndarray:
    return np.frombuffer(await pcm_of(tts.utterance(text_format=text_format), *deltas), np.int16)


def milliseconds(pcm: np.ndarray) -> int:
    return round(len(pcm) / 24)


async def test_pause_has_its_length_and_replaces_the_pause_of_the_sentence() -> None:
    config = replace(NO_PAUSES, speech=SpeechConfig(lead_in_ms=10, tail_ms=40, sentence_ms=100))
    async with fake_tts(FakeSpeechModel(), config) as tts:
        assert milliseconds(await speak(tts, "abc.[pause:0.8s] def.")) == 8 * 50 + 10 + 800 + 40
        assert milliseconds(await speak(tts, "abc.[pause:0s] def.")) == 8 * 50 + 10 + 40
        assert milliseconds(await speak(tts, "[pause:0.8s]abc.[pause:1s]")) == 4 * 50 + 10 + 1800 + 40
        assert milliseconds(await speak(tts, "[pause:1s]")) == 1000 + 80
        pcm = await speak(tts, "abc.[pause:0.8s] def.")
    assert not pcm[24 * (10 + 200) : 24 * (10 + 200 + 800)].any()


async def test_pause_at_the_start_does_not_circumvent_the_limit_of_streams() -> None:
    config = replace(NO_PAUSES, server=replace(NO_PAUSES.server, max_streams=1, max_wait_seconds=0.0))
    async with fake_tts(FakeSpeechModel(), config) as tts:
        utterance = tts.utterance()
        utterance.feed("a" * 300 + ".")
        stream = utterance.pcm()
        await anext(stream)
        with pytest.raises(Overloaded):
            await speak(tts, "[pause:1s]def.")
        await stream.aclose()


async def test_breaks_of_ssml_have_the_configured_pauses() -> None:
    config = replace(NO_PAUSES, speech=SpeechConfig(0, 0, clause_ms=10, sentence_ms=100, paragraph_ms=1000))
    async with fake_tts(FakeSpeechModel(), config) as tts:
        text = "<speak><p><s>abc</s><s>def</s></p><p>xyz<break/>jkl</p></speak>"
        assert milliseconds(await speak(tts, text)) == 13 * 50 + 100 + 1000 + 10
        assert milliseconds(await speak(tts, "abc <emphasis>def</emphasis>", text_format="ssml")) > 7 * 50


async def test_speed_changes_the_length_and_stays_within_the_limits() -> None:
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        assert milliseconds(await speak(tts, "[rate:0.8]abc.[/rate] def.")) == 4 * 62.5 + 4 * 50
        assert milliseconds(await speak(tts, "[rate:0.25]abc.[/rate]")) == 4 * 200
        assert milliseconds(await speak(tts, "[rate:0.1]abc.[/rate]")) == 4 * 200
        assert milliseconds(await speak(tts, "<speak><prosody rate='400%'>abc.</prosody></speak>")) == 4 * 12.5
        assert milliseconds(await speak(tts, "[rate:9]abc.[/rate]")) == 4 * 12.5


async def test_model_speaks_at_a_speed_that_it_masters_and_the_cache_has_what_is_heard() -> None:
    cache, model = FakePhraseCache(), FakeSpeechModel()
    speeds: list[float] = []

    def synthesize(phonemes: str, voice: str, speed: float) -> UnitIterator:
        speeds.append(speed)
        return FakeSpeechModel.synthesize(model, phonemes, voice, speed)

    model.synthesize = synthesize  # type: ignore[method-assign]
    async with fake_tts(model, NO_PAUSES, cache=cache) as tts:
        first = [await speak(tts, f"[rate:{rate}]abc.[/rate]") for rate in (0.25, 0.8, 1, 4)]
        again = [await speak(tts, f"[rate:{rate}]abc.[/rate]") for rate in (0.25, 0.8, 1, 4)]
    assert speeds == [MIN_MODEL_SPEED, 0.8, 1, MAX_MODEL_SPEED]
    assert all(map(np.array_equal, first, again))
    recordings = {key.speed: len(recording.pcm) for key, recording in cache.recordings.items()}
    assert recordings == {speed: len(pcm) for speed, pcm in zip((0.25, 0.8, 1, 4), first, strict=True)}


async def test_one_recording_serves_all_volumes() -> None:
    cache, model = FakePhraseCache(), FakeSpeechModel()
    async with fake_tts(model, NO_PAUSES, cache=cache) as tts:
        loud = await speak(tts, "abc.")
        soft = await speak(tts, "[volume:0.5]abc.[/volume]")
        silent = await speak(tts, "[volume:0]abc.[/volume]")
    assert "".join(model.units) == "abc."
    assert abs(soft.max() / loud.max() - 0.5) < 0.01
    assert len(silent) == len(loud)
    assert not silent.any()


async def test_each_voice_speed_and_language_has_its_own_recording() -> None:
    cache, model = FakePhraseCache(), FakeSpeechModel()
    aliases = {"kitchen": VoiceAlias("bf_emma", speed=0.5)}
    async with fake_tts(model, replace(NO_PAUSES, voices=aliases), cache=cache) as tts:
        text = (
            "abc. [voice:bf_emma]abc.[/voice] [voice:kitchen]abc.[/voice]"
            " [voice:af_heart(0.5)+bf_emma(0.5)]abc.[/voice] [rate:0.8]abc.[/rate] [rate:0.8]abc.[/rate]"
            " [lang:en-GB]xyz.[/lang]"
        )
        await speak(tts, text)
        phrases = {(key.voice, key.speed, key.phonemes) for key in cache.recordings}
    assert phrases == {
        ("af_heart", 1.0, "abc."),
        ("bf_emma", 1.0, "abc."),
        ("bf_emma", 0.5, "abc."),
        ("af_heart+bf_emma", 1.0, "abc."),
        ("af_heart", 0.8, "abc."),
        ("af_heart", 1.0, "xyz."),
    }


@pytest.mark.parametrize(
    "text",
    [
        "Hello. [pause:0.2s] The washing machine is done.",
        "[pause:2s]This sentence is long enough that it would be split into two parts, if it were urgent by now.",
        "This sentence is long enough that it is split into two parts, because it is urgent by now. [rate:0.9]So.",
        "[voice:bf_emma]It is late[/voice], said [rate:0.8]the old clock[/rate]. [volume:0.5]Good night.",
        "<speak><p>It is late.</p><prosody rate='slow'>Good <emphasis>night</emphasis></prosody>.</speak>",
        "The code is [spell]ab12[/spell]. [lang:en-GB]Bye.[/lang]",
    ],
)
async def test_warmed_phrase_with_markup_is_cached(text: str) -> None:
    model = FakeSpeechModel()
    async with fake_tts(model, replace(NO_PAUSES, speech=SpeechConfig()), cache=FakePhraseCache()) as tts:
        assert not await tts.is_warm(Phrase(text))
        await tts.warm(Phrase(text))
        assert await tts.is_warm(Phrase(text))
        model.units.clear()
        utterance = tts.utterance()
        utterance.feed(text)
        utterance.finish()
        async for _ in utterance.pcm():
            pass
        assert utterance.cached
    assert model.units == []


async def test_observed_phrase_is_warmed_from_the_same_recordings() -> None:
    observed: list[Observation] = []
    model = FakeSpeechModel()
    text = "<speak><prosody rate='0.9' volume='50'>Hello <lang xml:lang='en-GB'>old</lang> friend.</prosody> Bye."
    async with fake_tts(model, NO_PAUSES, cache=FakePhraseCache(), observe=observed.append) as tts:
        await speak(tts, text)
        spoken = [item for item in observed if isinstance(item, SegmentFinished)]
        assert all([await tts.is_warm(Phrase(item.text, voice=item.voice)) for item in spoken])
    assert [item.text for item in spoken] == [
        "[rate:0.9]Hello,[/rate]",
        "[rate:0.9][lang:en-GB]old,[/lang][/rate]",
        "[rate:0.9]friend.[/rate]",
        "Bye.",
    ]


async def test_predicted_segment_with_markup_is_not_synthesized_twice() -> None:
    model = FakeSpeechModel()
    async with fake_tts(model, LONG_TIMEOUTS) as tts:
        utterance = tts.utterance()
        utterance.feed("[rate:0.5]let me see.")
        stream = utterance.pcm()
        first = asyncio.ensure_future(anext(stream))
        await wait_until(lambda: model.units == ["l"])
        utterance.feed("[/rate] And")
        await asyncio.wait_for(first, TIMEOUT_SECONDS)
        utterance.finish()
        async for _ in stream:
            pass
    assert "".join(model.units) == "let me see.and"


async def test_unknown_names_are_logged_once_without_the_text(caplog: pytest.LogCaptureFixture) -> None:
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        for _ in range(2):
            pcm = await speak(tts, "[voice:af_missing]secret[/voice][lang:xx]secret[/lang].")
    assert milliseconds(pcm) == len("secretsecret.") * 50
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert warnings == [
        "Markup names the unknown voice 'af_missing'; its text keeps the current voice",
        "Markup names the unknown language 'xx'; its text keeps the current language",
    ]


async def test_fallback_voice_has_the_style_too() -> None:
    voices = [Voice(name, "en-US", name) for name in ("af_heart", "af_bella")]
    config = replace(NO_PAUSES, voice=VoiceConfig(fallback="af_bella"))
    async with fake_tts(FakeSpeechModel(voices=["af_bella"]), config, voices) as tts:
        assert milliseconds(await speak(tts, "[rate:0.5]abc.[/rate]")) == 4 * 100


async def test_ssml_that_is_turned_off_is_an_error_only_if_the_client_names_it() -> None:
    async with fake_tts(FakeSpeechModel(), replace(NO_PAUSES, markup=MarkupConfig(ssml=False))) as tts:
        with pytest.raises(UnsupportedText, match=r"send plain text, or set \[markup\] ssml = true"):
            tts.utterance(text_format="ssml")
        assert milliseconds(await speak(tts, "<speak>abc.</speak>")) == len("speakabc.speak") * 50


DELTAS = st.lists(
    st.sampled_from(
        ["One. ", "two ", "three, ", "[pause:0.1s]", "[rate:0.9]", "[/rate]", "[voice:bf_emma]", "[/voice]", "[spell]",
         "[/spell]", "[volume:2]", "[/volume]", "[lang:en-GB]", "[/lang]", "[", "]", "[x](y) "]
    ),
    max_size=12,
)  # fmt: skip


@given(DELTAS, st.lists(st.integers(0, 1000), max_size=8), st.booleans())
@settings(max_examples=60)
def test_complete_text_sounds_the_same_in_any_deltas(parts: list[str], positions: list[int], is_ssml: bool) -> None:
    text = "".join(parts)
    if is_ssml:
        text = "<speak>" + text.replace("[", "<").replace("]", ">").replace("pause:", "break time=").replace(
            "rate:", "prosody rate="
        )

    async def compare() -> None:
        async with fake_tts(FakeSpeechModel(), NO_PAUSES, cache=FakePhraseCache()) as tts:
            whole = await speak(tts, text)
            assert (await speak(tts, *divide(text, positions)) == whole).all()

    asyncio.run(compare())
