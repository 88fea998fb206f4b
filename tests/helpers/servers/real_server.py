"""A whole server in the process of the tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wyoming_kokoro.config import Config
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.server.lifecycle import open_server
from wyoming_kokoro.server.running_server import RunningServer
from wyoming_kokoro.server.startup_timeline import StartupTimeline


@asynccontextmanager
async def real_server(config: Config) -> AsyncIterator[RunningServer]:
    """Run a server with all plugins, whose full model is open."""
    plugins = await asyncio.to_thread(PluginManager.load, config)
    async with open_server(config, plugins, await asyncio.to_thread(StartupTimeline)) as server:
        await server.backend.open_model()
        yield server
