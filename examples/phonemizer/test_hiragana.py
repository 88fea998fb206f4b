from __future__ import annotations

from pathlib import Path

from wyoming_kokoro_hiragana import HiraganaPlugin

from wyoming_kokoro.testing import plugin_context


def test_hiragana_is_read_and_other_languages_are_not(tmp_path: Path) -> None:
    plugin = HiraganaPlugin(plugin_context("hiragana", tmp_path))
    phonemizer = plugin.kokoro_phonemizer("ja")
    assert phonemizer is not None
    assert phonemizer.phonemize("こんにちは、さくら。") == "koɴɲiʨiha、sakɯɾa。"
    assert plugin.kokoro_phonemizer("en-US") is None
