"""Teaching words on the page, in a real browser."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.browser import needs_browser, open_page, wait_for_word_status
from tests.helpers.servers.dashboard import busy_server, running_dashboard
from wyoming_kokoro import Lexicon, LexiconEntry, Voice
from wyoming_kokoro.testing import FAKE_VOICES, FakeServer, plugin_context
from wyoming_kokoro_lexicon import LexiconPlugin

pytestmark = needs_browser
PHONE = {"width": 360, "height": 740}
SPANISH = Voice("ef_dora", "es", "Dora (Spanish, female)")


@pytest.fixture
async def lexicon(tmp_path: Path) -> Lexicon:
    context = plugin_context("lexicon", tmp_path, {"en": {"NAS": "nass"}})
    return (await asyncio.to_thread(LexiconPlugin, context)).kokoro_lexicon()


@pytest.fixture
def server(lexicon: Lexicon) -> FakeServer:
    return busy_server(lexicon=lexicon, voices=(*FAKE_VOICES, SPANISH))


async def rows(page: Any) -> list[str]:
    return [" ".join(row.split()) for row in await page.locator("#word-list tbody tr").all_inner_texts()]


async def test_word_is_heard_kept_changed_and_removed_with_the_keyboard(server: FakeServer, lexicon: Lexicon) -> None:
    async with running_dashboard(server) as dashboard, open_page(dashboard.port) as page:
        await page.get_by_label("Word", exact=True).fill("Hass")
        await page.keyboard.press("Tab")
        await page.keyboard.type("hoss")
        await page.get_by_label("Sentence to hear it in").fill("Hass is here.")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await wait_for_word_status(page, "First audio after")
        assert server.spoken == [
            (lexicon.preview("Hass is here.", LexiconEntry("Hass", "hoss", "en")), FAKE_VOICES[0].name)
        ]
        assert await rows(page) == ["NAS nass English in config.toml"]

        await page.get_by_label("Sounds like").press("Enter")
        await wait_for_word_status(page, "Hass sounds like hoss from the next sentence on.")
        assert await rows(page) == ["NAS nass English in config.toml", "Hass hoss English Edit Remove"]

        await page.get_by_role("button", name="Edit Hass (English)").press("Enter")
        await page.keyboard.press("Control+A")
        await page.keyboard.type("/hˈɔs/")
        await page.keyboard.press("Enter")
        await wait_for_word_status(page, "Hass sounds like /hˈɔs/")
        assert lexicon.entries()[1:] == [LexiconEntry("Hass", "/hˈɔs/", "en")]

        await page.get_by_role("button", name="Remove Hass (English)").press("Enter")
        await wait_for_word_status(page, "Removed Hass. Keep it to undo this.")
        assert len(lexicon.entries()) == 1
        await page.get_by_role("button", name="Keep it").click()
        await wait_for_word_status(page, "Hass sounds like /hˈɔs/")
    assert lexicon.entries()[1:] == [LexiconEntry("Hass", "/hˈɔs/", "en")]


async def test_word_of_another_language_is_heard_in_a_voice_of_it(server: FakeServer) -> None:
    async with running_dashboard(server) as dashboard, open_page(dashboard.port) as page:
        await page.get_by_label("Word", exact=True).fill("WiFi")
        await page.get_by_label("Sounds like").fill("güifi")
        await page.get_by_label("Language").select_option("Spanish")
        await page.get_by_role("button", name="Hear it").click()
        await wait_for_word_status(page, "First audio after")
        await page.get_by_role("button", name="Keep it").click()
        await wait_for_word_status(page, "WiFi sounds like")
        assert (await rows(page))[1] == "WiFi güifi Spanish Edit Remove"
    assert [voice for _, voice in server.spoken] == ["ef_dora"]


async def test_unusable_word_shows_what_to_do_and_stays_in_the_form(server: FakeServer, lexicon: Lexicon) -> None:
    # Chromium logs each answer with an error status.
    rejected = "Failed to load resource: the server responded with a status of 400"
    async with running_dashboard(server) as dashboard, open_page(dashboard.port, ignored=rejected) as page:
        await page.get_by_label("Word", exact=True).fill("Hass")
        await page.get_by_label("Sounds like").fill("/hǂs/")
        for name in ("Hear it", "Keep it"):
            await page.get_by_role("button", name=name).click()
            await wait_for_word_status(page, "unknown IPA symbol")
        assert await page.get_by_label("Word", exact=True).input_value() == "Hass"
    assert len(lexicon.entries()) == 1


async def test_longest_word_fits_on_the_screen_of_a_phone(server: FakeServer, lexicon: Lexicon) -> None:
    await asyncio.to_thread(lexicon.teach, LexiconEntry("w" * 60, "s" * 200, "en"))
    async with running_dashboard(server) as dashboard, open_page(dashboard.port, viewport=PHONE) as page:
        await page.get_by_role("button", name="Remove").wait_for(timeout=60_000)
        width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


async def test_page_without_lexicon_has_no_section_for_words() -> None:
    async with running_dashboard(busy_server()) as dashboard, open_page(dashboard.port) as page:
        await page.locator("#advice", has_text="No recommendations").wait_for(timeout=60_000)
        assert not await page.locator("#words").is_visible()
