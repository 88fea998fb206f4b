"""Provides the Mandarin phonemizer: rjieba cuts words, pypinyin reads them, and their pinyin becomes Kokoro's symbols.

rjieba is a maintained jieba with wheels for every supported platform, and contains its dictionary. misaki, on whose
symbols Kokoro was trained, uses similar packages, but needs Python 3.12 or older.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

from wyoming_kokoro import Phonemizer, PluginContext, PluginUnavailable, TextFilter, hookimpl
from wyoming_kokoro_chinese.numbers import verbalize_numbers
from wyoming_kokoro_chinese.phonemizer import ChinesePhonemizer

PACKAGES = ("cn2an", "pypinyin", "rjieba")
FILTER_ORDER = 85
"""After every filter that rewrites numbers with units and symbols."""


class ChinesePlugin:
    """Provides the phonemizer for `zh-CN`, and a text filter for numbers."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `PluginUnavailable` when a package is not installed."""
        context.expect_no_settings()
        if not all(importlib.util.find_spec(name) for name in PACKAGES):
            raise PluginUnavailable("Chinese needs pip install 'wyoming-kokoro[zh]'")

    @hookimpl
    def kokoro_phonemizer(self, language: str) -> Phonemizer | None:
        """Return a phonemizer, which opens its dictionaries on first use."""
        return ChinesePhonemizer() if language == "zh-CN" else None

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return the filter that writes numbers in characters."""
        yield TextFilter("chinese-numbers", FILTER_ORDER, verbalize_numbers, frozenset({"zh"}))
