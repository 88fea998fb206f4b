"""Provides phonemizers by espeak NG for every language of Kokoro except Japanese and Chinese.

It also reads words in other scripts, so that any voice can speak them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from wyoming_kokoro import Phonemizer, PluginContext, TextFilter, hookimpl
from wyoming_kokoro_espeak.engine import EspeakEngine
from wyoming_kokoro_espeak.library import EspeakLibrary, find_libraries, find_loadable
from wyoming_kokoro_espeak.phonemizer import EspeakPhonemizer
from wyoming_kokoro_espeak.symbols import to_kokoro_symbols

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

_SAME_NAME = (
    "am", "ar", "be", "bn", "cmn", "el", "fa", "gu", "he", "hy", "ka", "kn", "ko", "ml", "or", "pa", "ru", "si", "sr",
    "ta", "te", "uk", "ur",
)  # fmt: skip
OTHER_VOICES: Mapping[str, str] = {**{name: name for name in _SAME_NAME}, "ja-Hrkt": "ja"}
"""espeak's voices for languages without a Kokoro voice, for Chinese without tones, and for Japanese in kana.

espeak does not read the scripts of Thai, Burmese and Khmer in a way that can be understood.
"""

FILTER_ORDER = 50
PROBE = "wyoming_kokoro_espeak.probe"


class EspeakPlugin:
    """Provides a phonemizer for each language of `VOICES` and `OTHER_VOICES`."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `PluginUnavailable` when no espeak NG library can be loaded."""
        context.expect_no_settings()
        self._context = context
        library = find_loadable(find_libraries(), self._find_crash_of_loading)
        self._engine = EspeakEngine(library, partial(self._find_crash_of_reading, library))

    @hookimpl
    def kokoro_phonemizer(self, language: str) -> Phonemizer | None:
        """Return a phonemizer, which opens espeak on first use."""
        voice = VOICES.get(language) or OTHER_VOICES.get(language)
        return EspeakPhonemizer(voice, self._engine) if voice else None

    @hookimpl
    def kokoro_phoneme_filters(self) -> Iterator[TextFilter]:
        """Return the filter for the phonemes of `OTHER_VOICES`."""
        yield TextFilter("espeak-symbols", FILTER_ORDER, to_kokoro_symbols, frozenset(OTHER_VOICES))

    def _find_crash_of_loading(self, library: EspeakLibrary) -> str:
        file = Path(library.path)
        # The library of the system is given by name.
        return self._context.find_crash(PROBE, library.path, "", files=[file]) if file.is_file() else ""

    def _find_crash_of_reading(self, library: EspeakLibrary) -> str:
        languages = sorted({*VOICES.values(), *OTHER_VOICES.values()})
        arguments = (library.path, library.data_directory or "", *languages)
        return self._context.find_crash(PROBE, *arguments, files=library.files)
