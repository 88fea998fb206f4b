"""What was spoken once is not made again, and what is made in advance keeps nobody waiting."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import pytest

from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro.api.warmup import Phrase
from wyoming_kokoro.config import Config, SpeechConfig, VoiceAlias
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.testing import FakePhraseCache, FakeSpeechModel, fake_tts

QUIET = Config(speech=SpeechConfig(tail_ms=0, sentence_ms=0, clause_ms=0, paragraph_ms=0))


async def spoken(narrator: TextToSpeech, text: str, voice: str | None = None) -> bytes:
    utterance = narrator.utterance(voice)
    utterance.feed(text)
    utterance.finish()
    return b"".join([chunk async for chunk in utterance.pcm()])


async def test_the_second_time_nothing_is_made() -> None:
    """Neither phonemes nor sound; and it sounds the same to the bit."""
    synthesis, cache = FakeSpeechModel(), FakePhraseCache()
    async with fake_tts(synthesis, QUIET, cache=cache) as narrator:
        first = await spoken(narrator, "The door is open.")
        made = len(synthesis.units)
        assert made
        assert await spoken(narrator, "The door is open.") == first
    async with fake_tts(synthesis, QUIET, cache=cache) as narrator:
        assert await spoken(narrator, "The door is open.") == first
    assert len(synthesis.units) == made
    assert (cache.hits, cache.misses) == (2, 1)


@pytest.mark.parametrize("other", ["voice", "speed", "text", "model"])
async def test_what_differs_is_made(other: str) -> None:
    """A stale recording is never played."""
    synthesis, cache = FakeSpeechModel(), FakePhraseCache()
    async with fake_tts(synthesis, QUIET, cache=cache) as narrator:
        await spoken(narrator, "Yes.")
    made = len(synthesis.units)
    synthesis.fingerprint = "another" if other == "model" else "fake"
    config = replace(QUIET, voice=replace(QUIET.voice, speed=1.5)) if other == "speed" else QUIET
    async with fake_tts(synthesis, config, cache=cache) as narrator:
        await spoken(narrator, "No." if other == "text" else "Yes.", "bf_emma" if other == "voice" else None)
    assert len(synthesis.units) > made
    assert len(cache.recordings) == 2


async def test_volume_and_fades_come_after_the_cache() -> None:
    """A change of volume needs nothing made anew."""
    synthesis, cache = FakeSpeechModel(), FakePhraseCache()
    async with fake_tts(synthesis, QUIET, cache=cache) as narrator:
        loud = np.frombuffer(await spoken(narrator, "Yes."), "<i2")
    (recording,) = cache.recordings.values()
    kept = recording.pcm
    assert np.array_equal(kept[1000:-1000], loud[1000:-1000])
    assert kept[1] != loud[1]
    config = replace(QUIET, voice=replace(QUIET.voice, volume=0.5))
    async with fake_tts(synthesis, config, cache=cache) as narrator:
        soft = np.frombuffer(await spoken(narrator, "Yes."), "<i2")
    assert cache.hits == 1
    assert np.abs(soft - loud / 2).max() <= 1


HOUSE = replace(
    QUIET,
    voices={
        "kitchen": VoiceAlias("af_heart", volume=0.5),
        "hall": VoiceAlias("af_heart", speed=1.1),
        "both": VoiceAlias("bf_emma*2+af_heart*4"),
    },
)


async def test_an_own_voice_has_what_is_kept_of_its_base() -> None:
    """The name, the description and the volume of an own voice change nothing of what the model makes."""
    synthesis, cache = FakeSpeechModel(), FakePhraseCache()
    async with fake_tts(synthesis, HOUSE, cache=cache) as narrator:
        loud = np.frombuffer(await spoken(narrator, "Yes."), "<i2")
        made = len(synthesis.units)
        soft = np.frombuffer(await spoken(narrator, "Yes.", "kitchen"), "<i2")
        assert len(synthesis.units) == made
        assert np.abs(soft - loud / 2).max() <= 1
        assert await narrator.is_warm(Phrase("Yes.", voice="kitchen"))
        assert not await narrator.is_warm(Phrase("Yes.", voice="hall"))
        await narrator.warm(Phrase("Yes.", voice="hall"))
    assert [(key.voice, key.speed) for key in cache.recordings] == [("af_heart", 1.0), ("af_heart", 1.1)]


async def test_a_blend_is_kept_under_what_it_is_made_of() -> None:
    """However it is called or written; and what has its name after a change is made anew."""
    synthesis, cache = FakeSpeechModel(), FakePhraseCache()
    async with fake_tts(synthesis, HOUSE, cache=cache) as narrator:
        await spoken(narrator, "Yes.", "both")
        made = len(synthesis.units)
        await spoken(narrator, "Yes.", "af_heart*2 + bf_emma")
    renamed = replace(QUIET, voices={"duo": HOUSE.voices["both"], "both": VoiceAlias("bf_emma")})
    async with fake_tts(synthesis, renamed, cache=cache) as narrator:
        await spoken(narrator, "Yes.", "duo")
        assert len(synthesis.units) == made
        await spoken(narrator, "Yes.", "both")
    assert [key.voice for key in cache.recordings] == ["af_heart*2+bf_emma", "bf_emma"]


async def test_speeds_are_multiplied() -> None:
    """And what sounds the same has the same key, whatever floats make of the product."""
    cache = FakePhraseCache()
    config = replace(HOUSE, voice=replace(HOUSE.voice, speed=1.2))
    async with fake_tts(FakeSpeechModel(), config, cache=cache) as narrator:
        await spoken(narrator, "Yes.", "hall")
    assert [key.speed for key in cache.recordings] == [1.32]


async def test_half_a_recording_is_not_kept() -> None:
    """Somebody who goes away leaves nothing."""
    cache = FakePhraseCache()
    async with fake_tts(FakeSpeechModel(), QUIET, cache=cache) as narrator:
        utterance = narrator.utterance()
        utterance.feed("A long sentence that nobody hears to its end.")
        utterance.finish()
        async with aclosing(utterance.pcm()) as chunks:
            await anext(chunks)
    assert not cache.recordings


async def test_what_another_provider_finished_is_not_kept() -> None:
    """It would be kept under the name of the one that began."""

    class Switching(FakeSpeechModel):
        def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
            yield from super().synthesize(phonemes, voice, speed)
            self.fingerprint = "other"

    cache = FakePhraseCache()
    async with fake_tts(Switching(), QUIET, cache=cache) as narrator:
        await spoken(narrator, "Yes.")
    assert not cache.recordings


async def test_what_was_warmed_is_there() -> None:
    """All segments of it, cut as a client's are."""
    text = "The kitchen light is on. The door, which you asked about, is closed. " + "And it goes on and on, " * 8
    synthesis, cache = FakeSpeechModel(), FakePhraseCache()
    async with fake_tts(synthesis, QUIET, cache=cache) as narrator:
        assert not await narrator.is_warm(Phrase(text))
        warmth = await narrator.warm(Phrase(text))
        assert warmth.speech_seconds == pytest.approx(0.05 * len(synthesis.units))
        assert warmth.work_seconds > 0
        assert await narrator.is_warm(Phrase(text))
        assert not await narrator.is_warm(Phrase(text, voice="bf_emma"))
        again = await narrator.warm(Phrase(text))
        assert (again.work_seconds, again.speech_seconds) == (0, 0)
        assert (cache.hits, cache.misses) == (0, 0)
        made = len(synthesis.units)
        await spoken(narrator, text)
    assert len(synthesis.units) == made
    assert cache.misses == 0


