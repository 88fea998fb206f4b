"""Finds and creates the installed plugins.

pluggy's own loader silently skips the second plugin of a name, stops at the first one that cannot be imported, and
keeps a plugin whose hook has a wrong argument.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Literal

import pluggy

from wyoming_kokoro.api import hookspecs
from wyoming_kokoro.api.context import PluginContext
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError, KokoroError, PluginUnavailable, StartupError
from wyoming_kokoro.settings import did_you_mean

BUILTIN_DISTRIBUTION = "wyoming-kokoro"
Status = Literal["active", "disabled", "unavailable", "failed"]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """An installed plugin, and the distribution that contains it."""

    entry: metadata.EntryPoint
    distribution: str
    version: str

    @property
    def name(self) -> str:
        """The name in the configuration."""
        return self.entry.name

    @property
    def is_builtin(self) -> bool:
        """Whether the plugin is part of wyoming-kokoro."""
        return self.distribution == BUILTIN_DISTRIBUTION


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """An installed plugin and its status."""

    name: str
    distribution: str
    version: str
    status: Status
    is_builtin: bool
    is_required: bool
    """Whether its failure stops the start: it is built in, or `required_plugins` contains it."""
    reason: str = ""
    """Why it is not active."""
    hooks: tuple[str, ...] = ()


def load_plugins(config: Config) -> tuple[pluggy.PluginManager, tuple[LoadedPlugin, ...]]:
    """Load all installed plugins: the built-in ones first, then the others by name.

    Raises `StartupError` if a required plugin fails or two plugins have the same name, and `ConfigError` if the
    configuration names a plugin that is not installed.
    """
    plugins = installed_plugins()
    _check_names(config, plugins)
    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    loaded = tuple(_load(manager, plugin, config) for plugin in plugins)
    _check_required(config, loaded)
    return manager, loaded


def installed_plugins() -> list[InstalledPlugin]:
    """Return all installed plugins in the order of loading."""
    entries = metadata.entry_points(group=hookspecs.GROUP)
    # Reading the metadata of a distribution takes a millisecond, so each is read once.
    distributions = {entry.dist: _name_and_version(entry.dist) for entry in entries}
    plugins = {InstalledPlugin(entry, *distributions[entry.dist]) for entry in entries}
    return sorted(plugins, key=lambda plugin: (not plugin.is_builtin, plugin.name))


def _load(manager: pluggy.PluginManager, installed: InstalledPlugin, config: Config) -> LoadedPlugin:
    name = installed.name
    plugin = LoadedPlugin(
        name,
        installed.distribution,
        installed.version,
        "active",
        is_builtin=installed.is_builtin,
        is_required=installed.is_builtin or name in config.required_plugins,
    )
    table = dict(config.plugins.get(name, {}))
    if not _pop_enabled(table, name, config):
        return replace(plugin, status="disabled", reason="enabled = false in the configuration")
    try:
        instance = installed.entry.load()(_make_context(name, table, config))
        return replace(plugin, hooks=_register(manager, name, instance))
    except ConfigError:
        raise
    except PluginUnavailable as reason:
        # Users install third-party plugins on purpose, but they get the built-in ones for all platforms.
        level = logging.DEBUG if plugin.is_builtin else logging.INFO
        log.log(level, "Plugin %s is not available: %s", name, reason)
        return replace(plugin, status="unavailable", reason=str(reason))
    except Exception as error:
        if plugin.is_required:
            raise StartupError(_describe_failure(plugin, error)) from error
        log.error("%s; the server runs without it", _describe_failure(plugin, error))
        return replace(plugin, status="failed", reason=f"{type(error).__name__}: {error}")


def _register(manager: pluggy.PluginManager, name: str, instance: object) -> tuple[str, ...]:
    try:
        manager.register(instance, name)
        manager.check_pending()
    except Exception:
        manager.unregister(name=name)
        raise
    callers = manager.get_hookcallers(instance) or []
    return tuple(sorted(caller.name for caller in callers))


def _make_context(name: str, table: dict[str, object], config: Config) -> PluginContext:
    return PluginContext(
        name=name,
        cache_dir=config.directories.cache_path,
        state_dir=config.directories.state_path,
        log=logging.getLogger(f"wyoming_kokoro.plugins.{name}"),
        table=table,
        config_source=config.source,
    )


def _pop_enabled(table: dict[str, object], name: str, config: Config) -> bool:
    enabled = table.pop("enabled", True)
    if not isinstance(enabled, bool):
        raise ConfigError(config.source, f"plugins.{name}.enabled", "must be true or false")
    return enabled


def _check_names(config: Config, plugins: list[InstalledPlugin]) -> None:
    names = [plugin.name for plugin in plugins]
    for name in names:
        if names.count(name) > 1:
            owners = " and ".join(plugin.distribution for plugin in plugins if plugin.name == name)
            raise StartupError(f"{owners} both contain a plugin named {name}; uninstall one of them")
    for key, configured in (("plugins", config.plugins), ("required_plugins", config.required_plugins)):
        for name in configured:
            if name not in names:
                raise ConfigError(config.source, f"{key}.{name}", f"not installed{did_you_mean(name, names)}")


def _check_required(config: Config, loaded: Iterable[LoadedPlugin]) -> None:
    for plugin in loaded:
        if plugin.name in config.required_plugins and plugin.status != "active":
            raise StartupError(f"the required plugin {plugin.name} is {plugin.status}: {plugin.reason}")


def _describe_failure(plugin: LoadedPlugin, error: Exception) -> str:
    reason = str(error) if isinstance(error, KokoroError) else f"{type(error).__name__}: {error}"
    return f"plugin {plugin.name} ({plugin.distribution} {plugin.version}) cannot be loaded: {reason}"


def _name_and_version(distribution: metadata.Distribution | None) -> tuple[str, str]:
    return (distribution.name, distribution.version) if distribution else ("an unknown distribution", "unknown")
