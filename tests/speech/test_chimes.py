from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.helpers.synthesis.utterances import finished, pcm_of
from tests.helpers.waiting import TIMEOUT_SECONDS
from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro.api.warmup import Phrase
from wyoming_kokoro.config import AudioConfig, Config, ServerConfig, SpeechConfig, VoiceAlias, VoiceConfig
from wyoming_kokoro.errors import ConfigError, Overloaded, SynthesisFailed
from wyoming_kokoro.pcm import FADE_SAMPLES, FULL_SCALE
from wyoming_kokoro.speech.chimes import load_chimes, read_chime
from wyoming_kokoro.speech.loudness import measure_loudness
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.speech.utterance import SILENT_TEXT_MS, Utterance
from wyoming_kokoro.speech.voice_catalog import REFERENCE_LUFS
from wyoming_kokoro.testing import FakeMachine, FakePhraseCache, FakeSpeechModel, fake_tts
from wyoming_kokoro.types import SAMPLE_RATE, Array, Pcm

PAUSE_MS = 150
CONFIG = Config(
    speech=SpeechConfig(lead_in_ms=20, tail_ms=0, clause_ms=0, sentence_ms=PAUSE_MS, paragraph_ms=0),
    voices={"doorbell": VoiceAlias("af_heart", chime="bell.wav"), "plain": VoiceAlias("af_heart")},
)
# A value that the fake model never makes.
CHIME: Pcm = np.full(SAMPLE_RATE // 2, 321, np.int16)


def bell(rate: int, channels: int = 1, seconds: float = 1.5) -> Array:
    """Return a decaying tone in all channels."""
    time = np.arange(int(rate * seconds)) / rate
    return np.repeat((0.2 * np.sin(2 * np.pi * 880 * time) * np.exp(-2 * time))[:, None], channels, axis=1)


def write(file: Path, samples: Array, rate: int, subtype: str | None = None) -> Path:
    soundfile.write(file, samples, rate, subtype)
    return file


# Files


@pytest.mark.parametrize(
    ("name", "rate", "channels", "subtype"),
    [
        ("bell.wav", 24_000, 1, "PCM_16"),
        ("bell.wav", 44_100, 2, "FLOAT"),
        ("bell.wav", 8_000, 1, "PCM_U8"),
        ("bell.flac", 96_000, 6, "PCM_24"),
        ("bell.ogg", 22_050, 2, None),
        ("bell.mp3", 48_000, 1, None),
    ],
)
def test_file_of_any_format_becomes_as_loud_as_speech(
    tmp_path: Path, name: str, rate: int, channels: int, subtype: str | None
) -> None:
    chime = read_chime(write(tmp_path / name, bell(rate, channels), rate, subtype))
    assert len(chime) / SAMPLE_RATE == pytest.approx(1.5, abs=0.1)
    assert measure_loudness((chime / FULL_SCALE).astype(np.float32)) == pytest.approx(REFERENCE_LUFS, abs=0.2)
    spectrum = np.abs(np.fft.rfft(chime))
    assert spectrum.argmax() * SAMPLE_RATE / len(chime) == pytest.approx(880, abs=3)
    assert abs(chime[0]) < 50
    assert abs(chime[-1]) < 50


def test_sharp_sound_is_raised_to_full_scale_without_distortion(tmp_path: Path) -> None:
    click = np.zeros(SAMPLE_RATE // 2)
    click[5000] = 0.05
    chime = read_chime(write(tmp_path / "click.wav", click, SAMPLE_RATE, "FLOAT"))
    assert chime.max() == FULL_SCALE
    assert np.count_nonzero(np.abs(chime) > 1) < 10


def test_ends_of_a_cut_sound_are_faded(tmp_path: Path) -> None:
    square = np.full(SAMPLE_RATE, 0.1)
    square[::2] = -0.1
    chime = read_chime(write(tmp_path / "cut.wav", square, SAMPLE_RATE))
    assert np.abs(chime[:3]).max() < np.abs(chime[FADE_SAMPLES:]).max() / 10


def test_relative_path_starts_at_the_configuration_file_and_volumes_multiply(tmp_path: Path) -> None:
    file = write(tmp_path / "bell.wav", bell(SAMPLE_RATE), SAMPLE_RATE)
    quiet = VoiceAlias("af_heart", volume=0.5, chime="bell.wav")
    voices = {"quiet": quiet, "full": VoiceAlias("af_heart", chime=str(file)), "none": VoiceAlias("af_heart")}
    config = Config(voices=voices, voice=VoiceConfig(volume=0.5), source=str(tmp_path / "config.toml"))
    chimes = load_chimes(config)
    assert list(chimes) == ["quiet", "full"]
    assert np.abs(chimes["full"]).max() == pytest.approx(np.abs(read_chime(file)).max() * 0.5, abs=1)
    assert np.abs(chimes["quiet"]).max() == pytest.approx(np.abs(chimes["full"]).max() * 0.5, abs=1)


def longest(folder: Path, extra_samples: int) -> Path:
    return write(folder / "long.wav", np.full(10 * 8000 + extra_samples, 0.1), 8000)


def test_chime_of_ten_seconds_is_read(tmp_path: Path) -> None:
    assert len(read_chime(longest(tmp_path, 0))) == 10 * SAMPLE_RATE


def broken_files(folder: Path) -> dict[str, str]:
    """Write files that cannot be a chime. Return a part of the error for each name."""
    (folder / "text.wav").write_text("This is no sound.")
    (folder / "empty.wav").write_bytes(b"")
    (folder / "folder.wav").mkdir()
    os.mkfifo(folder / "pipe.wav")
    write(folder / "silent.wav", np.zeros(8000), 8000)
    write(folder / "header.wav", np.zeros(0), 8000)
    write(folder / "numbers.wav", np.full(8000, np.nan), 8000, "FLOAT")
    longest(folder, 1)
    return {
        "missing.wav": "missing.wav cannot be read (No such file or directory); check the path",
        "folder.wav": "folder.wav is not a file; check the path",
        "pipe.wav": "pipe.wav is not a file; check the path",
        "text.wav": "text.wav is not audio",
        "empty.wav": "empty.wav is not audio",
        "silent.wav": "silent.wav is silent; use another file",
        "header.wav": "header.wav is silent; use another file",
        "numbers.wav": "numbers.wav is damaged",
        "~no-such-user/bell.wav": "/~no-such-user/bell.wav cannot be read",
        "bell\0.wav": "null",
        "long.wav": "long.wav is too long; use a file of at most 10 s",
    }


def test_file_that_cannot_be_a_chime_is_an_error_that_names_the_setting(tmp_path: Path) -> None:
    source = tmp_path / "config.toml"
    for name, reason in broken_files(tmp_path).items():
        config = Config(voices={"doorbell": VoiceAlias("af_heart", chime=name)}, source=str(source))
        with pytest.raises(ConfigError) as caught:
            load_chimes(config)
        message = str(caught.value)
        assert message.startswith(f"{source}: voices.doorbell.chime: ")
        assert reason in message
        assert len(message.splitlines()) == 1


# Utterances


@asynccontextmanager
async def chiming_tts(model: FakeSpeechModel, config: Config = CONFIG, **options: Any) -> AsyncIterator[TextToSpeech]:
    async with fake_tts(model, config, chimes={"doorbell": CHIME}, **options) as tts:
        yield tts


async def speak(utterance: Utterance, *texts: str) -> Pcm:
    return np.frombuffer(await pcm_of(utterance, *texts), np.int16)


def silence_of(milliseconds: int) -> Pcm:
    return np.zeros(SAMPLE_RATE * milliseconds // 1000, np.int16)


async def test_chime_plays_once_before_the_speech_after_a_short_pause() -> None:
    async with chiming_tts(FakeSpeechModel()) as tts:
        speech = await speak(tts.utterance("plain"), "the bell. it rang.\n\nopen the door.")
        announcement = await speak(tts.utterance("doorbell"), "the bell. it rang.\n\nopen the door.")
    lead_in = silence_of(20)
    expected = np.concatenate([lead_in, CHIME, silence_of(PAUSE_MS), speech[len(lead_in) :]])
    assert np.array_equal(announcement, expected)


async def test_chime_leaves_before_the_synthesis_starts() -> None:
    model = FakeSpeechModel()
    async with chiming_tts(model) as tts:
        utterance = finished(tts.utterance("doorbell"), "open the door.")
        async with aclosing(utterance.pcm()) as chunks:
            first = await anext(chunks)
            assert model.units == []
            assert len(await anext(chunks)) > 0
        assert np.frombuffer(first, np.int16)[-1] == CHIME[0]


async def test_chime_plays_before_the_text_is_complete() -> None:
    async with chiming_tts(FakeSpeechModel()) as tts:
        utterance = tts.utterance("doorbell")
        utterance.feed("After the storm was over at last, we went")
        async with aclosing(utterance.pcm()) as chunks:
            first = await asyncio.wait_for(anext(chunks), TIMEOUT_SECONDS)
        assert np.frombuffer(first, np.int16)[-1] == CHIME[0]


@pytest.mark.parametrize("text", ["", "  \n", "🌤️🎉", "***"])
async def test_text_without_sound_plays_no_chime(text: str) -> None:
    async with chiming_tts(FakeSpeechModel()) as tts:
        assert np.array_equal(await speak(tts.utterance("doorbell"), text), silence_of(SILENT_TEXT_MS))


async def test_chime_plays_before_the_first_segment_with_sound() -> None:
    async with chiming_tts(FakeSpeechModel()) as tts:
        announcement = await speak(tts.utterance("doorbell"), "🎉🎉\n\n", "open the door.")
    assert np.array_equal(announcement[len(silence_of(20)) :][: len(CHIME)], CHIME)
    assert np.count_nonzero(announcement == CHIME[0]) >= len(CHIME)


async def test_cached_phrase_has_the_chime_of_the_voice_and_shares_its_recording() -> None:
    model = FakeSpeechModel()
    async with chiming_tts(model, cache=FakePhraseCache()) as tts:
        await tts.warm(Phrase("open the door.", voice="doorbell"))
        units = list(model.units)
        assert await tts.is_warm(Phrase("open the door.", voice="plain"))
        speech = await speak(tts.utterance("plain"), "open the door.")
        announcements = [await speak(tts.utterance("doorbell"), "open the door.") for _ in range(2)]
    assert model.units == units
    for announcement in announcements:
        assert len(announcement) == len(speech) + len(CHIME) + len(silence_of(PAUSE_MS))
        assert np.count_nonzero(announcement == CHIME[0]) >= len(CHIME)


async def test_refused_request_plays_no_chime() -> None:
    config = replace(CONFIG, server=ServerConfig(max_streams=1, max_wait_seconds=0.0))
    async with chiming_tts(FakeSpeechModel(), config) as tts:
        running = finished(tts.utterance("plain"), "this one speaks already.")
        async with aclosing(running.pcm()) as chunks:
            await anext(chunks)
            utterance = finished(tts.utterance("doorbell"), "open the door.")
            with pytest.raises(Overloaded):
                await anext(utterance.pcm())


async def test_chime_plays_once_when_the_synthesis_fails() -> None:
    model = FakeSpeechModel()
    async with chiming_tts(model) as tts:
        await tts.models.full.open()
        model.failure = RuntimeError("no")
        chunks = finished(tts.utterance("doorbell"), "open the door. quickly.").pcm()
        assert len(await anext(chunks)) >= CHIME.nbytes
        with pytest.raises(SynthesisFailed):
            await anext(chunks)


async def test_full_model_may_take_as_long_as_the_chime_plays() -> None:
    qualities: dict[str, str] = {}

    def observe(observation: Observation) -> None:
        if isinstance(observation, SegmentFinished):
            qualities[observation.voice] = observation.quality

    distilled, machine = FakeSpeechModel("small", "distilled", ("af_heart",)), FakeMachine(first_seconds=0.45)
    model = FakeSpeechModel()
    async with chiming_tts(model, distilled=(distilled,), machine=machine, observe=observe) as tts:
        await tts.models.ready()
        await tts.models.full.open()
        for voice in ("plain", "doorbell"):
            await speak(tts.utterance(voice), "open the door.")
    assert qualities == {"plain": "distilled", "doorbell": "full"}


async def test_chime_has_the_rate_of_the_player() -> None:
    config = replace(CONFIG, audio=AudioConfig(16_000))
    async with chiming_tts(FakeSpeechModel(), config) as tts:
        speech = await speak(tts.utterance("plain"), "open the door.")
        announcement = await speak(tts.utterance("doorbell"), "open the door.")
    added = (len(CHIME) + len(silence_of(PAUSE_MS))) * 16_000 / SAMPLE_RATE
    assert len(announcement) - len(speech) == pytest.approx(added, abs=1)
