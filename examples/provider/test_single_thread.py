from __future__ import annotations

from pathlib import Path

from wyoming_kokoro_single_thread import SingleThreadPlugin

from wyoming_kokoro.testing import check_provider, plugin_context


def test_provider_keeps_its_contract(tmp_path: Path) -> None:
    plugin = SingleThreadPlugin(plugin_context("single_thread", tmp_path))
    (provider,) = plugin.kokoro_providers()
    assert check_provider(provider, tmp_path / "contract") is None
