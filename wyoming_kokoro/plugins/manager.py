"""Calls the hooks of all plugins. No other module of the core calls a hook.

If a hook of a built-in or required plugin fails, the server does not start. The failure of another plugin is logged,
and its answer is skipped.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pluggy

from wyoming_kokoro.api.lexicon import Lexicon
from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.model_sources import Download, ModelSource
from wyoming_kokoro.api.observations import Observation
from wyoming_kokoro.api.phrase_cache import PhraseCache
from wyoming_kokoro.api.providers import Provider
from wyoming_kokoro.api.server import Server
from wyoming_kokoro.api.speech_models import SpeechModel
from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.api.warmup import WarmupStrategy
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.plugins.loader import LoadedPlugin, load_plugins

T = TypeVar("T")
log = logging.getLogger(__name__)


class PluginManager:
    """The active plugins, with one typed method for each hook."""

    def __init__(self, manager: pluggy.PluginManager, loaded: Sequence[LoadedPlugin]) -> None:
        self._manager = manager
        self.loaded = loaded
        self._phonemizers: dict[str, tuple[str, Phonemizer | None]] = {}
        self._collected: dict[str, tuple[Any, ...]] = {}
        self._failed_observers: set[str] = set()
        self._failed_memory_hooks: set[str] = set()

    @classmethod
    def load(cls, config: Config) -> PluginManager:
        """Load all installed plugins. Raises `StartupError` and `ConfigError`."""
        manager, loaded = load_plugins(config)
        return cls(manager, loaded)

    @property
    def statuses(self) -> dict[str, str]:
        """The status of each plugin, with the reason if it is not active."""
        return {plugin.name: ": ".join(filter(None, (plugin.status, plugin.reason))) for plugin in self.loaded}

    def providers(self) -> tuple[Provider, ...]:
        """Return all providers: the usable ones by priority, then the unusable ones."""
        found = self._collect("kokoro_providers", Provider)
        _reject_duplicates("provider", [provider.name for provider in found])
        return tuple(sorted(found, key=lambda provider: (provider.unavailable_reason is not None, -provider.priority)))

    def speech_models(self) -> tuple[SpeechModel, ...]:
        """Return the speech models, third parties first."""
        found = self._collect("kokoro_speech_models", SpeechModel)
        _reject_duplicates("speech model", [model.name for model in found])
        return found

    def text_filters(self) -> tuple[TextFilter, ...]:
        """Return the text filters, sorted by their order."""
        return self._filters("kokoro_text_filters")

    def model_sources(self) -> tuple[ModelSource, ...]:
        """Return the model sources, third parties first."""
        return self._collect("kokoro_model_sources", ModelSource)

    def downloads(self) -> tuple[Download, ...]:
        """Return the files that can be downloaded, third parties first."""
        found = self._collect("kokoro_downloads", Download)
        _reject_duplicates("download", [download.name for download in found])
        return found

    def phoneme_filters(self) -> tuple[TextFilter, ...]:
        """Return the phoneme filters, sorted by their order."""
        return self._filters("kokoro_phoneme_filters")

    def phonemizer(self, language: str) -> Phonemizer | None:
        """Return the first phonemizer for `language`, third parties first; or None."""
        return self._named_phonemizer(language)[1]

    def _named_phonemizer(self, language: str) -> tuple[str, Phonemizer | None]:
        """Return the plugin of the phonemizer for `language`, and the phonemizer."""
        if language not in self._phonemizers:
            answers = self._named_answers("kokoro_phonemizer", _check_optional, Phonemizer, language=language)
            self._phonemizers[language] = next((item for item in answers if item[1] is not None), ("", None))
        return self._phonemizers[language]

    def _filters(self, hook: str) -> tuple[TextFilter, ...]:
        """Return the filters of all plugins by their order, each only for languages with the phonemizer it needs."""
        found = []
        for item in self._collect(hook, TextFilter):
            languages = item.languages
            if item.phonemizer:
                languages = frozenset(code for code in languages if self._named_phonemizer(code)[0] == item.phonemizer)
            if languages or not item.phonemizer:
                found.append(replace(item, languages=languages))
        return tuple(sorted(found, key=lambda item: item.order))

    def fingerprints(self, config: Config, *hooks: str) -> list[str]:
        """Return the name, version and settings of each plugin that implements any of `hooks`.

        The text of a third-party plugin also contains the modification times of its files, so that its author can
        try a change without a new version.
        """
        plugins = [plugin for plugin in self.loaded if not set(hooks).isdisjoint(plugin.hooks)]
        settings = {plugin: sorted(config.plugins.get(plugin.name, {}).items()) for plugin in plugins}
        return [f"{_code_fingerprint(self._manager, plugin)} {settings[plugin]}" for plugin in plugins]

    def phrase_cache(self) -> PhraseCache | None:
        """Return the first phrase cache, third parties first; or None."""
        found: PhraseCache | None = self._first("kokoro_phrase_cache", PhraseCache)
        return found

    def shares_phrases(self) -> bool:
        """Return whether any plugin may provide a shared phrase cache."""
        return any("kokoro_shared_phrase_cache" in plugin.hooks for plugin in self.loaded)

    def shared_phrase_cache(self, local: PhraseCache, machine: str) -> PhraseCache | None:
        """Return the first shared phrase cache over `local`, third parties first; or None."""
        found: PhraseCache | None = self._first("kokoro_shared_phrase_cache", PhraseCache, local=local, machine=machine)
        return found

    def lexicon(self) -> Lexicon | None:
        """Return the first lexicon, third parties first; or None."""
        found: Lexicon | None = self._first("kokoro_lexicon", Lexicon)
        return found

    def warmup_strategies(self) -> tuple[WarmupStrategy, ...]:
        """Return the warmup strategies of all plugins."""
        return self._collect("kokoro_warmup_strategies", WarmupStrategy)

    def observe(self, observation: Observation) -> None:
        """Pass an observation to all plugins. A plugin that fails is logged and gets no more observations."""
        for implementation in self._manager.hook.kokoro_observe.get_hookimpls():
            name = implementation.plugin_name
            if name in self._failed_observers:
                continue
            try:
                implementation.function(*(observation for _ in implementation.argnames))
            except Exception:
                self._failed_observers.add(name)
                log.exception("Plugin %s failed in kokoro_observe; its observer is disabled", name)

    def free_memory(self, pressure: MemoryPressure) -> list[FreedMemory]:
        """Make all plugins free memory, the built-in ones first. Blocks.

        A plugin that fails is logged once, and is called again next time because it may hold much memory.
        """
        freed = []
        for implementation in self._manager.hook.kokoro_memory_pressure.get_hookimpls():
            name = implementation.plugin_name
            try:
                size = implementation.function(*(pressure for _ in implementation.argnames))
                freed.append(FreedMemory(name, 0 if size is None else _check_type(int, size)))
            except Exception:
                level = logging.DEBUG if name in self._failed_memory_hooks else logging.ERROR
                log.log(
                    level,
                    "Plugin %s failed in kokoro_memory_pressure; it is called again next time",
                    name,
                    exc_info=True,
                )
                self._failed_memory_hooks.add(name)
        return freed

    def services(self, server: Server) -> tuple[AbstractAsyncContextManager[object], ...]:
        """Return all services, those of built-in plugins first. Blocks."""
        answers = list(self._answers("kokoro_services", _check_each, AbstractAsyncContextManager, server=server))
        return tuple(service for answer in reversed(answers) for service in answer)

    def _collect(self, hook: str, kind: type[Any]) -> tuple[Any, ...]:
        if hook not in self._collected:
            answers = self._answers(hook, _check_each, kind)
            self._collected[hook] = tuple(item for answer in answers for item in answer)
        return self._collected[hook]

    def _first(self, hook: str, kind: type[Any], **arguments: object) -> Any:
        answers = self._answers(hook, _check_optional, kind, **arguments)
        return next((answer for answer in answers if answer is not None), None)

    def _answers(
        self, hook: str, check: Callable[[type[Any], Any], T], kind: type[Any], **arguments: object
    ) -> Iterator[T]:
        return (answer for _, answer in self._named_answers(hook, check, kind, **arguments))

    def _named_answers(
        self, hook: str, check: Callable[[type[Any], Any], T], kind: type[Any], **arguments: object
    ) -> Iterator[tuple[str, T]]:
        """Yield each plugin and its checked answer, third parties first.

        Each plugin is called separately and may fail alone.
        """
        for implementation in reversed(getattr(self._manager.hook, hook).get_hookimpls()):
            values = [arguments[name] for name in implementation.argnames]
            try:
                answer = check(kind, implementation.function(*values))
            except Exception as error:  # noqa: BLE001 a plugin may raise anything
                self._record_failure(implementation.plugin_name, hook, error)
            else:
                yield implementation.plugin_name, answer

    def _record_failure(self, name: str, hook: str, error: Exception) -> None:
        plugin = next(item for item in self.loaded if item.name == name)
        message = f"plugin {name} ({plugin.distribution}) failed in {hook}: {error}"
        if isinstance(error, ConfigError):
            raise error
        if plugin.is_required:
            raise StartupError(message) from error
        log.error("%s; the server runs without its answer", message)


def _code_fingerprint(manager: pluggy.PluginManager, plugin: LoadedPlugin) -> str:
    """Return a text that changes when the code of `plugin` changes."""
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
        raise TypeError(f"returned {item!r}, which is not a {kind.__name__}")
    return item


def _reject_duplicates(kind: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise StartupError(f"two plugins have a {kind} named {name}; disable one of them in the configuration")
