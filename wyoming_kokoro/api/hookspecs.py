"""The hooks that plugins implement.

All hooks are synchronous. The server calls `kokoro_observe` and `kokoro_memory_pressure` while it runs, and all other
hooks once, at startup.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from wyoming_kokoro.api.lexicon import Lexicon
    from wyoming_kokoro.api.memory import MemoryPressure
    from wyoming_kokoro.api.model_sources import Download, ModelSource
    from wyoming_kokoro.api.observations import Observation
    from wyoming_kokoro.api.phrase_cache import PhraseCache
    from wyoming_kokoro.api.providers import Provider
    from wyoming_kokoro.api.server import Server
    from wyoming_kokoro.api.speech_models import SpeechModel
    from wyoming_kokoro.api.text import Phonemizer, TextFilter
    from wyoming_kokoro.api.warmup import WarmupStrategy

GROUP = "wyoming_kokoro"
"""The entry-point group, and the name of the pluggy project."""

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec
def kokoro_providers() -> Iterable[Provider]:  # type: ignore[empty-body]
    """Return execution providers. The providers of all plugins are collected.

    Example:
        @hookimpl
        def kokoro_providers(self):
            yield Provider("cpu", priority=10, precision="int8", open=open_session)
    """


@hookspec
def kokoro_speech_models() -> Iterable[SpeechModel]:  # type: ignore[empty-body]
    """Return models that speak some voices much faster than the full model. The models of all plugins are collected.

    If several models speak a voice in its language, the first one counts, third parties before built-in plugins.

    Example:
        @hookimpl
        def kokoro_speech_models(self):
            yield SmallVoice("af_heart", self._folder / "heart.onnx")
    """


@hookspec(firstresult=True)
def kokoro_phonemizer(language: str) -> Phonemizer | None:
    """Return a phonemizer for a BCP-47 `language`, or None.

    The server calls the hook once for each language of a voice, and for languages whose script may appear in a text.
    The first answer counts, third parties before built-in plugins.

    Example:
        @hookimpl
        def kokoro_phonemizer(self, language):
            return Esperanto() if language == "eo" else None
    """


@hookspec
def kokoro_text_filters() -> Iterable[TextFilter]:  # type: ignore[empty-body]
    """Return filters that rewrite text before the phonemizer reads it. All filters run in their `order`.

    Example:
        @hookimpl
        def kokoro_text_filters(self):
            yield TextFilter("nas", order=15, apply=lambda text: text.replace("NAS", "nass"))
    """


@hookspec
def kokoro_phoneme_filters() -> Iterable[TextFilter]:  # type: ignore[empty-body]
    """Return filters that change the output of phonemizers. All filters run in their `order`.

    Example:
        @hookimpl
        def kokoro_phoneme_filters(self):
            yield TextFilter("seseo", order=10, apply=lambda ipa: ipa.replace("θ", "s"), languages=frozenset({"es"}))
    """


@hookspec(firstresult=True)
def kokoro_lexicon() -> Lexicon | None:
    """Return the words that users can teach the server, or None.

    The first answer counts, third parties before built-in plugins. The plugin also returns a text filter that uses
    the words.

    Example:
        @hookimpl
        def kokoro_lexicon(self):
            return SharedLexicon(self._url)
    """


@hookspec
def kokoro_model_sources() -> Iterable[ModelSource]:  # type: ignore[empty-body]
    """Return sources of model files. The first source that has the requested files counts, third parties first.

    Example:
        @hookimpl
        def kokoro_model_sources(self):
            yield NetworkShare("/mnt/models")
    """


@hookspec
def kokoro_downloads() -> Iterable[Download]:  # type: ignore[empty-body]
    """Return published files that `wyoming-kokoro download` can get. The files of all plugins are collected.

    Example:
        @hookimpl
        def kokoro_downloads(self):
            yield Download("tiny", "a smaller model", URL, SHA256, self._folder / "tiny.onnx", "restart it")
    """


@hookspec(firstresult=True)
def kokoro_phrase_cache() -> PhraseCache | None:
    """Return a cache of synthesized speech, or None.

    The first answer counts, third parties before built-in plugins. Without an answer nothing is cached.

    Example:
        @hookimpl
        def kokoro_phrase_cache(self):
            return FolderCache(self._folder)
    """


@hookspec(firstresult=True)
def kokoro_shared_phrase_cache(local: PhraseCache, machine: str) -> PhraseCache | None:
    """Return a cache that looks into `local` first, and then into a store that several servers share; or None.

    Servers with another `machine` compute other samples from the same `PhraseKey`, so it must be part of the store's
    keys. The first answer counts, third parties before built-in plugins.

    Example:
        @hookimpl
        def kokoro_shared_phrase_cache(self, local, machine):
            return SharedFolder(local, self._folder / machine)
    """


@hookspec
def kokoro_warmup_strategies() -> Iterable[WarmupStrategy]:  # type: ignore[empty-body]
    """Return strategies that predict phrases. Phrases are synthesized in order of expected benefit.

    Example:
        @hookimpl
        def kokoro_warmup_strategies(self):
            yield BusStop("Line 4 leaves in {} minutes", range(1, 31))
    """


@hookspec
def kokoro_memory_pressure(pressure: MemoryPressure) -> int | None:
    """Return the number of bytes that the plugin freed, or None if it does not know.

    The server calls the hook when the level changes, and every minute while the level is not `normal`. The calls come
    from a worker thread, one at a time.

    Example:
        @hookimpl
        def kokoro_memory_pressure(self, pressure):
            return self._cache.clear() if pressure.is_at_least("high") else None
    """


@hookspec
def kokoro_observe(observation: Observation) -> None:
    """Receive an observation. The hook runs on the event loop and must not block.

    Example:
        @hookimpl
        def kokoro_observe(self, observation):
            self._log.debug("%s", type(observation).__name__)
    """


@hookspec
def kokoro_services(server: Server) -> Iterable[AbstractAsyncContextManager[object]]:  # type: ignore[empty-body]
    """Return services that run beside the server, as async context managers.

    The hook runs on a worker thread after the server listens; import what the services need there. The server enters
    the services on the event loop, and leaves them in reverse order before it stops. A service that fails is logged
    and skipped.

    Example:
        @hookimpl
        def kokoro_services(self, server):
            yield announce(server.addresses)
    """
