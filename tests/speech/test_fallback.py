"""What speaks if a model fails: the other model of the voice, then the fallback voice."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import islice

import numpy as np
import pytest

from tests.helpers.synthesis.utterances import pcm_of
from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro.config import Config, SpeechConfig, VoiceAlias, VoiceConfig
from wyoming_kokoro.errors import ConfigError, StartupError, SynthesisFailed
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.testing import FAKE_VOICES, FakePhraseCache, FakeSpeechModel, fake_tts
from wyoming_kokoro.types import SAMPLE_RATE, QualitySetting, Voice

VOICES = (*FAKE_VOICES, Voice("am_adam", "en-US", "F, Adam (US, male)", "F", gain=1.0))
NAMES = [voice.name for voice in VOICES]
UNIT_SAMPLES = SAMPLE_RATE // 20
TEXT = "hello there."


class FailingModel(FakeSpeechModel):
    """Fails on some voices after some units. Each unit is a constant that differs by model and voice."""

    def __init__(self, quality: str, level: int, voices: Sequence[str] = NAMES) -> None:
        super().__init__(f"{quality} model", quality, voices)  # type: ignore[arg-type]
        self.level = level
        self.fails_after: dict[str, int] = {}

    def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
        pcm = np.full(int(UNIT_SAMPLES / speed), self.level + NAMES.index(voice), np.int16)
        limit = self.fails_after.get(voice)
        for _ in phonemes if limit is None else islice(phonemes, limit):
            yield pcm
        if limit is not None:
            raise RuntimeError("out of ink")


class Home:
    """A server with a full model (levels from 100) and a distilled one of af_heart (level 200)."""

    def __init__(self) -> None:
        self.full, self.distilled = FailingModel("full", 100), FailingModel("distilled", 200, ["af_heart"])
        self.cache = FakePhraseCache()
        self.observations: list[Observation] = []

    @asynccontextmanager
    async def open(self, fallback: str = "", quality: QualitySetting = "full") -> AsyncIterator[TextToSpeech]:
        config = Config(
            voice=VoiceConfig(quality=quality, fallback=fallback, loudness="original"),
            voices={
                "own": VoiceAlias("bf_emma", fallback="am_adam", language="en-US", speed=2.0, volume=0.5),
                "quiet": VoiceAlias("bf_emma", language="en-US", volume=0.5),
            },
            speech=SpeechConfig(0, 0, 0, 0, 0),
        )
        async with fake_tts(
            self.full,
            config,
            VOICES,
            cache=self.cache,
            observe=self.observations.append,
            distilled=[self.distilled],
        ) as tts:
            yield tts

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """The model of each segment, and why it spoke."""
        return [(item.quality, item.reason) for item in self.observations if isinstance(item, SegmentFinished)]


@pytest.fixture
def home() -> Home:
    return Home()


async def levels(tts: TextToSpeech, *text: str, voice: str | None = None) -> list[int]:
    """Return the level of each unit that a client hears, without the fades between recordings."""
    pcm = np.frombuffer(await pcm_of(tts.utterance(voice), *(text or (TEXT,))), np.int16)
    return list(map(int, pcm[UNIT_SAMPLES // 2 :: UNIT_SAMPLES]))


async def test_distilled_model_speaks_if_the_full_one_fails(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    home.full.fails_after["af_heart"] = 0
    async with home.open() as tts:
        for _ in range(2):
            assert await levels(tts) == [200] * len(TEXT)
    assert home.reasons == [("distilled", "failure")] * 2
    messages = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert messages == ["Voice af_heart failed; the model distilled model speaks as af_heart instead"]


async def test_audio_that_was_heard_is_not_repeated(home: Home) -> None:
    home.full.fails_after["af_heart"] = 5
    async with home.open() as tts:
        assert await levels(tts) == [100] * 5 + [200] * (len(TEXT) - 5)


async def test_recording_of_a_substitute_is_complete_in_the_cache(home: Home) -> None:
    home.full.fails_after["af_heart"] = 5
    async with home.open() as tts:
        await levels(tts)
    (recording,) = home.cache.recordings.values()
    assert len(recording.pcm) == UNIT_SAMPLES * len(TEXT)
    assert set(recording.pcm.tolist()) == {200}


async def test_failed_model_is_tried_once_in_a_request(home: Home) -> None:
    home.full.fails_after["af_heart"] = 0
    calls: list[str] = []
    synthesize: Callable[..., UnitIterator] = home.full.synthesize
    home.full.synthesize = lambda *arguments: calls.append("call") or synthesize(*arguments)  # type: ignore[method-assign,func-returns-value]
    async with home.open() as tts:
        assert set(await levels(tts, "hello there. and again. and a third time.")) == {200}
    assert len(calls) == 1


async def test_fallback_voice_speaks_after_all_models_of_the_voice(home: Home) -> None:
    home.full.fails_after["af_heart"] = home.distilled.fails_after["af_heart"] = 0
    async with home.open("am_adam") as tts:
        assert await levels(tts) == [102] * len(TEXT)
    assert home.reasons == [("full", "failure")]


async def test_alias_has_its_own_fallback_with_its_speed_and_volume(home: Home) -> None:
    home.full.fails_after["bf_emma"] = 0
    async with home.open("af_heart") as tts:
        assert await levels(tts, voice="own") == [51] * (len(TEXT) // 2)
        assert await levels(tts, voice="quiet") == [100] * len(TEXT)


async def test_fallback_that_has_a_distilled_model_speaks_if_the_full_model_is_broken(home: Home) -> None:
    home.full.failure = StartupError("the file is damaged")
    async with home.open("af_heart", "auto") as tts:
        assert await levels(tts, voice="am_adam") == [200] * len(TEXT)


@pytest.mark.parametrize("fallback", ["", "bf_emma", "af_heart"])
async def test_error_is_raised_without_a_fallback_of_the_language(home: Home, fallback: str) -> None:
    home.full.fails_after = {"af_heart": 0}
    home.distilled.fails_after = {"af_heart": 0}
    async with home.open(fallback) as tts:
        with pytest.raises(SynthesisFailed, match="synthesis failed"):
            await levels(tts)


async def test_unknown_fallback_is_a_startup_error(home: Home) -> None:
    with pytest.raises(StartupError, match=r"\[voice\] fallback: unknown voice 'nobdy'"):
        async with home.open("nobdy"):
            pass


@pytest.mark.parametrize(
    ("fallback", "reason"),
    [("nobdy", "unknown voice 'nobdy'"), ("bf_emma", "bf_emma speaks en-GB; choose a voice of en-US")],
)
async def test_unusable_fallback_of_an_alias_is_a_config_error(fallback: str, reason: str) -> None:
    config = Config(voices={"own": VoiceAlias("af_heart", fallback=fallback)})
    with pytest.raises(ConfigError, match=reason):
        async with fake_tts(FakeSpeechModel(), config, VOICES):
            pass
