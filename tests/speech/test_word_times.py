"""The times of words in the audio of an utterance."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.synthesis.utterances import NO_PAUSES, PAUSES, pcm_of
from wyoming_kokoro.api.speech_models import SpeechStyle, WordTiming
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.testing import FakePhraseCache, FakeSpeechModel, fake_tts
from wyoming_kokoro.types import SAMPLE_RATE


async def words_of(tts: TextToSpeech, text: str, **options: Any) -> tuple[list[WordTiming], bytes]:
    words: list[WordTiming] = []
    pcm = await pcm_of(tts.utterance(on_words=words.extend, **options), text)
    return words, pcm


async def test_words_have_the_times_of_their_phonemes() -> None:
    async with fake_tts(FakeSpeechModel(), PAUSES) as tts:
        words, _ = await words_of(tts, "ab cats. then.")
    assert [(word.word, round(word.start, 3), round(word.end, 3)) for word in words] == [
        ("ab", 0.01, 0.11),
        ("cats.", 0.16, 0.36),
        ("then.", 0.51, 0.71),
    ]


@pytest.mark.parametrize("speed", [0.25, 4.0])
async def test_words_of_stretched_speech_are_stretched(speed: float) -> None:
    async with fake_tts(FakeSpeechModel(), NO_PAUSES) as tts:
        words, _ = await words_of(tts, "ab cats. then.")
        stretched, pcm = await words_of(tts, "ab cats. then.", style=SpeechStyle(speed=speed))
    for before, after in zip(words, stretched, strict=True):
        assert (after.start, after.end) == pytest.approx((before.start / speed, before.end / speed), abs=0.003)
    assert stretched[-1].end <= len(pcm) / 2 / SAMPLE_RATE


@pytest.mark.parametrize("rate", [16_000, 24_000])
async def test_words_of_cached_speech_have_the_same_times(rate: int) -> None:
    async with fake_tts(FakeSpeechModel(), NO_PAUSES, cache=FakePhraseCache()) as tts:
        first = await words_of(tts, "hello there. you too.", rate=rate)
        assert await words_of(tts, "hello there. you too.", rate=rate) == first
    assert [word.word for word in first[0]] == ["hello", "there.", "you", "too."]
    assert first[0][-1].end <= len(first[1]) / 2 / rate


async def test_words_of_a_model_that_cannot_time_are_proportional() -> None:
    model = FakeSpeechModel()
    model.knows_times = False
    async with fake_tts(model, NO_PAUSES) as tts:
        words, _ = await words_of(tts, "ab cd")
    assert [(word.start, word.end) for word in words] == [(0.0, pytest.approx(0.1)), (pytest.approx(0.15), 0.25)]
