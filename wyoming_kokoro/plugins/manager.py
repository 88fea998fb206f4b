"""The typed facade over the plugins: the core asks its questions here and nowhere else.

The error policy lives here too: a broken built-in stops the start with one line; a broken plugin of a third
party is logged and skipped, unless the configuration requires it.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, TypeVar

import pluggy

from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.model_sources import ModelSource
from wyoming_kokoro.api.observations import Observation
from wyoming_kokoro.api.phrase_cache import PhraseCache
from wyoming_kokoro.api.providers import Provider
from wyoming_kokoro.api.server import Server
from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.api.warmup import WarmupStrategy
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.plugins.loader import LoadedPlugin, load_plugins

T = TypeVar("T")
log = logging.getLogger(__name__)


class PluginManager:
    """Every active plugin, one typed method a question."""

    def __init__(self, manager: pluggy.PluginManager, loaded: Sequence[LoadedPlugin]) -> None:
        self._manager = manager
        self.loaded = loaded
        self._failed_observers: set[str] = set()
        self._failed_memory_hooks: set[str] = set()

    @classmethod
    def load(cls, config: Config) -> PluginManager:
        """Find, make and register the plugins.

        Raises `StartupError` or `ConfigError` as the error policy says.
        """
        manager, loaded = load_plugins(config)
        return cls(manager, loaded)

    @property
    def statuses(self) -> dict[str, str]:
        """What became of each plugin, with the reason where there is one."""
        return {plugin.name: ": ".join(filter(None, (plugin.status, plugin.reason))) for plugin in self.loaded}

    def providers(self) -> tuple[Provider, ...]:
        """Return all providers, the preferred one first; the unusable ones come last."""
        found = self._collect("kokoro_providers", Provider)
        _reject_duplicates("provider", [provider.name for provider in found])
        return tuple(sorted(found, key=lambda provider: (provider.unavailable_reason is not None, -provider.priority)))

    def text_filters(self) -> tuple[TextFilter, ...]:
        """Return the text filters in their order."""
        return tuple(sorted(self._collect("kokoro_text_filters", TextFilter), key=lambda item: item.order))

    def model_sources(self) -> tuple[ModelSource, ...]:
        """Return the model sources in the order in which they are asked: third parties' first."""
        return self._collect("kokoro_model_sources", ModelSource)

    def phoneme_filters(self) -> tuple[TextFilter, ...]:
        """Return the filters of phonemes in their order."""
        return tuple(sorted(self._collect("kokoro_phoneme_filters", TextFilter), key=lambda item: item.order))

    def phonemizer(self, language: str) -> Phonemizer | None:
        """Return the phonemizer of `language`, third parties' first, or None when no plugin has one."""
        answers = self._answers("kokoro_phonemizer", _check_optional, Phonemizer, language=language)
        return next((answer for answer in answers if answer is not None), None)

    def fingerprints(self, config: Config, *hooks: str) -> list[str]:
        """Return names, versions and settings of the plugins that implement any of `hooks`.

        A third-party plugin also has the times of its files in it, so that its author need not raise a version to try
        a change.
        """
        bringing = [plugin for plugin in self.loaded if not set(hooks).isdisjoint(plugin.hooks)]
        settings = {plugin: sorted(config.plugins.get(plugin.name, {}).items()) for plugin in bringing}
        return [f"{_code_fingerprint(self._manager, plugin)} {settings[plugin]}" for plugin in bringing]

    def phrase_cache(self) -> PhraseCache | None:
        """Return the phrase cache, third parties' first, or None when no plugin has one."""
        answers = self._answers("kokoro_phrase_cache", _check_optional, PhraseCache)
        return next((answer for answer in answers if answer is not None), None)

    def warmup_strategies(self) -> tuple[WarmupStrategy, ...]:
        """Return the warmup strategies of all plugins."""
        return self._collect("kokoro_warmup_strategies", WarmupStrategy)

    def observe(self, observation: Observation) -> None:
        """Tell every plugin that listens; one that fails is logged, and told nothing more."""
        for implementation in self._manager.hook.kokoro_observe.get_hookimpls():
            name = implementation.plugin_name
            if name in self._failed_observers:
                continue
            try:
                implementation.function(*(observation for _ in implementation.argnames))
            except Exception:
                self._failed_observers.add(name)
                log.exception("The plugin %s failed in kokoro_observe; it is told nothing more", name)

    def free_memory(self, pressure: MemoryPressure) -> list[FreedMemory]:
        """Tell every plugin how short memory is, ours first; return what each gave back.

        Blocks while they do. One that fails is logged once, and is told again the next time: it may hold a lot.
        """
        reliefs = []
        for implementation in self._manager.hook.kokoro_memory_pressure.get_hookimpls():
            name = implementation.plugin_name
            try:
                freed = implementation.function(*(pressure for _ in implementation.argnames))
                reliefs.append(FreedMemory(name, 0 if freed is None else _check_type(int, freed)))
            except Exception:
                level = logging.DEBUG if name in self._failed_memory_hooks else logging.ERROR
                log.log(level, "The plugin %s failed in kokoro_memory_pressure", name, exc_info=True)
                self._failed_memory_hooks.add(name)
        return reliefs

    def services(self, server: Server) -> tuple[AbstractAsyncContextManager[object], ...]:
        """Return what runs beside the server, in the order in which it is entered: ours first. Blocks."""
        answers = list(self._answers("kokoro_services", _check_each, AbstractAsyncContextManager, server=server))
        return tuple(service for answer in reversed(answers) for service in answer)

    def _collect(self, hook: str, kind: type[Any]) -> tuple[Any, ...]:
        return tuple(item for answer in self._answers(hook, _check_each, kind) for item in answer)

    def _answers(
        self, hook: str, check: Callable[[type[Any], Any], T], kind: type[Any], **arguments: object
    ) -> Iterator[T]:
        """Ask every plugin by itself, so that one that fails takes nobody's answer with it."""
        for implementation in reversed(getattr(self._manager.hook, hook).get_hookimpls()):
            values = [arguments[name] for name in implementation.argnames]
            try:
                answer = check(kind, implementation.function(*values))
            except Exception as error:  # noqa: BLE001 a plugin may raise anything; the policy decides
                self._record_failure(implementation.plugin_name, hook, error)
            else:
                yield answer

    def _record_failure(self, name: str, hook: str, error: Exception) -> None:
        plugin = next(item for item in self.loaded if item.name == name)
        message = f"plugin {name} ({plugin.distribution}) failed in {hook}: {error}"
        if isinstance(error, ConfigError):
            raise error
        if plugin.is_required:
            raise StartupError(message) from error
        log.error("%s; going on without what it brings", message)


def _code_fingerprint(manager: pluggy.PluginManager, plugin: LoadedPlugin) -> str:
    """Return a text that changes with the code of `plugin`."""
    if plugin.is_builtin:
        return f"{plugin.name} {plugin.version}"
    package = sys.modules[type(manager.get_plugin(plugin.name)).__module__.partition(".")[0]]
    file = Path(str(package.__file__))
    sources = (
        sorted(path for path in file.parent.rglob("*") if path.is_file() and path.suffix != ".pyc")
        if file.name == "__init__.py"
        else [file]
    )
    return f"{plugin.name} {plugin.version} {[source.stat().st_mtime_ns for source in sources]}"


def _check_each(kind: type[Any], answer: Iterable[Any] | None) -> list[Any]:
    return [] if answer is None else [_check_type(kind, item) for item in answer]


def _check_optional(kind: type[Any], answer: Any) -> Any:
    return None if answer is None else _check_type(kind, answer)


def _check_type(kind: type[Any], item: Any) -> Any:
    if not isinstance(item, kind):
        raise TypeError(f"returned {item!r}, which is no {kind.__name__}")
    return item


def _reject_duplicates(what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise StartupError(f"two plugins bring a {what} named {name}; disable one of them in the config")
