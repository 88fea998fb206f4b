"""A word that is taught in a real browser or on the command line is heard in the next sentence of the real server."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.browser import needs_browser, open_page, wait_for_word_status
from tests.helpers.servers.protocol_fakes import connect_to, pcm_of
from tests.helpers.servers.server_process import ServerProcess, server_arguments, start_server

pytestmark = [pytest.mark.model, pytest.mark.slow]  # starts two servers and a browser

CONFIG = """\
voice.quality = "full"
plugins.zeroconf.enabled = false
plugins.warmup.enabled = false
plugins.dashboard.port = 0
plugins.phrase_cache.size_mb = 0
"""


@pytest.fixture
def arguments(model_cache: Path, tmp_path: Path) -> list[str]:
    return server_arguments(tmp_path, model_cache, CONFIG)


async def samples_of(server: ServerProcess, text: str) -> np.ndarray:
    async with connect_to(server.port) as client:
        await client.send("synthesize", text=text, voice={"name": "af_heart"})
        return np.frombuffer(pcm_of(await client.read_until("audio-stop")), np.int16)


def sound_alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two recordings are the same. Windows of different sizes round differently."""
    return len(one) == len(other) and bool(np.corrcoef(one, other)[0, 1] > 0.99)


async def dashboard_port(server: ServerProcess) -> int:
    pattern = r"Dashboard listens on http://127\.0\.0\.1:(\d+)/"
    return int((re.search(pattern, server.log) or await server.wait_for_log(pattern))[1])


@needs_browser
async def test_word_taught_on_the_page_is_heard_in_the_next_sentence_and_survives_a_restart(
    arguments: list[str],
) -> None:
    async with start_server(*arguments) as server:
        kitchen, unknown = await samples_of(server, "The kitchen is on."), await samples_of(server, "The Xqz is on.")
        assert not sound_alike(unknown, kitchen)
        async with open_page(await dashboard_port(server)) as page:
            await page.get_by_label("Word", exact=True).fill("Xqz")
            await page.get_by_label("Sounds like").fill("kitchen")
            await page.get_by_role("button", name="Hear it").click()
            await wait_for_word_status(page, "s of speech")
            assert sound_alike(await samples_of(server, "The Xqz is on."), unknown)
            await page.get_by_role("button", name="Keep it").click()
            await wait_for_word_status(page, "Xqz sounds like kitchen from the next sentence on.")
            assert sound_alike(await samples_of(server, "The Xqz is on."), kitchen)
        await server.stop()
    async with start_server(*arguments) as server:
        assert sound_alike(await samples_of(server, "The Xqz is on."), kitchen)
        async with open_page(await dashboard_port(server)) as page:
            await page.get_by_role("button", name="Remove Xqz (English)").click()
            await wait_for_word_status(page, "Removed Xqz.")
            assert sound_alike(await samples_of(server, "The Xqz is on."), unknown)
        await server.stop()


async def test_word_taught_on_the_command_line_is_heard_by_the_running_server(arguments: list[str]) -> None:
    def words(*action: str) -> str:
        command = [sys.executable, "-m", "wyoming_kokoro", "words", *arguments, *action]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    async with start_server(*arguments) as server:
        kitchen = await samples_of(server, "The kitchen is on.")
        words("add", "Xqz", "kitchen")
        await server.wait_for_log(r"Lexicon changed \(taught words: 1\)")
        assert sound_alike(await samples_of(server, "The Xqz is on."), kitchen)
        words("remove", "Xqz")
        await server.wait_for_log(r"Lexicon changed \(taught words: 0\)")
        assert not sound_alike(await samples_of(server, "The Xqz is on."), kitchen)
        await server.stop()
