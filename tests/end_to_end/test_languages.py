"""Every language, end to end: the real server, the real model, a voice of the language."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from wyoming.event import Event

from tests.end_to_end.test_server import QUIET, connected, received, serving
from wyoming_kokoro import SAMPLE_RATE

pytestmark = pytest.mark.model

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


def sound(events: list[Event]) -> np.ndarray:
    return np.frombuffer(b"".join(event.payload or b"" for event in events), np.int16)


async def test_every_installed_language_is_advertised_and_spoken(model_cache: Path, tmp_path: Path) -> None:
    """Home Assistant is told of the languages that can be spoken, no other, and each is heard."""
    config = tmp_path / "config.toml"
    config.write_text(f"{QUIET}[plugins.phrase_cache]\nenabled = false\n")
    arguments = ["--config", str(config), "--cache", str(model_cache), "--state", str(tmp_path / "state")]
    async with serving(*arguments) as (_, port):
        async with connected(port) as client:
            await client.write_event(Event("describe"))
            (program,) = (await received(client, "info"))[-1].data["tts"]
        best = {language: voice["name"] for voice in reversed(program["voices"]) for language in voice["languages"]}
        assert set(best) == INSTALLED
        for language, voice in best.items():
            async with connected(port) as client:
                text = GREETINGS[language]
                await client.write_event(Event("synthesize", {"text": text, "voice": {"name": voice}}))
                events = await received(client, "audio-stop", "error")
            assert events[-1].type == "audio-stop", (language, events[-1].data)
            heard = sound(events)
            assert 0.5 < len(heard) / SAMPLE_RATE < 6, language
            assert np.abs(heard).max() > 2000, language


async def test_words_are_said_as_the_lexicon_and_the_text_have_them(model_cache: Path, tmp_path: Path) -> None:
    """A word of the lexicon and IPA in the text sound like the words that they stand for."""
    config = tmp_path / "config.toml"
    config.write_text(f'{QUIET}[plugins.phrase_cache]\nenabled = false\n[plugins.lexicon.en]\n"Xqz" = "kitchen"\n')
    arguments = ["--config", str(config), "--cache", str(model_cache), "--state", str(tmp_path / "state")]
    said = {}
    async with serving(*arguments) as (_, port):
        for text in ("The kitchen is on.", "The Xqz is on.", "The [Xqz](/kˈ", "The door is on."):
            async with connected(port) as client:
                await client.write_event(Event("synthesize-start", {"voice": {"name": "af_heart"}}))
                await client.write_event(Event("synthesize-chunk", {"text": text}))
                if text.endswith("ˈ"):
                    await client.write_event(Event("synthesize-chunk", {"text": "ɪʧᵊn/) is on."}))
                await client.write_event(Event("synthesize-stop"))
                said[text] = sound(await received(client, "synthesize-stopped", "error"))
    kitchen, lexicon, inline, door = said.values()
    assert len(lexicon) == len(kitchen)
    assert np.corrcoef(lexicon, kitchen)[0, 1] > 0.99  # windows of other sizes round otherwise
    assert abs(len(inline) - len(kitchen)) < 0.3 * SAMPLE_RATE
    assert not np.array_equal(door, kitchen)
