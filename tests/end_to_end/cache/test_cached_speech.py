"""Cached phrases are not synthesized again, and warmup never delays a stream."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.synthesis.utterances import finished, pcm_of
from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro.api.warmup import Phrase
from wyoming_kokoro.config import Config, SpeechConfig, VoiceAlias
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.testing import FakePhraseCache, FakeSpeechModel, fake_tts

NO_PAUSES = Config(speech=SpeechConfig(tail_ms=0, sentence_ms=0, clause_ms=0, paragraph_ms=0))


async def speak(tts: TextToSpeech, text: str, voice: str | None = None) -> bytes:
    return await pcm_of(tts.utterance(voice), text)


async def test_repeated_text_is_not_synthesized_and_is_bit_identical() -> None:
    model, cache = FakeSpeechModel(), FakePhraseCache()
    async with fake_tts(model, NO_PAUSES, cache=cache) as tts:
        first = await speak(tts, "The door is open.")
        unit_count = len(model.units)
        assert unit_count
        assert await speak(tts, "The door is open.") == first
    async with fake_tts(model, NO_PAUSES, cache=cache) as tts:
        assert await speak(tts, "The door is open.") == first
    assert len(model.units) == unit_count
    assert (cache.hits, cache.misses) == (2, 1)


@pytest.mark.parametrize("changed", ["voice", "speed", "text", "model"])
async def test_request_with_another_key_is_synthesized(changed: str) -> None:
    model, cache = FakeSpeechModel(), FakePhraseCache()
    async with fake_tts(model, NO_PAUSES, cache=cache) as tts:
        await speak(tts, "Yes.")
    unit_count = len(model.units)
    model.fingerprint = "another" if changed == "model" else "fake"
    config = replace(NO_PAUSES, voice=replace(NO_PAUSES.voice, speed=1.5)) if changed == "speed" else NO_PAUSES
    async with fake_tts(model, config, cache=cache) as tts:
        await speak(tts, "No." if changed == "text" else "Yes.", "bf_emma" if changed == "voice" else None)
    assert len(model.units) > unit_count
    assert len(cache.recordings) == 2


async def test_volume_and_fades_are_applied_to_cached_audio() -> None:
    model, cache = FakeSpeechModel(), FakePhraseCache()
    async with fake_tts(model, NO_PAUSES, cache=cache) as tts:
        loud = np.frombuffer(await speak(tts, "Yes."), "<i2")
    (recording,) = cache.recordings.values()
    cached = recording.pcm
    assert np.array_equal(cached[1000:-1000], loud[1000:-1000])
    assert cached[1] != loud[1]
    config = replace(NO_PAUSES, voice=replace(NO_PAUSES.voice, volume=0.5))
    async with fake_tts(model, config, cache=cache) as tts:
        soft = np.frombuffer(await speak(tts, "Yes."), "<i2")
    assert cache.hits == 1
    assert np.abs(soft - loud / 2).max() <= 1


CUSTOM_VOICES = replace(
    NO_PAUSES,
    voices={
        "kitchen": VoiceAlias("af_heart", volume=0.5),
        "hall": VoiceAlias("af_heart", speed=1.1),
        "both": VoiceAlias("bf_emma*2+af_heart*4"),
    },
)


async def test_configured_voice_shares_recordings_with_its_base() -> None:
    """Its name, description and volume are not part of the key; its speed is."""
    model, cache = FakeSpeechModel(), FakePhraseCache()
    async with fake_tts(model, CUSTOM_VOICES, cache=cache) as tts:
        loud = np.frombuffer(await speak(tts, "Yes."), "<i2")
        unit_count = len(model.units)
        soft = np.frombuffer(await speak(tts, "Yes.", "kitchen"), "<i2")
        assert len(model.units) == unit_count
        assert np.abs(soft - loud / 2).max() <= 1
        assert await tts.is_warm(Phrase("Yes.", voice="kitchen"))
        assert not await tts.is_warm(Phrase("Yes.", voice="hall"))
        await tts.warm(Phrase("Yes.", voice="hall"))
    assert [(key.voice, key.speed) for key in cache.recordings] == [("af_heart", 1.0), ("af_heart", 1.1)]


async def test_blend_is_cached_by_its_parts() -> None:
    """Its name and the order of its parts are not part of the key."""
    model, cache = FakeSpeechModel(), FakePhraseCache()
    async with fake_tts(model, CUSTOM_VOICES, cache=cache) as tts:
        await speak(tts, "Yes.", "both")
        unit_count = len(model.units)
        await speak(tts, "Yes.", "af_heart*2 + bf_emma")
    renamed = replace(NO_PAUSES, voices={"duo": CUSTOM_VOICES.voices["both"], "both": VoiceAlias("bf_emma")})
    async with fake_tts(model, renamed, cache=cache) as tts:
        await speak(tts, "Yes.", "duo")
        assert len(model.units) == unit_count
        await speak(tts, "Yes.", "both")
    assert [key.voice for key in cache.recordings] == ["af_heart*2+bf_emma", "bf_emma"]


async def test_speeds_are_multiplied_and_rounded() -> None:
    cache = FakePhraseCache()
    config = replace(CUSTOM_VOICES, voice=replace(CUSTOM_VOICES.voice, speed=1.2))
    async with fake_tts(FakeSpeechModel(), config, cache=cache) as tts:
        await speak(tts, "Yes.", "hall")
    assert [key.speed for key in cache.recordings] == [1.32]


async def test_partial_recording_is_not_cached() -> None:
    cache = FakePhraseCache()
    async with fake_tts(FakeSpeechModel(), NO_PAUSES, cache=cache) as tts:
        utterance = finished(tts.utterance(), "A long sentence whose client disconnects.")
        async with aclosing(utterance.pcm()) as chunks:
            await anext(chunks)
    assert not cache.recordings


async def test_recording_of_two_providers_is_not_cached() -> None:
    class SwitchingModel(FakeSpeechModel):
        def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
            yield from super().synthesize(phonemes, voice, speed)
            self.fingerprint = "other"

    cache = FakePhraseCache()
    async with fake_tts(SwitchingModel(), NO_PAUSES, cache=cache) as tts:
        await speak(tts, "Yes.")
    assert not cache.recordings


async def test_warmed_text_is_played_from_the_cache() -> None:
    """Warmup splits it into the same segments as a request."""
    text = "The kitchen light is on. The door, which you asked about, is closed. " + "And it goes on and on, " * 8
    model, cache = FakeSpeechModel(), FakePhraseCache()
    async with fake_tts(model, NO_PAUSES, cache=cache) as tts:
        assert not await tts.is_warm(Phrase(text))
        result = await tts.warm(Phrase(text))
        assert result.speech_seconds == pytest.approx(0.05 * len(model.units))
        assert result.work_seconds > 0
        assert await tts.is_warm(Phrase(text))
        assert not await tts.is_warm(Phrase(text, voice="bf_emma"))
        again = await tts.warm(Phrase(text))
        assert (again.work_seconds, again.speech_seconds) == (0, 0)
        assert (cache.hits, cache.misses) == (0, 0)
        unit_count = len(model.units)
        await speak(tts, text)
    assert len(model.units) == unit_count
    assert cache.misses == 0


async def test_stream_precedes_warmup() -> None:
    """Warmup pauses after its current unit and continues after the stream."""

    class RecordingModel(FakeSpeechModel):
        def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
            for chunk in super().synthesize(phonemes, voice, speed):
                self.unit_voices.append(voice)
                yield chunk

        unit_voices: list[str] = []  # noqa: RUF012 one instance only

    model = RecordingModel()
    async with fake_tts(model, NO_PAUSES, cache=FakePhraseCache()) as tts:
        warming = asyncio.create_task(tts.warm(Phrase("a" * 60 + " " + "b" * 60)))
        while len(model.unit_voices) < 5:  # noqa: ASYNC110 the units come from another thread
            await asyncio.sleep(0)
        before = len(model.unit_voices)
        await speak(tts, "I am in a hurry.", "bf_emma")
        during = model.unit_voices[before:]
        # Warmup continues while the text of the stream becomes phonemes.
        first, last = during.index("bf_emma"), len(during) - during[::-1].index("bf_emma")
        assert during[first:last].count("af_heart") <= 2
        await warming
        assert len(model.unit_voices) > 120


async def test_streams_are_observed_and_warmup_is_not() -> None:
    observations: list[Observation] = []
    async with fake_tts(FakeSpeechModel(), NO_PAUSES, cache=FakePhraseCache(), observe=observations.append) as tts:
        await tts.warm(Phrase("Yes."))
        assert not observations
        await speak(tts, "Yes. No.", "bf_emma")
        await speak(tts, "No.", "bf_emma")
    segments = [item for item in observations if isinstance(item, SegmentFinished)]
    assert [(item.text, item.voice, item.cached) for item in segments] == [
        ("Yes.", "bf_emma", False),
        ("No.", "bf_emma", False),
        ("No.", "bf_emma", True),
    ]
    assert segments[1].seconds == pytest.approx(segments[2].seconds) == pytest.approx(0.15)


async def test_idle_timer_counts_streams_and_not_warmup() -> None:
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        utterance = tts.utterance()
        utterance.feed("Yes.")
        async with aclosing(utterance.pcm()) as chunks:
            await anext(chunks)
            assert tts.idle_timer.seconds == 0
        await asyncio.sleep(0.01)
        assert tts.idle_timer.seconds > 0
        await tts.warm(Phrase("Yes."))
        assert tts.idle_timer.seconds > 0
