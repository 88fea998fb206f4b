"""A new configuration for a running server."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.protocol_fakes import Client
from wyoming_kokoro.config import Config, ModelConfig, ServerConfig, VoiceConfig
from wyoming_kokoro.errors import TextTooLong
from wyoming_kokoro.server.reload import fixed_changes
from wyoming_kokoro.testing import FakeSpeechModel, fake_tts


@pytest.mark.parametrize(
    ("after", "keys"),
    [
        (Config(), []),
        (Config(voice=VoiceConfig("bf_emma", 1.2, 2.0), log_level="debug", where="elsewhere"), []),
        (Config(server=ServerConfig(allowed_networks=("10.0.0.0/8",), shutdown_grace_seconds=1, max_streams=3)), []),
        (Config(server=ServerConfig("tcp://:1"), model=ModelConfig(threads=2)), ["server.uri", "model.threads"]),
        (Config(required_plugins=("text",)), ["required_plugins"]),
        (Config(plugins={"cpu": {"precision": "float"}, "mine": {"a": {"b": 1}}}), ["plugins.cpu", "plugins.mine"]),
    ],
)
def test_what_waits_for_a_restart(after: Config, keys: list[str]) -> None:
    """Whichever is the old one: a key that was removed has changed, too."""
    assert fixed_changes(Config(), after) == keys
    assert fixed_changes(after, Config()) == keys


async def test_new_requests_are_spoken_as_the_new_settings_say() -> None:
    """Those under way are spoken as they were begun; the default voice must be there."""
    synthesis = FakeSpeechModel()
    async with fake_tts(synthesis) as narrator:
        before = narrator.utterance()
        changed = Config(server=ServerConfig(max_text_characters=3), voice=VoiceConfig("bf_emma", speed=2.0))
        narrator.apply_config(changed)
        before.feed("longer than three")
        after = narrator.utterance()
        assert (before.voice.name, after.voice.name) == ("af_heart", "bf_emma")
        with pytest.raises(TextTooLong):
            after.feed("longer")
        with pytest.raises(Exception, match="unknown voice 'nobody'"):
            narrator.apply_config(replace(changed, voice=VoiceConfig("nobody")))
        assert narrator.utterance().voice.name == "bf_emma"


# The program


@asynccontextmanager
async def serving(model_cache: Path, file: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "wyoming_kokoro", "--config", str(file), "--cache", str(model_cache)),
        *("--state", str(file.parent / "state"), "--uri", "tcp://127.0.0.1:0"),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        port = int((await said(process, r"Listening on .* port (\d+)"))[1])
        await said(process, "Ready to speak")
        yield process, port
        process.terminate()
        await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def said(process: asyncio.subprocess.Process, pattern: str) -> re.Match[str]:
    assert process.stderr
    seen = ""
    while line := (await asyncio.wait_for(process.stderr.readline(), 60)).decode():
        seen += line
        if found := re.search(pattern, line):
            return found
    raise AssertionError(f"ended without saying {pattern!r}:\n{seen}")


async def code_of(port: int, text: str) -> str:
    """Return the code of the error that the server answers with, or the type of what it answers."""
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    await client.say(text)
    event = await client.receive()
    await client.close()
    assert event
    return str(event.data.get("code", event.type))


@pytest.mark.model
async def test_a_signal_reads_the_file_again(model_cache: Path, tmp_path: Path) -> None:
    """What can be changed is; what cannot is named; a broken file changes nothing."""
    file = tmp_path / "config.toml"
    quiet = "[plugins.zeroconf]\nenabled = false\n[plugins.warmup]\nenabled = false\n"
    file.write_text(quiet)
    async with serving(model_cache, file) as (process, port):
        assert await code_of(port, "Hello there.") == "audio-start"
        file.write_text(f"{quiet}[server]\nmax_text_characters = 3\n[model]\nthreads = 1\n")
        process.send_signal(signal.SIGHUP)
        await said(process, r"were read again; a restart is needed for model\.threads\n")
        assert await code_of(port, "Hello there.") == "text-too-long"
        for broken, reason in (
            ("[server]\nallowed_networks = ['home']\n", "server.allowed_networks: 'home' is not a network"),
            ("[voice]\nname = 'nobody'\n", "unknown voice 'nobody'"),
            ("[[", "is not TOML"),
        ):
            file.write_text(quiet + broken)
            process.send_signal(signal.SIGHUP)
            await said(process, f"the old ones stay: .*{re.escape(reason)}")
            assert await code_of(port, "Hello there.") == "text-too-long"
        file.write_text(f"{quiet}[server]\nallowed_networks = ['192.0.2.0/24']\n")
        process.send_signal(signal.SIGHUP)
        await said(process, "were read again")
        assert await code_of(port, "Hello there.") == "not-allowed"
