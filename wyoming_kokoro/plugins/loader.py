"""Finding and making the plugins that are installed.

pluggy's own loader skips a second plugin of a taken name in silence, stops at the first that cannot be
imported and leaves a plugin registered whose hook has a wrong argument: not fit for people's houses.
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
    """A plugin that is installed, and what it came with."""

    entry: metadata.EntryPoint
    distribution: str
    version: str

    @property
    def name(self) -> str:
        """What the configuration calls it."""
        return self.entry.name

    @property
    def is_builtin(self) -> bool:
        """Whether it came with the server."""
        return self.distribution == BUILTIN_DISTRIBUTION


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """What became of one installed plugin."""

    name: str
    distribution: str
    version: str
    status: Status
    is_builtin: bool
    """Whether it came with the server."""
    is_required: bool
    """Ours, or required by the configuration: its failure stops the start."""
    reason: str = ""
    hooks: tuple[str, ...] = ()


def load_plugins(config: Config) -> tuple[pluggy.PluginManager, tuple[LoadedPlugin, ...]]:
    """Load every installed plugin: ours first, the others by name, so that the order is the same everywhere.

    Raises `StartupError` when a plugin that must work does not, or two plugins share a name, and
    `ConfigError` when the configuration names a plugin that is not installed.
    """
    plugins = installed_plugins()
    _check_names(config, plugins)
    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    loaded = tuple(_load(manager, plugin, config) for plugin in plugins)
    _check_required(config, loaded)
    return manager, loaded


def installed_plugins() -> list[InstalledPlugin]:
    """Return all installed plugins, in loading order."""
    entries = metadata.entry_points(group=hookspecs.GROUP)
    # To tell the name of a distribution takes a millisecond, so each is asked once.
    distributions = {entry.dist: _name_and_version(entry.dist) for entry in entries}
    plugins = {InstalledPlugin(entry, *distributions[entry.dist]) for entry in entries}
    return sorted(plugins, key=lambda plugin: (not plugin.is_builtin, plugin.name))


def _load(manager: pluggy.PluginManager, found: InstalledPlugin, config: Config) -> LoadedPlugin:
    entry, own = found.entry, found.is_builtin
    required = entry.name in config.required_plugins
    plugin = LoadedPlugin(
        entry.name, found.distribution, found.version, "active", is_builtin=own, is_required=own or required
    )
    table = dict(config.plugins.get(entry.name, {}))
    if not _pop_enabled(table, entry.name, config):
        return replace(plugin, status="disabled", reason="enabled = false in the configuration")
    try:
        instance = entry.load()(_make_context(entry.name, table, config))
        return replace(plugin, hooks=_register(manager, entry.name, instance))
    except ConfigError:
        raise
    except PluginUnavailable as reason:
        level = logging.DEBUG if own else logging.INFO  # ours are there whether or not anybody wants them
        log.log(level, "plugin %s is not available: %s", entry.name, reason)
        return replace(plugin, status="unavailable", reason=str(reason))
    except Exception as error:
        if plugin.is_required:
            raise StartupError(_describe_failure(plugin, error)) from error
        log.error("%s; going on without it", _describe_failure(plugin, error))
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
            raise StartupError(f"{owners} both bring a plugin named {name}; uninstall one of them")
    for key, wanted in (("plugins", config.plugins), ("required_plugins", config.required_plugins)):
        for name in wanted:
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
