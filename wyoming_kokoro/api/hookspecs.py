"""The questions that wyoming-kokoro asks its plugins.

All hooks are synchronous. All but `kokoro_observe` and `kokoro_memory_pressure` are asked while the server starts,
and hand over objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from wyoming_kokoro.api.memory import MemoryPressure
    from wyoming_kokoro.api.model_sources import ModelSource
    from wyoming_kokoro.api.observations import Observation
    from wyoming_kokoro.api.phrase_cache import PhraseCache
    from wyoming_kokoro.api.providers import Provider
    from wyoming_kokoro.api.server import Server
    from wyoming_kokoro.api.text import Phonemizer, TextFilter
    from wyoming_kokoro.api.warmup import WarmupStrategy

GROUP = "wyoming_kokoro"
"""The entry-point group, and the name of the pluggy project."""

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec
def kokoro_providers() -> Iterable[Provider]:  # type: ignore[empty-body]
    """Return the execution providers this plugin brings. Collected from all plugins.

    Example:
        @hookimpl
        def kokoro_providers(self):
            yield Provider("cpu", rank=10, precision="int8", open=open_session)
    """


@hookspec(firstresult=True)
def kokoro_phonemizer(language: str) -> Phonemizer | None:
    """Return the phonemizer for a BCP-47 `language`, or None to let another plugin answer.

    Asked once a language. Plugins of third parties are asked before the built-in ones.

    Example:
        @hookimpl
        def kokoro_phonemizer(self, language):
            return Esperanto() if language == "eo" else None
    """


@hookspec
def kokoro_text_filters() -> Iterable[TextFilter]:  # type: ignore[empty-body]
    """Return filters that make text speakable. Collected, then run in their `order`.

    Example:
        @hookimpl
        def kokoro_text_filters(self):
            yield TextFilter("nas", order=45, apply=lambda text: text.replace("NAS", "nass"))
    """


@hookspec
def kokoro_phoneme_filters() -> Iterable[TextFilter]:  # type: ignore[empty-body]
    """Return filters that change the phonemes of phonemizers. Collected, then run in their `order`.

    Example:
        @hookimpl
        def kokoro_phoneme_filters(self):
            yield TextFilter("seseo", order=10, apply=lambda ipa: ipa.replace("θ", "s"), languages=frozenset({"es"}))
    """


@hookspec
def kokoro_model_sources() -> Iterable[ModelSource]:  # type: ignore[empty-body]
    """Return places to get the model from. Asked in turn until one has what the configuration wants.

    Example:
        @hookimpl
        def kokoro_model_sources(self):
            yield NetworkShare("/mnt/models")
    """


@hookspec(firstresult=True)
def kokoro_phrase_cache() -> PhraseCache | None:
    """Return what keeps speech that was made, or None to let another plugin answer.

    Plugins of third parties are asked before the built-in one. When nobody answers, nothing is kept.

    Example:
        @hookimpl
        def kokoro_phrase_cache(self):
            return Shelf(self._folder)
    """


@hookspec
def kokoro_warmup_strategies() -> Iterable[WarmupStrategy]:  # type: ignore[empty-body]
    """Return what knows the phrases that are worth making before somebody asks. Collected from all plugins.

    Example:
        @hookimpl
        def kokoro_warmup_strategies(self):
            yield BusStop("Line 4 leaves in {} minutes", range(1, 31))
    """


@hookspec
def kokoro_memory_pressure(pressure: MemoryPressure) -> int | None:
    """Notify that memory is short, or no longer; return how many bytes were given back, or None.

    Called when the level changes, and again now and then while it is not `normal`; on a worker thread, once at a time.

    Example:
        @hookimpl
        def kokoro_memory_pressure(self, pressure):
            return self._shelf.empty() if pressure.is_at_least("high") else None
    """


@hookspec
def kokoro_observe(observation: Observation) -> None:
    """Notify of what happened. Called on the event loop: return at once, and never block.

    Example:
        @hookimpl
        def kokoro_observe(self, observation):
            self._log.debug("%s", type(observation).__name__)
    """


@hookspec
def kokoro_services(server: Server) -> Iterable[AbstractAsyncContextManager[object]]:  # type: ignore[empty-body]
    """Return what should run beside the server.

    Called on a worker thread when the server listens: importing what a service needs belongs here, where nobody
    waits for it. Each is entered on the event loop and left, in reverse, before the server stops. One that fails
    is logged and left out: a service is never worth the voice.

    Example:
        @hookimpl
        def kokoro_services(self, server):
            yield announce(server.addresses)
    """
