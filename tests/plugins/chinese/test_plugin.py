from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from wyoming_kokoro import PluginUnavailable
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_chinese import PACKAGES, ChinesePlugin


@pytest.mark.skipif(not all(map(importlib.util.find_spec, PACKAGES)), reason="needs pip install -e '.[zh]'")
def test_only_chinese_has_a_phonemizer(tmp_path: Path) -> None:
    plugin = ChinesePlugin(plugin_context("chinese", tmp_path))
    assert plugin.kokoro_phonemizer("zh-CN")
    assert plugin.kokoro_phonemizer("ja") is None


def test_missing_package_makes_plugin_unavailable_with_install_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PluginUnavailable, match=r"pip install 'wyoming-kokoro\[zh\]'"):
        ChinesePlugin(plugin_context("chinese", tmp_path))
