"""A new configuration for a running server: what holds at once, and what waits for a restart."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from wyoming_kokoro.api.observations import ConfigReloaded
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.server.running_server import RunningServer

log = logging.getLogger(__name__)

RESTART_PREFIXES = ("server.uri", "model.", "inference.", "directories.", "plugins.", "required_plugins", "voices.")
"""Keys, and beginnings of keys, that are read once: what they decide is opened when the server starts."""


def changes_needing_restart(before: Config, after: Config) -> list[str]:
    """Return the keys that differ and that only a restart can bring about; a plugin's whole table is one."""
    old, new = dict(_keys(asdict(before))), dict(_keys(asdict(after)))
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return [key for key in changed if key.startswith(RESTART_PREFIXES)]


def _keys(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict) and above != "plugins.":
            yield from _keys(value, f"{above}{key}.")
        else:
            yield above + key, value


@asynccontextmanager
async def reload_on_signal(server: RunningServer, read: Callable[[], Config]) -> AsyncIterator[None]:
    """Read the configuration again on each SIGHUP; in a terminal that signal keeps its meaning, to end."""
    if sys.stdin.isatty():
        yield
        return
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    task = asyncio.create_task(_reload_when(asked, server, read))
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        task.cancel()
        await asyncio.wait([task])


async def _reload_when(asked: asyncio.Event, server: RunningServer, read: Callable[[], Config]) -> None:
    while await asked.wait():
        asked.clear()
        server.emit(await _reloaded(server, read))


async def _reloaded(server: RunningServer, read: Callable[[], Config]) -> ConfigReloaded:
    try:
        config = await asyncio.to_thread(read)
        needs_restart = changes_needing_restart(server.config, config)
        server.apply_config(config)
    except (ConfigError, StartupError) as error:
        log.error("The new settings are not used, the old ones stay: %s", error)
        return ConfigReloaded(str(error))
    if needs_restart:
        log.warning("The settings were read again; a restart is needed for %s", ", ".join(needs_restart))
    else:
        log.info("The settings were read again")
    return ConfigReloaded(needs_restart=tuple(needs_restart))
