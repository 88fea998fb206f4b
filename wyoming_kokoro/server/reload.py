"""A new configuration for a running server: what holds at once, and what waits for a restart."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Protocol

from wyoming_kokoro.api.observations import SettingsRead
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError, StartupError

log = logging.getLogger(__name__)

FIXED = ("server.uri", "model.", "directories.", "plugins.", "plugins_required", "voices.")
"""Keys, and beginnings of keys, that are read once: what they decide is opened when the server starts."""


class Settled(Protocol):
    """A server that takes new settings."""

    def settle(self, config: Config) -> SettingsRead:
        """Let `config` hold for all who come from now on. Raises `ConfigError` and `StartupError`."""

    def observe(self, observation: SettingsRead) -> None:
        """Tell who listens."""


def fixed_changes(before: Config, after: Config) -> list[str]:
    """Return the keys that differ and that only a restart can bring about; a plugin's whole table is one."""
    old, new = dict(_keys(asdict(before))), dict(_keys(asdict(after)))
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return [key for key in changed if key.startswith(FIXED)]


def _keys(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict) and above != "plugins.":
            yield from _keys(value, f"{above}{key}.")
        else:
            yield above + key, value


@asynccontextmanager
async def reloading(server: Settled, read: Callable[[], Config]) -> AsyncIterator[None]:
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


async def _reload_when(asked: asyncio.Event, server: Settled, read: Callable[[], Config]) -> None:
    while await asked.wait():
        asked.clear()
        server.observe(await _reloaded(server, read))


async def _reloaded(server: Settled, read: Callable[[], Config]) -> SettingsRead:
    try:
        outcome = server.settle(await asyncio.to_thread(read))
    except (ConfigError, StartupError) as error:
        log.error("The new settings are not used, the old ones stay: %s", error)
        return SettingsRead(str(error))
    if outcome.waiting:
        log.warning("The settings were read again; a restart is needed for %s", ", ".join(outcome.waiting))
    else:
        log.info("The settings were read again")
    return outcome
