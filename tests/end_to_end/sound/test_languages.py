"""Tests of every language on the real server and model."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from wyoming.event import Event

from tests.golden.recordings import golden_config
from tests.helpers.servers.protocol_fakes import connect_to, pcm_of
from tests.helpers.servers.server_process import server_arguments, start_server
from wyoming_kokoro import SAMPLE_RATE
from wyoming_kokoro.cli.say import synthesize
from wyoming_kokoro.config import TextConfig

pytestmark = pytest.mark.model

CONFIG = """\
[plugins.zeroconf]
enabled = false
[plugins.dashboard]
enabled = false
[plugins.phrase_cache]
enabled = false
"""
GREETINGS = {
    "en-GB": "Good evening.",
    "en-US": "Good evening.",
    "es": "Buenas noches.",
    "fr-FR": "Bonsoir à tous.",
    "hi": "शुभ रात्रि।",
    "it": "Buonasera a tutti.",
    "ja": "こんばんは、Home Assistantです。",
    "pt-BR": "Boa noite.",
    "zh-CN": "晚上好，Home Assistant。",
}
INSTALLED = {
    language
    for language in GREETINGS
    if language not in ("ja", "zh-CN") or importlib.util.find_spec({"ja": "pyopenjtalk", "zh-CN": "rjieba"}[language])
}


def samples_of(events: list[Event]) -> np.ndarray:
    return np.frombuffer(pcm_of(events), np.int16)


@pytest.mark.slow
async def test_every_installed_language_is_advertised_and_synthesized(model_cache: Path, tmp_path: Path) -> None:
    async with start_server(*server_arguments(tmp_path, model_cache, CONFIG)) as server:
        async with connect_to(server.port) as client:
            await client.send("describe")
            (program,) = (await client.read_until("info"))[-1].data["tts"]
        best = {language: voice["name"] for voice in reversed(program["voices"]) for language in voice["languages"]}
        assert set(best) == INSTALLED
        for language, voice in best.items():
            async with connect_to(server.port) as client:
                await client.send("synthesize", text=GREETINGS[language], voice={"name": voice})
                samples = samples_of(await client.read_until("audio-stop"))
            assert 0.5 < len(samples) / SAMPLE_RATE < 6, language
            assert np.abs(samples).max() > 2000, language


async def test_sentence_in_a_language_of_the_household_sounds_as_in_its_tag(model_cache: Path, tmp_path: Path) -> None:
    config = golden_config(model_cache, tmp_path)
    sentence = "La luz de la cocina está encendida."
    tagged, _ = await synthesize(config, f"[lang:es]{sentence}[/lang]")
    detected, _ = await synthesize(replace(config, text=TextConfig(("es",))), sentence)
    english, _ = await synthesize(config, sentence)
    assert sounds_like(detected, tagged)
    assert not sounds_like(english, tagged)


def sounds_like(pcm: bytes, other: bytes) -> bool:
    """Return whether the samples are equal but for rounding, which depends on the sizes of the windows."""
    samples, others = (np.frombuffer(item, np.int16).astype(int) for item in (pcm, other))
    return len(samples) == len(others) and int(np.abs(samples - others).max()) < 50


async def test_lexicon_word_and_inline_ipa_sound_like_their_word(model_cache: Path, tmp_path: Path) -> None:
    arguments = server_arguments(tmp_path, model_cache, f'{CONFIG}[plugins.lexicon.en]\n"Xqz" = "kitchen"\n')
    samples = {}
    async with start_server(*arguments) as server:
        for text in ("The kitchen is on.", "The Xqz is on.", "The [Xqz](/kˈ", "The door is on."):
            async with connect_to(server.port) as client:
                await client.send("synthesize-start", voice={"name": "af_heart"})
                await client.send("synthesize-chunk", text=text)
                if text.endswith("ˈ"):
                    await client.send("synthesize-chunk", text="ɪʧᵊn/) is on.")
                await client.send("synthesize-stop")
                samples[text] = samples_of(await client.read_until("synthesize-stopped"))
    kitchen, lexicon, inline, door = samples.values()
    assert len(lexicon) == len(kitchen)
    # Windows of different sizes round differently.
    assert np.corrcoef(lexicon, kitchen)[0, 1] > 0.99
    assert abs(len(inline) - len(kitchen)) < 0.3 * SAMPLE_RATE
    assert not np.array_equal(door, kitchen)
