"""Phonemes of Mandarin: words by jieba, readings by pypinyin, then Kokoro's symbols for pinyin.

rjieba is the jieba that is kept up, with wheels for every machine, and holds its dictionary; pypinyin and cn2an are
the usual ones. misaki, whose symbols the model was trained on, uses the same but wants no Python above 3.12.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass

from wyoming_kokoro import Phonemizer, PluginContext, PluginUnavailable, TextFilter, hookimpl
from wyoming_kokoro_chinese.numbers import verbalize_numbers
from wyoming_kokoro_chinese.phonemizer import ChinesePhonemizer

PACKAGES = ("cn2an", "pypinyin", "rjieba")
FILTER_ORDER = 85
"""Behind all that reads numbers by their units and signs, for what is left."""


@dataclass(frozen=True, slots=True)
class NoSettings:
    """`[plugins.chinese]` has no keys of its own."""


class ChinesePlugin:
    """Brings the phonemizer of `zh-CN`, and a text filter for its numbers."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `PluginUnavailable` when a package is not installed."""
        context.settings(NoSettings)
        if not all(importlib.util.find_spec(name) for name in PACKAGES):
            raise PluginUnavailable("Chinese needs pip install 'wyoming-kokoro[zh]'")

    @hookimpl
    def kokoro_phonemizer(self, language: str) -> Phonemizer | None:
        """Return a phonemizer, which opens its dictionaries when it is first used."""
        return ChinesePhonemizer() if language == "zh-CN" else None

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return the filter that writes numbers in words."""
        yield TextFilter("chinese-numbers", FILTER_ORDER, verbalize_numbers, frozenset({"zh"}))
