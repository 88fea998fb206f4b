from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.synthesis.utterances import pcm_of
from wyoming_kokoro import ConfigError, SpeechModel, StartupError, SynthesisFailed
from wyoming_kokoro.backend import open_backend
from wyoming_kokoro.config import Config, VoiceConfig
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.scheduling.admission import PendingText
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.testing import check_speech_model, plugin_context
from wyoming_kokoro_distilled import DistilledPlugin

BUILTIN_VOICE = "af_heart"
PHONEMES = "ðə fɹˈʌnt dˈɔɹ ɪz ʌnlˈɑkt."


@pytest.fixture
def model(tmp_path: Path) -> SpeechModel:
    (model,) = DistilledPlugin(plugin_context("distilled", tmp_path)).kokoro_speech_models()
    return model


def test_builtin_model_keeps_the_contract(model: SpeechModel) -> None:
    check_speech_model(model)


def test_units_give_the_same_samples_each_time(model: SpeechModel) -> None:
    model.open()
    first, second = (np.concatenate(list(model.synthesize(PHONEMES, BUILTIN_VOICE, 1.0))) for _ in range(2))
    assert len(first) > 20_000
    assert np.array_equal(first, second)
    model.close()


def test_closed_model_is_an_error(model: SpeechModel) -> None:
    with pytest.raises(SynthesisFailed, match="not open"):
        next(model.synthesize(PHONEMES, BUILTIN_VOICE, 1.0))


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"bf_emma": "/missing/emma.onnx"}, "no file: /missing/emma.onnx"),
        ({"bf_emma": "~no-such-user/emma.onnx"}, "no file: ~no-such-user/emma.onnx"),
        ({"bf_emma": "/em\0ma.onnx"}, "must have no null character"),
        ({"jf_alpha": __file__}, "only English voices are read"),
    ],
)
def test_wrong_entry_is_a_configuration_error(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        DistilledPlugin(plugin_context("distilled", tmp_path, {"files": files}))


def test_file_that_is_no_model_is_a_startup_error(tmp_path: Path) -> None:
    plugin = DistilledPlugin(plugin_context("distilled", tmp_path, {"files": {"bf_emma": __file__}}))
    *_, emma = plugin.kokoro_speech_models()
    with pytest.raises(StartupError, match="cannot be opened"):
        emma.open()


async def test_voice_is_not_offered_without_the_symbols_that_it_reads(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    plugins = {**config.plugins, "english": {"enabled": False}}
    config = replace(config, voice=VoiceConfig(quality="distilled"), plugins=plugins)
    async with open_backend(config, await asyncio.to_thread(PluginManager.load, config)) as backend:
        voice = backend.tts.default_voice
        assert backend.models.distilled_model(voice) is None
        assert backend.models.choose(voice, Playback(), PendingText("", 10, 10)).reason == "no-distilled-model"
    assert "Model distilled af_heart is not used: no phonemizer has the misaki symbols" in caplog.text


async def test_quality_distilled_speaks_without_the_full_model(config: Config) -> None:
    config = replace(config, voice=VoiceConfig(quality="distilled"))
    async with open_backend(config, await asyncio.to_thread(PluginManager.load, config)) as backend:
        pcm = await pcm_of(backend.tts.utterance(), "The front door is unlocked.")
        (selection,) = backend.metrics.metrics.selections
    assert len(pcm) > 40_000
    assert (selection.quality, selection.reason, selection.segments) == ("distilled", "setting", 1)
