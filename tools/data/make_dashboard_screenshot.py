"""Write docs/images/dashboard.png: the dashboard of a running server after some requests.

    python -m tools.data.make_dashboard_screenshot

Needs the `dev` extra and Chromium (`apt-get install chromium`). The server runs on the loopback interface with its own
phrase cache. The prepared model comes from the cache directory of the user.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from playwright.async_api import async_playwright
from wyoming.client import AsyncClient
from wyoming.tts import Synthesize, SynthesizeVoice

IMAGE = Path(__file__).parents[2] / "docs" / "images" / "dashboard.png"
REQUESTS = (
    ("af_heart", "Turned on the lights in the kitchen."),
    ("af_heart", "The front door is unlocked."),
    ("bf_emma", "It will stay dry until the early evening, but then a thunderstorm will move in from the west."),
    ("af_heart", "Turned on the lights in the kitchen."),
    ("am_michael", "The washing machine is done."),
    ("af_heart", "Your timer for ten minutes is up."),
    ("af_heart", "The front door is unlocked."),
    ("bf_emma", "There are three lights on: the desk lamp, the hall and the kitchen."),
    ("am_michael", "The washing machine is done."),
)
TAUGHT_WORDS = '[en]\nHass = "hoss"\nKokoro = "/kˈOkəɹO/"\n'
WIDTH, HEIGHT = 1120, 1400
PAUSE_SECONDS = 1.0
"""Between two requests, so that the charts show them apart."""
READY_TIMEOUT_SECONDS = 120.0
DRAW_SECONDS = 4.0
"""For the page to load the numbers twice."""


def main() -> None:
    """Start a server, send requests and take the screenshot."""
    port, dashboard = _free_port(), _free_port()
    with TemporaryDirectory() as folder:
        config = Path(folder, "config.toml")
        config.write_text(f"[plugins.dashboard]\nport = {dashboard}\n[plugins.phrase_cache]\nsize_mb = 0\n")
        Path(folder, "words.toml").write_text(TAUGHT_WORDS, "utf-8")
        command = [sys.executable, "-m", "wyoming_kokoro", "--config", str(config)]
        command += ["--uri", f"tcp://127.0.0.1:{port}", "--state", folder, "--log-level", "warning"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as server:
            try:
                _wait_until_ready(f"http://127.0.0.1:{dashboard}/readyz")
                asyncio.run(_use(port, f"http://127.0.0.1:{dashboard}/"))
            finally:
                server.terminate()


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            if httpx.get(url).status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    raise TimeoutError(f"the server is not ready after {READY_TIMEOUT_SECONDS:g} s")


async def _use(port: int, dashboard: str) -> None:
    for voice, text in REQUESTS:
        await _request(port, voice, text)
        await asyncio.sleep(PAUSE_SECONDS)
    await _take_screenshot(dashboard)


async def _request(port: int, voice: str, text: str) -> None:
    async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
        await client.write_event(Synthesize(text, voice=SynthesizeVoice(name=voice)).event())
        while (event := await client.read_event()) and event.type != "audio-stop":
            pass


async def _take_screenshot(url: str) -> None:
    async with async_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        await page.goto(url)
        await asyncio.sleep(DRAW_SECONDS)
        await page.screenshot(path=IMAGE)
        await browser.close()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


if __name__ == "__main__":
    main()
