"""Provides the Mandarin phonemizer: rjieba cuts words, pypinyin reads them, and their pinyin becomes Kokoro's symbols.

rjieba is a maintained jieba with wheels for every supported platform, and contains its dictionary. misaki, on whose
symbols Kokoro was trained, uses similar packages, but needs Python 3.12 or older.
"""

from __future__ import annotations

import importlib.util

from wyoming_kokoro import Phonemizer, PluginContext, PluginUnavailable, hookimpl
from wyoming_kokoro_chinese.phonemizer import ChinesePhonemizer

PACKAGES = ("pypinyin", "rjieba")


class ChinesePlugin:
    """Provides the phonemizer for `zh-CN`. The text plugin writes numbers in characters."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `PluginUnavailable` when a package is not installed."""
        context.expect_no_settings()
        if not all(importlib.util.find_spec(name) for name in PACKAGES):
            raise PluginUnavailable("Chinese needs pip install 'wyoming-kokoro[zh]'")

    @hookimpl
    def kokoro_phonemizer(self, language: str) -> Phonemizer | None:
        """Return a phonemizer, which opens its dictionaries on first use."""
        return ChinesePhonemizer() if language == "zh-CN" else None
