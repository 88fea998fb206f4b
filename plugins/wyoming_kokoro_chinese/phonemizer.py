"""Chinese text becomes Kokoro's symbols."""

from __future__ import annotations

import re
from functools import cached_property
from importlib import metadata
from typing import Any

from wyoming_kokoro_chinese.pinyin import pinyin_to_symbols

_CHARACTERS = re.compile("([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff〇]+)")


class ChinesePhonemizer:
    """Opens its dictionaries when it is first used: they take a second."""

    foreign = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ '’.-]?[A-Za-z][A-Za-z0-9]*)*")
    """Words and letters in Latin script."""

    @property
    def version(self) -> str:
        """Return what the phonemes depend on besides our own code."""
        return " ".join(f"{name} {metadata.version(name)}" for name in ("cn2an", "pypinyin", "rjieba"))

    def phonemize(self, text: str) -> str:
        """Return Kokoro's symbols with tones, words apart, with punctuation."""
        parts = _CHARACTERS.split(text)
        return "".join(self._words(part) if at % 2 else part for at, part in enumerate(parts))

    def _words(self, text: str) -> str:
        cut, _ = self._dictionaries
        return " ".join(filter(None, map(self._word, cut(text))))

    def _word(self, word: str) -> str:
        _, syllables = self._dictionaries
        return "".join(self._syllable(syllable) for syllable in syllables(word))

    @staticmethod
    def _syllable(syllable: str) -> str:
        from pypinyin.contrib.tone_convert import to_finals, to_initials  # noqa: PLC0415 slow

        bare, tone = (syllable[:-1], syllable[-1]) if syllable[-1:].isdigit() else (syllable, "5")
        return pinyin_to_symbols(bare, to_initials(bare, strict=True), to_finals(bare, strict=True, v_to_u=False), tone)

    @cached_property
    def _dictionaries(self) -> tuple[Any, Any]:
        """Return what cuts text into words, and what reads a word as pinyin with tone numbers."""
        from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 slow
        from rjieba import cut  # noqa: PLC0415

        def syllables(word: str) -> list[str]:
            read: list[str] = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
            return read

        return cut, syllables
