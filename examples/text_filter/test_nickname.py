from __future__ import annotations

from pathlib import Path

from wyoming_kokoro_nickname import NicknamePlugin

from wyoming_kokoro.testing import plugin_context


def test_word_is_replaced_by_the_configured_one(tmp_path: Path) -> None:
    plugin = NicknamePlugin(plugin_context("nickname", tmp_path, {"spoken": "box"}))
    (nickname,) = plugin.kokoro_text_filters()
    assert nickname.apply("The NAS is full.") == "The box is full."
