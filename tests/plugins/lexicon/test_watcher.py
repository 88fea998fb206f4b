from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from tests.helpers.waiting import wait_until
from wyoming_kokoro import LexiconEntry
from wyoming_kokoro.api.observations import LexiconChanged
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_lexicon import LexiconPlugin, watcher


async def test_running_server_notices_words_of_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(watcher, "CHECK_INTERVAL_SECONDS", 0.001)
    context = plugin_context("lexicon", tmp_path)
    plugin, command = [await asyncio.to_thread(LexiconPlugin, context) for _ in range(2)]
    server = FakeServer()
    (service,) = plugin.kokoro_services(server)
    english = next(iter(plugin.kokoro_text_filters()))
    with blockbuster_ctx(["wyoming_kokoro_lexicon"]):
        async with service:
            await asyncio.to_thread(command.kokoro_lexicon().teach, LexiconEntry("Hass", "hoss", "en"))
            await wait_until(lambda: server.observations)
            assert english.apply("Hass") == "hoss"
            await asyncio.sleep(0.05)
    assert server.observations == [LexiconChanged()]
    assert "Lexicon changed (taught words: 1)" in caplog.text
