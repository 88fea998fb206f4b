"""Several servers with the same configuration."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.helpers.servers.server_process import start_server

CONFIG = """
[voice]
quality = "distilled"
[voices.kitchen]
base = "af_heart(0.7)+af_bella(0.3)"
[voices.Attic]
base = "bf_emma"
[voices.attic]
base = "am_adam"
description = "Kitchen"
"""
DISABLED = "".join(
    f"[plugins.{name}]\nenabled = false\n" for name in ("zeroconf", "dashboard", "openai", "phrase_cache", "warmup")
)


async def describe(port: int) -> bytes:
    """Return the answer to `describe`, byte for byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b'{"type": "describe"}\n')
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.model
async def test_describe_is_identical_on_servers_with_the_same_configuration(model_cache: Path, tmp_path: Path) -> None:
    """Home Assistant rebuilds its list of voices whenever the answer differs. The order of sets depends on the seed."""
    config = tmp_path / "config.toml"
    config.write_text(CONFIG + DISABLED)

    async def start_and_describe(seed: str) -> bytes:
        arguments = ("--config", str(config), "--cache", str(model_cache), "--state", str(tmp_path / seed))
        async with start_server(*arguments, environment={**os.environ, "PYTHONHASHSEED": seed}) as server:
            first = await describe(server.port)
            assert await describe(server.port) == first
            return first

    first, second = await asyncio.gather(*map(start_and_describe, ("0", "4294967295")))
    assert first == second
    assert b'"kitchen"' in first
