"""Reloads the configuration of a running server on SIGHUP."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from wyoming_kokoro.api.background import keep_running
from wyoming_kokoro.api.observations import ConfigReloaded
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.server.running_server import RunningServer

log = logging.getLogger(__name__)

# Keys, and prefixes of keys, whose values decide what is opened at startup.
RESTART_PREFIXES = (
    "server.uri",
    "server.advertise",
    "voice.loudness",
    "model.",
    "inference.",
    "directories.",
    "text.",
    "plugins.",
    "required_plugins",
    "voices.",
)
# The last part of keys in `[voices.NAME]` that each new request reads.
RELOADABLE_VOICE_KEYS = (".rate", ".chime")


def changes_needing_restart(before: Config, after: Config) -> list[str]:
    """Return the keys that differ and take effect only at a restart. The table of a plugin counts as one key."""
    old, new = dict(_flatten(asdict(before))), dict(_flatten(asdict(after)))
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return [key for key in changed if key.startswith(RESTART_PREFIXES) and not _is_reloadable(key)]


def _is_reloadable(key: str) -> bool:
    return key.startswith("voices.") and key.endswith(RELOADABLE_VOICE_KEYS)


def _flatten(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict) and prefix != "plugins.":
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def catch_reload_signal(early_signals: Sequence[int]) -> asyncio.Event:
    """Return an event that SIGHUP sets until the event loop ends, and that is set if it is one of `early_signals`.

    Where SIGHUP ends the process, it stays so.
    """
    signaled = asyncio.Event()
    if signal.getsignal(signal.SIGHUP) != signal.SIG_DFL:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, signaled.set)
    if signal.SIGHUP in early_signals:
        signaled.set()
    return signaled


@asynccontextmanager
async def reload_when(
    signaled: asyncio.Event, server: RunningServer, read: Callable[[], Config]
) -> AsyncIterator[None]:
    """Reload the configuration each time when `signaled` is set, until the block ends."""
    task = asyncio.create_task(keep_running(lambda: _reload_when(signaled, server, read), "Reload"))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _reload_when(signaled: asyncio.Event, server: RunningServer, read: Callable[[], Config]) -> None:
    while await signaled.wait():
        signaled.clear()
        server.emit(await _reload(server, read))


async def _reload(server: RunningServer, read: Callable[[], Config]) -> ConfigReloaded:
    try:
        config = await asyncio.to_thread(read)
        needs_restart = changes_needing_restart(server.config, config)
        await server.apply_config(config)
    except (ConfigError, StartupError) as error:
        log.error("Configuration reload failed; the old settings stay in effect: %s", error)
        return ConfigReloaded(str(error))
    if needs_restart:
        log.warning("Configuration reloaded; restart the server to apply %s", ", ".join(needs_restart))
    else:
        log.info("Configuration reloaded")
    return ConfigReloaded(needs_restart=tuple(needs_restart))
