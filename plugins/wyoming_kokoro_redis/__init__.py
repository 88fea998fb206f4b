"""Shares cached phrases between servers, in Redis or Valkey."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass, replace
from typing import Annotated

from msgspec import Meta

from wyoming_kokoro import ConfigError, PhraseCache, PluginContext, PluginUnavailable, hookimpl
from wyoming_kokoro_redis.address import StoreAddress, parse_address
from wyoming_kokoro_redis.shared_cache import SharedPhraseCache
from wyoming_kokoro_redis.store import SharedStore

URL_VARIABLE = "WYOMING_KOKORO_REDIS_URL"


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.redis]`."""

    url: str = ""
    """`redis://`, `rediss://` (TLS), `unix://`, `redis+sentinel://` or `redis+cluster://`. Empty: nothing is shared.

    The environment variable `WYOMING_KOKORO_REDIS_URL` replaces it.
    """
    password_file: str = ""
    """The path of a file with the password, which only its owner may read. Empty: the password of the URL, if any."""
    read_timeout_ms: Annotated[int, Meta(ge=1, le=1000)] = 20
    """A lookup without an answer in this time is a miss."""


class RedisPlugin:
    """Provides the shared phrase cache."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `ConfigError`, and `PluginUnavailable` without an address."""
        self._settings = context.settings(Settings)
        self._log = context.log
        self._address = _read_address(self._settings, context)

    @hookimpl
    def kokoro_shared_phrase_cache(self, local: PhraseCache, machine: str) -> PhraseCache | None:
        """Return the cache. It connects when it is opened."""
        store = SharedStore(self._address, self._settings.read_timeout_ms / 1000, self._log)
        return SharedPhraseCache(local, machine, store)


def _read_address(settings: Settings, context: PluginContext) -> StoreAddress:
    variable = os.environ.get(URL_VARIABLE, "")
    url = variable or settings.url
    if not url:
        raise PluginUnavailable("nothing is shared; set url in [plugins.redis]")
    place = ("the environment", URL_VARIABLE) if variable else (context.config_source, "plugins.redis.url")
    if not importlib.util.find_spec("redis"):
        raise ConfigError(*place, "needs a package; run pip install 'wyoming-kokoro[redis]'")
    address = parse_address(url, *place)
    file = settings.password_file
    if not file:
        return address
    password = context.read_secret("password_file", file).strip()
    if not password:
        reason = f"{file} is empty; write the password into it"
        raise ConfigError(context.config_source, "plugins.redis.password_file", reason)
    return replace(address, password=password)
