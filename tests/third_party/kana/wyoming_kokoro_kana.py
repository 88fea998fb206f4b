"""A plugin as a third party writes it: it speaks one Japanese word, and knows a nickname."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wyoming_kokoro import Phonemizer, PluginContext, TextFilter, hookimpl

PHONEMES = {"こんにちは": "koɲɲiʨiβa"}


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.kana]`."""

    written: str = "NAS"
    spoken: str = "nass"
    """What is said for `written`."""


class Words:
    """A phonemizer of one word."""

    def phonemize(self, text: str) -> str:
        """Return `text` with the known word as phonemes."""
        for word, phonemes in PHONEMES.items():
            text = text.replace(word, phonemes)
        return text


class Kana:
    """Brings a phonemizer for Japanese, and a text filter."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)

    @hookimpl
    def kokoro_phonemizer(self, language: str) -> Phonemizer | None:
        """Answer for Japanese only."""
        return Words() if language == "ja" else None

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return the filter of the nickname."""
        yield TextFilter("nickname", 15, self._nickname)

    def _nickname(self, text: str) -> str:
        return text.replace(self._settings.written, self._settings.spoken)
