"""The words and rules of each language."""

from __future__ import annotations

from importlib import import_module

from wyoming_kokoro_text.language import Language

LANGUAGES = {
    "en-GB": "british",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "hi": "hindi",
    "it": "italian",
    "pt": "portuguese",
    "ja": "japanese",
    "zh": "chinese",
}
"""The module of each language."""


def load_language(code: str) -> Language:
    """Return a language of `LANGUAGES`. Its module is imported on first use: most servers speak one language only."""
    language: Language = import_module(f"{__name__}.{LANGUAGES[code]}").LANGUAGE
    return language
