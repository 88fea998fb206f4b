"""Tests of a chime before announcements on the real model: over TCP, in the dashboard, in `say` and in `check`."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import wave
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

from tests.helpers.servers.protocol_fakes import AUDIO_CYCLE, connect_to, event_types, pcm_of
from tests.helpers.servers.server_process import disabled, server_arguments, start_server
from wyoming_kokoro.cli.main import main
from wyoming_kokoro.speech.chimes import read_chime
from wyoming_kokoro.types import SAMPLE_RATE, Array, Pcm

pytestmark = pytest.mark.model

TEXT = "A visitor is at the door."
VOICE = """
[voices.doorbell]
base = "af_heart"
chime = "sounds/bell.flac"
"""
PAUSE_SAMPLES = SAMPLE_RATE * 300 // 1000


@pytest.fixture
def arguments(model_cache: Path, tmp_path: Path) -> list[str]:
    (tmp_path / "sounds").mkdir()
    write_bell(tmp_path / "sounds" / "bell.flac", 660)
    plugins = disabled("zeroconf", "warmup", "phrase_cache")
    config = f"{plugins}[plugins.dashboard]\nport = 0\n[voice]\nquality = 'distilled'\n{VOICE}"
    return server_arguments(tmp_path, model_cache, config)


def write_bell(file: Path, hertz: float) -> None:
    time = np.arange(44_100) / 44_100
    soundfile.write(file, np.stack([0.5 * np.sin(2 * np.pi * hertz * time) * np.exp(-3 * time)] * 2, 1), 44_100)


async def announce(port: int, voice: str, *, is_streamed: bool) -> Pcm:
    async with connect_to(port) as client:
        if is_streamed:
            await client.send("synthesize-start", voice={"name": voice})
            await client.send("synthesize-chunk", text=TEXT)
            await client.send("synthesize-stop")
        else:
            await client.send("synthesize", text=TEXT, voice={"name": voice})
        events = await client.read_until("audio-stop")
    assert event_types(events) == AUDIO_CYCLE
    return np.frombuffer(pcm_of(events), np.int16)


def assert_chimes(announcement: Array, chime: Pcm, speech: Array) -> None:
    """Assert that `announcement` is the chime, a pause and the speech."""
    assert np.array_equal(announcement[: len(chime)], chime)
    assert not announcement[len(chime) :][:PAUSE_SAMPLES].any()
    rest = announcement[len(chime) + PAUSE_SAMPLES :]
    assert len(rest) == len(speech)
    assert np.corrcoef(rest, speech)[0, 1] > 0.99


async def test_every_client_hears_the_chime_and_a_reload_replaces_it(arguments: list[str], tmp_path: Path) -> None:
    bell = tmp_path / "sounds" / "bell.flac"
    chime = await asyncio.to_thread(read_chime, bell)
    async with start_server(*arguments) as server:
        speech = await announce(server.port, "af_heart", is_streamed=False)
        for is_streamed in (False, True):
            assert_chimes(await announce(server.port, "doorbell", is_streamed=is_streamed), chime, speech)

        dashboard = r"Dashboard listens on (\S+)"
        address = (re.search(dashboard, server.log) or await server.wait_for_log(dashboard))[1]
        async with httpx.AsyncClient() as browser:
            answer = await browser.post(f"{address.rstrip('/')}/api/say", json={"text": TEXT, "voice": "doorbell"})
        assert_chimes(np.frombuffer(answer.content, np.int16), chime, speech)

        write_bell(bell, 990)
        server.process.send_signal(signal.SIGHUP)
        await server.wait_for_log("Configuration reloaded")
        replaced = await asyncio.to_thread(read_chime, bell)
        assert_chimes(await announce(server.port, "doorbell", is_streamed=True), replaced, speech)


def test_say_and_check_use_the_chime(arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    chime = read_chime(tmp_path / "sounds" / "bell.flac")
    target = tmp_path / "announcement.wav"
    assert main(["say", TEXT, "--voice", "doorbell", "--output", str(target), *arguments]) == 0
    with wave.open(str(target)) as wav:
        pcm = np.frombuffer(wav.readframes(wav.getnframes()), np.int16)
    assert np.array_equal(pcm[: len(chime)], chime)
    assert len(pcm) > len(chime) + SAMPLE_RATE

    options = ["--json", "--uri", "tcp://127.0.0.1:0", *arguments]
    assert main(["check", *options]) == 0
    assert json.loads(capsys.readouterr().out)["chimes"] == {"doorbell": "1.0 s"}
    (tmp_path / "sounds" / "bell.flac").unlink()
    assert main(["check", *options]) == 1
    problem = json.loads(capsys.readouterr().out)["problem"]
    assert problem.startswith(f"{tmp_path / 'config.toml'}: voices.doorbell.chime: ")
    assert main(["say", TEXT, *arguments]) == 2
