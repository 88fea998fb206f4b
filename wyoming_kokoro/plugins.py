"""The typed facade over the plugins: the core asks its questions here and nowhere else.

The error policy lives here too: a broken built-in stops the start with one line; a broken plugin of a third
party is logged and skipped, unless the configuration requires it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import pluggy

from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError, KokoroError, PluginError, StartupError
from wyoming_kokoro.loading import Loaded, load_all
from wyoming_kokoro.types import ModelSource, Phonemizer, Provider, Server, TextFilter

T = TypeVar("T")
log = logging.getLogger(__name__)


class Plugins:
    """Every active plugin, one typed method a question."""

    def __init__(self, manager: pluggy.PluginManager, loaded: Sequence[Loaded]) -> None:
        self._manager = manager
        self.loaded = loaded

    @classmethod
    def load(cls, config: Config) -> Plugins:
        """Find, make and register the plugins.

        Raises `StartupError` or `ConfigError` as the error policy says.
        """
        manager, loaded = load_all(config)
        return cls(manager, loaded)

    def providers(self) -> tuple[Provider, ...]:
        """Return all providers, the preferred one first; the unusable ones come last."""
        found = self._collect("kokoro_providers", Provider)
        _reject_duplicates("provider", [provider.name for provider in found])
        return tuple(sorted(found, key=lambda provider: (provider.why_not is not None, -provider.rank)))

    def text_filters(self) -> tuple[TextFilter, ...]:
        """Return the text filters in their order."""
        return tuple(sorted(self._collect("kokoro_text_filters", TextFilter), key=lambda item: item.order))

    def model_sources(self) -> tuple[ModelSource, ...]:
        """Return the model sources in the order in which they are asked: third parties' first."""
        return self._collect("kokoro_model_sources", None)

    def phonemizer(self, language: str) -> Phonemizer | None:
        """Return the phonemizer of `language`, or None when no plugin has one."""
        answer: Phonemizer | None = self._call(
            "its answer", lambda: self._manager.hook.kokoro_phonemizer(language=language)
        )
        return answer

    def services(self, server: Server) -> tuple[AbstractAsyncContextManager[object], ...]:
        """Return what runs beside the server, in the order in which it is entered."""
        return self._collect("kokoro_services", None, server=server)[::-1]

    def _collect(self, hook: str, kind: type[T] | None, **arguments: object) -> tuple[Any, ...]:
        """Ask every plugin by itself, so that one that fails takes nobody's answer with it."""
        items: list[Any] = []
        for implementation in reversed(getattr(self._manager.hook, hook).get_hookimpls()):
            values = [arguments[name] for name in implementation.argnames]
            try:
                items += _materialise(implementation.function(*values), kind, hook)
            except Exception as error:  # noqa: BLE001 a plugin may raise anything; the policy decides
                self._blame(implementation.plugin_name, hook, error)
        return tuple(items)

    def _blame(self, name: str, hook: str, error: Exception) -> None:
        plugin = next(item for item in self.loaded if item.name == name)
        message = f"plugin {name} ({plugin.distribution}) failed in {hook}: {error}"
        if isinstance(error, ConfigError):
            raise error
        if plugin.must_work:
            raise StartupError(message) from error
        log.error("%s; going on without what it brings", message)

    def _call(self, what: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except KokoroError:
            raise
        except Exception as error:
            raise StartupError(f"a plugin failed while giving {what}: {error}") from error


def _materialise(answer: Iterable[T] | None, kind: type[T] | None, hook: str) -> list[T]:
    items = [] if answer is None else list(answer)
    for item in items:
        if kind and not isinstance(item, kind):
            raise PluginError(hook, f"returned {item!r}, which is no {kind.__name__}")
    return items


def _reject_duplicates(what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise StartupError(f"two plugins bring a {what} named {name}; disable one of them in the config")
