"""Provides phonemizers by espeak NG for every language of Kokoro except Japanese and Chinese."""

from __future__ import annotations

import threading
from collections.abc import Mapping

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
"""espeak's voice for each BCP-47 language. For Japanese and Chinese, Kokoro was trained on other phonemes."""


class EspeakPlugin:
    """Provides a phonemizer for each language of `VOICES`."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `PluginUnavailable` when no espeak NG library can be loaded."""
        context.expect_no_settings()
        self._library = find_loadable(find_libraries())
        self._lock = threading.Lock()

    @hookimpl
    def kokoro_phonemizer(self, language: str) -> Phonemizer | None:
        """Return a phonemizer, which opens espeak on first use."""
        voice = VOICES.get(language)
        return EspeakPhonemizer(voice, self._library, self._lock) if voice else None
