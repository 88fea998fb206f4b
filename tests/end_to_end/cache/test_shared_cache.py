"""Two whole servers that share phrases over a real redis-server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import wyoming.error  # noqa: F401 `check` imports it on its event loop, which the tests forbid

from tests.helpers.servers.redis import needs_redis
from tests.helpers.servers.server_process import new_cache
from tests.helpers.synthesis.utterances import pcm_of
from tools.scaling.redis_process import RedisProcess, running_redis
from wyoming_kokoro import Phrase
from wyoming_kokoro.backend import Backend, open_backend
from wyoming_kokoro.cli.main import main
from wyoming_kokoro.config import load_config
from wyoming_kokoro.plugins.manager import PluginManager

pytestmark = [pytest.mark.model, needs_redis]
SECRET = "correct-horse"
PHRASES = [Phrase(f"The {room} light is on.") for room in ("attic", "hall", "cellar", "garden", "kitchen", "porch")]


@pytest.fixture
def redis() -> Iterator[RedisProcess]:
    with running_redis("--requirepass", SECRET) as process:
        yield process


def config_file(folder: Path, stages_folder: Path, url: str) -> Path:
    """Return the configuration of a server with caches of its own, in which the model is prepared."""
    cache = new_cache(folder, stages_folder.parents[1])
    file = folder / "config.toml"
    file.write_text(f"""
        directories = {{ cache = "{cache}", state = "{folder / "state"}" }}
        server.uri = "tcp://127.0.0.1:0"
        voice.quality = "distilled"
        plugins.zeroconf.enabled = false
        plugins.dashboard.enabled = false
        plugins.openai.enabled = false
        plugins.warmup = {{ home_assistant = false, idle_seconds = 3600 }}
        plugins.redis = {{ url = "{url}", read_timeout_ms = 1000 }}
    """)
    return file


async def open_servers(stack: AsyncExitStack, folder: Path, stages_folder: Path, redis: RedisProcess) -> list[Backend]:
    """Open two servers that use the store."""
    backends = []
    for name in ("first", "second"):
        file = config_file(folder / name, stages_folder, f"redis://:{SECRET}@127.0.0.1:{redis.port}")
        config = await asyncio.to_thread(load_config, file, {}, {})
        backend = await stack.enter_async_context(
            open_backend(config, await asyncio.to_thread(PluginManager.load, config))
        )
        await backend.ready_task
        shared = (await backend.cache.stats()).shared
        assert shared
        assert not shared.problem
        backends.append(backend)
    return backends


async def speak(backend: Backend, text: str) -> bytes:
    return await pcm_of(backend.tts.utterance(), text)


async def test_phrase_of_one_server_is_played_by_another_bit_for_bit(
    tmp_path: Path, stages_folder: Path, redis: RedisProcess
) -> None:
    async with AsyncExitStack() as stack:
        first, second = await open_servers(stack, tmp_path, stages_folder, redis)
        spoken = await speak(first, "The garage door is open. The lights are on.")
        await first.cache.flush()
        assert await speak(second, "The garage door is open. The lights are on.") == spoken
        assert (second.metrics.metrics.speech.cached, second.metrics.metrics.speech.segments) == (2, 2)
        # Now the second server needs no store.
        redis.kill()
        assert await speak(second, "The garage door is open. The lights are on.") == spoken
        assert await speak(second, "The window is closed.")


@pytest.mark.slow  # the tests of the plugin cover most of it
async def test_servers_divide_the_phrases_of_warmup(tmp_path: Path, stages_folder: Path, redis: RedisProcess) -> None:
    async def warm(backend: Backend) -> int:
        return sum([(await backend.tts.warm(phrase)).work_seconds > 0 for phrase in PHRASES])

    async with AsyncExitStack() as stack:
        servers = await open_servers(stack, tmp_path, stages_folder, redis)
        counts = await asyncio.gather(*map(warm, servers))
        for server in servers:
            await server.cache.flush()
        counts += await asyncio.gather(*map(warm, servers))
        assert sum(counts) == len(PHRASES)
        for server in servers:
            assert all([await server.tts.is_warm(phrase) for phrase in PHRASES])


@pytest.mark.slow  # opens the model twice
def test_check_reports_the_store_and_its_failure_without_secrets(
    tmp_path: Path, stages_folder: Path, redis: RedisProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"redis://:{SECRET}@127.0.0.1:{redis.port}"
    working = config_file(tmp_path / "working", stages_folder, url)
    assert main(["--config", str(working), "check"]) == 0
    shown = capsys.readouterr()
    assert f"the shared cache redis://127.0.0.1:{redis.port} works (Redis" in shown.out
    assert "never removes old phrases" in shown.out
    redis.kill()
    assert main(["--config", str(working), "check", "--json"]) == 1
    failed = capsys.readouterr()
    assert "is not usable (" in json.loads(failed.out)["problem"]
    assert main(["--config", str(working), "cache", "stats"]) == 0
    assert "is not usable" in capsys.readouterr().out
    assert SECRET not in shown.out + shown.err + failed.out + failed.err
