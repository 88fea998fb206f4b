"""The page in a real browser: what it shows, on a desk and on a phone, by day and by night."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.plugins.dashboards import busy_server, dashboard
from wyoming_kokoro.api.metrics import Advice

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
ADVICE = Advice("hit-rate", "40% of what was said was ready.", "Add the names to [plugins.warmup.devices].")

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium")


@asynccontextmanager
async def opened(port: int, **options: Any) -> AsyncIterator[Any]:
    """Open the page; every error of it, and every request that leaves the machine, fails the test."""
    from playwright.async_api import async_playwright

    wrong: list[str] = []
    async with async_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = await browser.new_page(**options)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: wrong.append(asked.url) if f"127.0.0.1:{port}/" not in asked.url else None)
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.wait_for_selector("#state.ready", timeout=60_000)
        yield page
        await browser.close()
    assert [one for one in wrong if not one.startswith("blob:")] == []


async def test_the_page_shows_what_happened() -> None:
    async with dashboard(busy_server(advised=[ADVICE])) as browser, opened(browser.port, viewport=DESK) as page:
        await page.wait_for_selector("#advice b")
        shown = await page.inner_text("body")
    assert "67 %" in shown  # two of three segments were kept
    assert "2 from memory, 1 from disk, 4 made" in shown
    assert "raised: the container has 60 MB left" in shown
    assert ADVICE.what in shown
    assert ADVICE.action in shown
    assert "npu 30 ms" in shown
    assert "unknown-voice" in shown


async def test_every_request_is_a_dot_that_says_which() -> None:
    async with dashboard(busy_server()) as browser, opened(browser.port) as page:
        titles = await page.eval_on_selector_all("#chart-first circle title", "all => all.map(one => one.textContent)")
        kinds = await page.eval_on_selector_all(
            "#chart-first circle", "all => all.map(one => one.getAttribute('class'))"
        )
    assert titles == ["af_heart: 120 ms", "af_heart: 1 ms"]
    assert kinds == ["made", "kept"]


async def test_the_page_is_live() -> None:
    server = busy_server()
    async with dashboard(server) as browser, opened(browser.port) as page:
        server.speaking = 5
        await page.locator("#speaking", has_text="5").wait_for(timeout=60_000)


async def test_the_box_speaks_in_the_browser() -> None:
    server = busy_server()
    async with dashboard(server) as browser, opened(browser.port) as page:
        await page.fill("textarea", "Hello there")
        await page.select_option("select", server.voices[-1].name)
        await page.click("button")
        await page.locator("#said", has_text="First sound after").wait_for(timeout=60_000)
    assert server.spoken == [("Hello there", server.voices[-1].name)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_it_can_be_read_everywhere(size: dict[str, int], scheme: str) -> None:
    """Nothing is cut off at the side, and ink and card differ as the guidelines want (4.5 to 1)."""
    async with dashboard(busy_server()) as browser, opened(browser.port, viewport=size, color_scheme=scheme) as page:
        width = await page.evaluate("document.documentElement.scrollWidth")
        ink = await page.evaluate("getComputedStyle(document.querySelector('.figure')).color")
        card = await page.evaluate("getComputedStyle(document.querySelector('section')).backgroundColor")
    assert width <= size["width"]
    assert contrast(rgb(ink), rgb(card)) >= 4.5


def rgb(css: str) -> tuple[float, ...]:
    return tuple(int(part) / 255 for part in css.removeprefix("rgb(").removesuffix(")").split(","))


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The contrast ratio of the Web Content Accessibility Guidelines."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: tuple[float, ...]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
