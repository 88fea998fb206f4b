"""Phonemes by espeak NG, for every language of Kokoro but Japanese and Chinese."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from wyoming_kokoro import Phonemizer, PluginContext, hookimpl
from wyoming_kokoro_espeak.library import find_libraries, find_loadable
from wyoming_kokoro_espeak.phonemizer import EspeakPhonemizer

VOICES: Mapping[str, str] = {
    "en-US": "en-us",
    "en-GB": "en-gb",
    "es": "es",
    "fr-FR": "fr-fr",
    "hi": "hi",
    "it": "it",
    "pt-BR": "pt-br",
}
"""espeak's voice for each BCP-47 language. Japanese and Chinese need other phonemes than espeak's."""


@dataclass(frozen=True, slots=True)
class NoSettings:
    """`[plugins.espeak]` has no keys of its own."""


class EspeakPlugin:
    """Brings phonemizers."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `PluginUnavailable` when there is no espeak NG that can be loaded."""
        context.settings(NoSettings)
        self._library = find_loadable(find_libraries())
        self._lock = threading.Lock()

    @hookimpl
    def kokoro_phonemizer(self, language: str) -> Phonemizer | None:
        """Return a phonemizer, which opens espeak when it is first used."""
        voice = VOICES.get(language)
        return EspeakPhonemizer(voice, self._library, self._lock) if voice else None
