"""Tests of the sample rate on the real model, over TCP."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soxr

from tests.helpers.servers.protocol_fakes import AUDIO_CYCLE, Client, connect, event_types, pcm_of
from tests.helpers.servers.real_server import real_server
from wyoming_kokoro.config import AudioConfig, Config, VoiceAlias
from wyoming_kokoro.types import SAMPLE_RATE, Array

pytestmark = pytest.mark.model

SENTENCES = "The front door is unlocked. The lights in the kitchen are on."
VOICES = {"phone": VoiceAlias("af_heart", rate=16_000), "studio": VoiceAlias("af_heart", rate=24_000)}


async def speak(client: Client, rate: int, voice: str | None = None, *, is_streamed: bool = False) -> Array:
    """Return the samples of `SENTENCES`. All events must name `rate`."""
    data = {"voice": {"name": voice}} if voice else {}
    if is_streamed:
        await client.send("synthesize-start", **data)
        await client.send("synthesize-chunk", text=SENTENCES)
        await client.send("synthesize-stop")
    else:
        await client.send("synthesize", text=SENTENCES, **data)
    events = await client.read_until("audio-stop")
    assert event_types(events) == AUDIO_CYCLE
    assert {event.data["rate"] for event in events[:-1]} == {rate}
    if is_streamed:
        await client.read_until("synthesize-stopped")
    return np.frombuffer(pcm_of(events), "<i2").astype(float)


async def test_clients_receive_the_configured_rate_and_the_cache_keeps_its_own(config: Config) -> None:
    plugins = {name: table for name, table in config.plugins.items() if name != "phrase_cache"}
    # With `auto`, a busy machine speaks with both models and caches two recordings.
    full = replace(config.voice, quality="full")
    config = replace(config, audio=AudioConfig(22_050), voice=full, voices=VOICES, plugins=plugins)
    async with real_server(config) as server, connect(server.listener) as client:
        synthesized = await speak(client, 22_050)
        missed = (await server.cache_stats()).lookups.misses
        # From here on, all voices play the one recording in the cache.
        original = await speak(client, SAMPLE_RATE, "studio")
        for voice, rate in ((None, 22_050), ("phone", 16_000)):
            expected = soxr.resample(original, SAMPLE_RATE, rate)
            for is_streamed in (False, True):
                samples = await speak(client, rate, voice, is_streamed=is_streamed)
                assert len(samples) == len(expected)
                assert np.abs(samples - expected).max() < 2
        assert np.array_equal(synthesized, await speak(client, 22_050))
        for request in server.metrics.recent_requests:
            assert request.audio_seconds == pytest.approx(len(original) / SAMPLE_RATE, abs=0.0001)
        # Other tests write to the same cache, so its size proves nothing.
        assert (await server.cache_stats()).lookups.misses == missed
        page = b"".join([chunk async for chunk in server.synthesize(SENTENCES, "phone")])
        assert np.array_equal(np.frombuffer(page, "<i2"), original)
