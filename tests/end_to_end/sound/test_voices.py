"""Tests of configured voices and blends on the real model, over TCP."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wyoming.info import Info

from tests.helpers.servers.protocol_fakes import AUDIO_CYCLE, Client, connect, event_types, pcm_of
from tests.helpers.servers.real_server import real_server
from wyoming_kokoro.cli.main import main
from wyoming_kokoro.config import Config, VoiceAlias
from wyoming_kokoro.types import SAMPLE_RATE, Array

TEXT = "Good evening."
VOICES = {
    "kitchen": VoiceAlias("af_heart", speed=1.5),
    "both": VoiceAlias("bf_emma*2+am_puck", description="Both"),
}


async def synthesize(client: Client, **voice: Any) -> Array:
    """Return `TEXT` in the requested voice."""
    await client.send("synthesize", text=TEXT, voice=voice)
    events = await client.read_until("audio-stop")
    assert event_types(events) == AUDIO_CYCLE
    return np.frombuffer(pcm_of(events), "<i2").astype(float)


def correlate(one: Array, other: Array) -> float:
    """Return the correlation of two recordings. Window sizes depend on the machine's speed, and round differently."""
    shorter = min(len(one), len(other))
    return float(np.corrcoef(one[:shorter], other[:shorter])[0, 1])


@pytest.mark.model
async def test_configured_voices_and_blends_are_advertised_and_synthesized(config: Config) -> None:
    config = replace(config, voices=VOICES)
    async with real_server(config) as server, connect(server.listener) as client:
        await client.send("describe")
        (event,) = await client.read_until("info")
        (program,) = Info.from_event(event).tts
        advertised = {voice.name: (voice.languages, voice.description) for voice in program.voices}
        assert advertised["kitchen"] == (["en-US"], "Yours: Kitchen (Heart, 1.5 times as fast)")
        assert advertised["both"] == (["en-GB"], "Both")

        heart = await synthesize(client, name="af_heart")
        kitchen = await synthesize(client, name="kitchen")
        assert 1.15 < len(heart) / len(kitchen) < 1.75
        assert correlate(await synthesize(client, name="af_nova", speaker="kitchen"), kitchen) > 0.99
        both = await synthesize(client, name="both")
        assert correlate(await synthesize(client, name="bf_emma*4 + am_puck*2"), both) > 0.99
        assert correlate(await synthesize(client, name="bf_emma + am_puck*2"), both) < 0.9
        assert len(both) > SAMPLE_RATE / 2

        await client.send("synthesize", text=TEXT, voice={"speaker": "kitchn"})
        (error,) = await client.read_until("error")
        assert "similar: kitchen" in error.data["text"]


VOICES_TOML = """
[voice]
name = "kitchen"

[voices.kitchen]
base = "af_heart"
speed = 1.1
"""


def test_configured_voices_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text(VOICES_TOML)
    assert main(["--config", str(file), "voices", "--json"]) == 0
    (kitchen,) = (voice for voice in json.loads(capsys.readouterr().out) if voice["name"] == "kitchen")
    assert (kitchen["language"], kitchen["base"], kitchen["speed"]) == ("en-US", "af_heart", 1.1)
    assert main(["--config", str(file), "voices"]) == 0
    assert "Yours: Kitchen (Heart, 1.1 times as fast)" in capsys.readouterr().out


def test_unknown_base_voice_is_reported_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text(VOICES_TOML.replace("af_heart", "af_hart"))
    assert main(["--config", str(file), "say", "Hi."]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith(f"wyoming-kokoro: {file}: voices.kitchen.base: unknown voice 'af_hart'; similar:")
