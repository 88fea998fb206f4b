"""The dashboard page in a real browser."""

from __future__ import annotations

import pytest

from tests.helpers.browser import needs_browser, open_page
from tests.helpers.servers.dashboard import busy_server, running_dashboard
from wyoming_kokoro.api.metrics import Advice

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
ADVICE = Advice("hit-rate", "40% of the segments were cached.", "Add the names to [plugins.warmup.devices].")

pytestmark = needs_browser


async def test_page_shows_metrics_and_advice() -> None:
    async with (
        running_dashboard(busy_server(recommendations=[ADVICE])) as dashboard,
        open_page(dashboard.port, viewport=DESKTOP) as page,
    ):
        await page.wait_for_selector("#advice b")
        text = await page.inner_text("body")
    assert "67 %" in text  # two of three segments were cached
    assert "2 from memory, 1 from disk, 4 synthesized" in text
    assert "shared cache: 5 phrases fetched, 9 stored, 10 dropped" in text
    assert "level raised (60 MB of 400 MB available to the container)" in text
    assert ADVICE.finding in text
    assert ADVICE.action in text
    assert "npu: 30 ms; gpu: it fails" in text
    assert "unknown-voice" in text


async def test_page_says_why_the_server_is_not_ready() -> None:
    server = busy_server()
    async with running_dashboard(server) as dashboard, open_page(dashboard.port) as page:
        server.is_ready = False
        await page.locator("#state", has_text="loading the model").wait_for(timeout=60_000)
        server.problems = ["the phonemizer for en-US failed: no data"]
        await page.locator("#state", has_text="the phonemizer for en-US failed").wait_for(timeout=60_000)


async def test_each_request_is_a_dot_with_a_title() -> None:
    async with running_dashboard(busy_server()) as dashboard, open_page(dashboard.port) as page:
        titles = await page.eval_on_selector_all(
            "#first-audio-chart circle title", "nodes => nodes.map(node => node.textContent)"
        )
        kinds = await page.eval_on_selector_all(
            "#first-audio-chart circle", "nodes => nodes.map(node => node.getAttribute('class'))"
        )
    assert titles == ["af_heart: 120 ms", "af_heart: 1 ms"]
    assert kinds == ["synthesized", "cached"]


async def test_page_updates_itself() -> None:
    server = busy_server()
    async with running_dashboard(server) as dashboard, open_page(dashboard.port) as page:
        server.active_requests = 5
        await page.locator("#active-requests", has_text="5").wait_for(timeout=60_000)


async def test_form_plays_speech_in_the_browser() -> None:
    server = busy_server()
    async with running_dashboard(server) as dashboard, open_page(dashboard.port) as page:
        await page.fill("textarea", "Hello there")
        await page.select_option("select", server.voices[-1].name)
        await page.click("button")
        await page.locator("#say-status", has_text="First audio after").wait_for(timeout=60_000)
    assert server.spoken == [("Hello there", server.voices[-1].name)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_page_is_readable_on_every_screen(size: dict[str, int], scheme: str) -> None:
    """The page fits the width of the screen, and its contrast meets the WCAG minimum of 4.5 to 1."""
    async with (
        running_dashboard(busy_server()) as dashboard,
        open_page(dashboard.port, viewport=size, color_scheme=scheme) as page,
    ):
        width = await page.evaluate("document.documentElement.scrollWidth")
        text = await page.evaluate("getComputedStyle(document.querySelector('.value')).color")
        background = await page.evaluate("getComputedStyle(document.querySelector('section')).backgroundColor")
    assert width <= size["width"]
    assert contrast(rgb(text), rgb(background)) >= 4.5


def rgb(css: str) -> tuple[float, ...]:
    return tuple(int(part) / 255 for part in css.removeprefix("rgb(").removesuffix(")").split(","))


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The contrast ratio of the Web Content Accessibility Guidelines."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: tuple[float, ...]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
