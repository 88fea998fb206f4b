from __future__ import annotations

import os
import re
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.servers.protocol_fakes import connect_to
from tests.helpers.servers.server_process import disabled, server_arguments, start_server
from wyoming_kokoro.config import AudioConfig, Config, ModelConfig, ServerConfig, VoiceAlias, VoiceConfig
from wyoming_kokoro.errors import TextTooLong
from wyoming_kokoro.server.reload import changes_needing_restart
from wyoming_kokoro.testing import FakeSpeechModel, fake_tts

CONFIG = disabled("zeroconf", "dashboard", "openai", "warmup")


@pytest.fixture
def arguments(model_cache: Path, tmp_path: Path) -> list[str]:
    """Return the arguments of a server. The full model, which takes seconds to open, stays closed."""
    return [*server_arguments(tmp_path, model_cache, CONFIG), "--quality", "distilled"]


@pytest.mark.parametrize(
    ("after", "keys"),
    [
        (Config(), []),
        (Config(voice=VoiceConfig("bf_emma", 1.2, 2.0), log_level="debug", source="elsewhere"), []),
        (Config(server=ServerConfig(allowed_networks=("10.0.0.0/8",), shutdown_grace_seconds=1, max_streams=3)), []),
        (Config(server=ServerConfig("tcp://:1"), model=ModelConfig(threads=2)), ["server.uri", "model.threads"]),
        (Config(server=ServerConfig(proxies=("10.0.0.1/32",))), []),
        (Config(server=ServerConfig(advertise="none")), ["server.advertise"]),
        (Config(audio=AudioConfig(22_050)), []),
        (Config(voice=VoiceConfig(loudness="original")), ["voice.loudness"]),
        (Config(required_plugins=("text",)), ["required_plugins"]),
        (Config(plugins={"cpu": {"precision": "float"}, "mine": {"a": {"b": 1}}}), ["plugins.cpu", "plugins.mine"]),
    ],
)
def test_changes_needing_restart_are_the_same_in_both_directions(after: Config, keys: list[str]) -> None:
    """A removed key is a change too."""
    assert changes_needing_restart(Config(), after) == keys
    assert changes_needing_restart(after, Config()) == keys


def test_rate_and_chime_of_a_voice_need_no_restart() -> None:
    before = Config(voices={"kitchen": VoiceAlias("af_heart")})
    after = Config(voices={"kitchen": VoiceAlias("af_heart", rate=16_000, chime="bell.wav")})
    assert changes_needing_restart(before, after) == []
    slower = Config(voices={"kitchen": VoiceAlias("af_heart", 0.9, rate=16_000)})
    assert changes_needing_restart(before, slower) == ["voices.kitchen.speed"]


async def test_new_settings_apply_to_new_utterances_only() -> None:
    """An unknown default voice is an error and changes nothing."""
    async with fake_tts(FakeSpeechModel()) as tts:
        before = tts.utterance()
        changed = Config(server=ServerConfig(max_text_characters=3), voice=VoiceConfig("bf_emma", speed=2.0))
        tts.apply_config(changed, {})
        before.feed("longer than three")
        after = tts.utterance()
        assert (before.voice.name, after.voice.name) == ("af_heart", "bf_emma")
        with pytest.raises(TextTooLong):
            after.feed("longer")
        with pytest.raises(Exception, match="unknown voice 'af_missing'"):
            tts.apply_config(replace(changed, voice=VoiceConfig("af_missing")), {})
        assert tts.utterance().voice.name == "bf_emma"


async def answer_to(port: int, text: str) -> str:
    """Return the code of the error event, or the type of the first event."""
    async with connect_to(port) as client:
        await client.synthesize(text)
        event = await client.read()
    assert event
    return str(event.data.get("code", event.type))


@pytest.mark.model
async def test_sighup_reloads_the_file(arguments: list[str], tmp_path: Path) -> None:
    """Changed settings apply, settings that need a restart are named, and an invalid file changes nothing."""
    file = tmp_path / "config.toml"
    async with start_server(*arguments) as server:

        async def reload(text: str, log: str) -> None:
            file.write_text(CONFIG + text)
            server.process.send_signal(signal.SIGHUP)
            await server.wait_for_log(log)

        assert await answer_to(server.port, "Hello there.") == "audio-start"
        await reload(
            "[server]\nmax_text_characters = 3\n[model]\nthreads = 1\n",
            r"Configuration reloaded; restart the server to apply model\.threads\n",
        )
        assert await answer_to(server.port, "Hello there.") == "text-too-long"
        for text, reason in (
            ("[server]\nallowed_networks = ['home']\n", "server.allowed_networks: 'home' is not a network"),
            ("[voice]\nname = 'af_missing'\n", "unknown voice 'af_missing'"),
            ("[voices.bell]\nbase = 'af_heart'\nchime = 'bell.wav'\n", "voices.bell.chime: "),
            ("[[", "is not TOML"),
        ):
            await reload(text, f"the old settings stay in effect: .*{re.escape(reason)}")
            assert await answer_to(server.port, "Hello there.") == "text-too-long"
        await reload("[server]\nallowed_networks = ['192.0.2.0/24']\n", "Configuration reloaded")
        assert await answer_to(server.port, "Hello there.") == "not-allowed"
        await server.stop()


@pytest.mark.model
async def test_sighup_never_ends_the_server(arguments: list[str]) -> None:
    """Neither while it starts nor while it finishes a sentence. One that comes during the start reloads the file."""
    async with start_server(*arguments, ready_log="Configuration reloaded", early_signal=signal.SIGHUP) as server:
        async with connect_to(server.port) as client:
            await client.synthesize("A quick brown fox jumps over the lazy dog, and then it sleeps. " * 4)
            await client.read_until("audio-chunk")
            server.process.terminate()
            await server.wait_for_log("Stopping")
            server.process.send_signal(signal.SIGHUP)
            await client.read_until("audio-stop")
        await server.wait()


@pytest.mark.model
async def test_pipe_in_place_of_the_file_does_not_block_the_end(arguments: list[str], tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    async with start_server(*arguments) as server:
        file.unlink()
        os.mkfifo(file)
        server.process.send_signal(signal.SIGHUP)
        await server.wait_for_log("the old settings stay in effect: .*is a pipe; use a file")
        await server.stop()
