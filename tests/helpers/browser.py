"""The dashboard page in Chromium."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
TIMEOUT_MILLISECONDS = 120_000
needs_browser = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium")


@asynccontextmanager
async def open_page(port: int, *, ignored: str = "blob:", **options: Any) -> AsyncIterator[Any]:
    """Open the page. A JavaScript error or a request to another server fails the test, unless it begins `ignored`."""
    from playwright.async_api import async_playwright

    problems: list[str] = []
    async with async_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags, timeout=TIMEOUT_MILLISECONDS)
        page = await browser.new_page(**options)
        page.set_default_timeout(TIMEOUT_MILLISECONDS)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on(
            "request", lambda request: problems.append(request.url) if f"127.0.0.1:{port}/" not in request.url else None
        )
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.wait_for_selector("#state.ready")
        yield page
        await browser.close()
    assert [problem for problem in problems if not problem.startswith(ignored)] == []


async def wait_for_word_status(page: Any, text: str) -> None:
    """Wait until the page shows `text` below the form for words."""
    await page.locator("#word-status", has_text=text).wait_for()