async def test_whoever_listens_comes_before_what_is_warmed() -> None:
    """What is made for nobody stops after the unit that runs, and goes on behind."""

    class Noting(FakeSpeechModel):
        def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
            for chunk in super().synthesize(phonemes, voice, speed):
                self.said.append(voice)
                yield chunk

        said: list[str] = []  # noqa: RUF012 one instance only

    synthesis = Noting()
    async with fake_tts(synthesis, QUIET, cache=FakePhraseCache()) as narrator:
        warming = asyncio.create_task(narrator.warm(Phrase("a" * 60 + " " + "b" * 60)))
        while len(synthesis.said) < 5:  # noqa: ASYNC110 the engine's thread tells nobody
            await asyncio.sleep(0)
        begun = len(synthesis.said)
        await spoken(narrator, "I am in a hurry.", "bf_emma")
        during = synthesis.said[begun:]
        last = len(during) - during[::-1].index("bf_emma")
        assert during[:last].count("af_heart") <= 2
        await warming
        assert len(synthesis.said) > 120


async def test_segments_are_observed() -> None:
    """What was spoken, and whether it was there; what is warmed was spoken to nobody."""
    seen: list[Observation] = []
    async with fake_tts(FakeSpeechModel(), QUIET, cache=FakePhraseCache(), observe=seen.append) as narrator:
        await narrator.warm(Phrase("Yes."))
        assert not seen
        await spoken(narrator, "Yes. No.", "bf_emma")
        await spoken(narrator, "No.", "bf_emma")
    heard = [item for item in seen if isinstance(item, SegmentFinished)]
    assert [(item.text, item.voice, item.cached) for item in heard] == [
        ("Yes.", "bf_emma", False),
        ("No.", "bf_emma", False),
        ("No.", "bf_emma", True),
    ]
    assert heard[1].seconds == pytest.approx(heard[2].seconds) == pytest.approx(0.15)


async def test_quiet_is_when_nobody_is_spoken_to() -> None:
    async with fake_tts(FakeSpeechModel(), QUIET) as narrator:
        utterance = narrator.utterance()
        utterance.feed("Yes.")
        async with aclosing(utterance.pcm()) as chunks:
            await anext(chunks)
            assert narrator.idle_timer.seconds == 0
        await asyncio.sleep(0.01)
        assert narrator.idle_timer.seconds > 0
        await narrator.warm(Phrase("Yes."))
        assert narrator.idle_timer.seconds > 0
