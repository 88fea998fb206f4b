"""Tests of markup over TCP: with a fake model for the exact sound, and on the real model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.servers.protocol_fakes import AUDIO_CYCLE, Client, connect, event_types, pcm_of
from tests.helpers.servers.real_server import real_server
from wyoming_kokoro.config import Config, MarkupConfig, SpeechConfig
from wyoming_kokoro.testing import FakeSpeechModel, running_server
from wyoming_kokoro.types import SAMPLE_RATE, Pcm

SSML = "<speak><s>abc</s><break time='0.5s'/><prosody rate='0.5'>def</prosody></speak>"
SSML_SECONDS = 0.15 + 0.5 + 0.3
NO_PAUSES = Config(speech=SpeechConfig(0, 0, 0, 0, 0))


async def synthesize(client: Client, text: str, text_format: str | None = None) -> Pcm:
    await client.send("synthesize", text=text, text_format=text_format)
    events = await client.read_until("audio-stop")
    assert event_types(events) == AUDIO_CYCLE
    return np.frombuffer(pcm_of(events), "<i2")


async def stream(client: Client, text: str, text_format: str | None = None) -> Pcm:
    """Send `text` letter by letter."""
    await client.send("synthesize-start", text_format=text_format)
    for letter in text:
        await client.send("synthesize-chunk", text=letter)
    await client.send("synthesize-stop")
    return np.frombuffer(pcm_of(await client.read_until("synthesize-stopped")), "<i2")


async def test_ssml_is_spoken_in_every_kind_of_request() -> None:
    inner = SSML.removeprefix("<speak>")
    async with running_server(FakeSpeechModel(), NO_PAUSES) as listener, connect(listener) as client:
        spoken = [
            await synthesize(client, SSML),
            await synthesize(client, inner, "ssml"),
            await stream(client, SSML),
            await stream(client, inner, "ssml"),
        ]
    # A part at another speed is stretched, and rounded to a sample.
    assert [len(pcm) / SAMPLE_RATE for pcm in spoken] == pytest.approx([SSML_SECONDS] * 4, abs=0.0001)


async def test_ssml_that_is_turned_off_is_an_error_for_a_request_that_names_it() -> None:
    config = replace(NO_PAUSES, markup=MarkupConfig(ssml=False))
    async with running_server(FakeSpeechModel(), config) as listener, connect(listener) as client:
        await client.send("synthesize", text=SSML, text_format="ssml")
        (error,) = await client.read_all()
    assert (error.type, error.data["code"]) == ("error", "unsupported-text")
    assert "[markup] ssml = true" in error.data["text"]


@pytest.mark.model
async def test_styles_change_the_sound_of_the_real_model(config: Config) -> None:
    async with real_server(config) as server, connect(server.listener) as client:
        plain = await synthesize(client, "Ana no habla.")
        slow = await synthesize(client, "[rate:0.7]Ana no habla.[/rate]")
        soft = await synthesize(client, "[volume:-12dB]Ana no habla.[/volume]")
        spanish = await synthesize(client, "[lang:es]Ana no habla.[/lang]")
        blend = await synthesize(client, "[voice:af_heart(0.5)+bm_george(0.5)]Ana no habla.[/voice]")
        paused = await synthesize(client, "Ana no habla.[pause:2s]")
    assert 1.2 < len(slow) / len(plain) < 1.7
    assert abs(len(paused) - len(plain) - 2 * SAMPLE_RATE) < SAMPLE_RATE / 20
    assert np.abs(soft).max() == pytest.approx(np.abs(plain).max() / 4, rel=0.1)
    for other in (spanish, blend):
        shorter = min(len(other), len(plain))
        assert len(other) > SAMPLE_RATE / 2
        assert np.corrcoef(other[:shorter], plain[:shorter])[0, 1] < 0.9
