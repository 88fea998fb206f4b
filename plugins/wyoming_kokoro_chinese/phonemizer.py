"""Converts Chinese text to Kokoro's symbols."""

from __future__ import annotations

import re
from functools import cache, cached_property, lru_cache, partial
from importlib import metadata
from typing import Any

from wyoming_kokoro_chinese.pinyin import pinyin_to_symbols

_LATIN = "[A-Za-zÀ-ÖØ-öø-ɏ]"
_CHARACTERS = re.compile("([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff〇]+)")
# pypinyin reads 调 as "transfer", diào. Before these, it means "adjust", tiáo, as 条 is read.
_ADJUST = re.compile("调(?=[高低亮暗大小快慢]|[到至成为回](?:百分|负|零下|最|第|[零一二两三四五六七八九十]))")


# Of the 276 words of 49 answers, 98 were repetitions.
MAX_REMEMBERED_WORDS = 2048


class ChinesePhonemizer:
    """Phonemizes by pinyin. The dictionaries are opened on first use, which takes a second."""

    foreign = re.compile(rf"{_LATIN}(?:{_LATIN}|\d)*(?:[ '’.-]?{_LATIN}(?:{_LATIN}|\d)*)*")
    """Words and letters in Latin script."""

    @property
    def version(self) -> str:
        """Return the versions of the packages that determine the phonemes."""
        return " ".join(f"{name} {metadata.version(name)}" for name in ("pypinyin", "rjieba"))

    def phonemize(self, text: str) -> str:
        """Return Kokoro's symbols with tones, spaces between words, and punctuation."""
        parts = _CHARACTERS.split(_ADJUST.sub("条", text))
        return "".join(self._phonemize_words(part) if index % 2 else part for index, part in enumerate(parts))

    def _phonemize_words(self, text: str) -> str:
        cut_words, read_word = self._dictionaries
        return " ".join(filter(None, map(read_word, cut_words(text))))

    @staticmethod
    @cache
    def phonemize_syllable(syllable: str) -> str:
        """Return Kokoro's symbols for a syllable of pinyin with a tone mark or a tone number."""
        from pypinyin.contrib.tone_convert import to_finals, to_initials, to_tone3  # noqa: PLC0415 slow

        numbered = to_tone3(syllable, neutral_tone_with_five=True)
        bare, tone = (numbered[:-1], numbered[-1]) if numbered[-1:].isdigit() else (numbered, "5")
        return pinyin_to_symbols(bare, to_initials(bare, strict=True), to_finals(bare, strict=True, v_to_u=False), tone)

    @cached_property
    def _dictionaries(self) -> tuple[Any, Any]:
        """Return a function that cuts text into words, and one that returns Kokoro's symbols for a word."""
        from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 slow
        from rjieba import cut  # noqa: PLC0415

        # Tone numbers would take pypinyin twice as long.
        read_syllables = partial(lazy_pinyin, style=Style.TONE, errors="ignore")

        def read_word(word: str) -> str:
            return "".join(map(self.phonemize_syllable, read_syllables(word)))

        return cut, lru_cache(MAX_REMEMBERED_WORDS)(read_word)
