"""A server that is killed while it prepares the model leaves no processes, and no files after the next start."""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.helpers.servers.server_process import disabled, server_arguments, start_server
from tests.helpers.waiting import has_ended
from wyoming_kokoro.storage.files import UNLOCKED_SECONDS

pytestmark = pytest.mark.model
# The cold start of a loaded machine.
TIMEOUT_SECONDS = 400


@pytest.fixture
def arguments(model_cache: Path, stages_folder: Path, tmp_path: Path) -> list[str]:
    """Command line for a server with the joined model and without prepared stages."""
    (tmp_path / "cache").mkdir()
    shutil.copytree(model_cache / "models", tmp_path / "cache" / "models")
    plugins = disabled("zeroconf", "dashboard", "openai", "phrase_cache", "warmup")
    return server_arguments(tmp_path, tmp_path / "cache", f'{plugins}[voice]\nquality = "full"\n')


async def start(arguments: list[str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "wyoming_kokoro", *arguments, "--uri", "tcp://127.0.0.1:0"),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


async def wait_for_child(server: asyncio.subprocess.Process) -> psutil.Process:
    """Return the child process that prepares the model."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        for child in await asyncio.to_thread(psutil.Process(server.pid).children):
            # A child that checks espeak's data may end meanwhile.
            with suppress(psutil.Error):
                if "wyoming_kokoro.preparation.cut_stages" in child.cmdline():
                    return child
        await asyncio.sleep(0.01)
    raise AssertionError("the preparation does not start")


async def wait_for_end(child: psutil.Process) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not has_ended(child.pid):
        assert time.monotonic() < deadline, "the child process outlives its parent"
        await asyncio.sleep(0.05)


def hidden_files(cache: Path) -> Iterator[Path]:
    return (path for path in cache.rglob(".*") if path.name != ".lock")


def prepared_stages(cache: Path) -> list[Path]:
    return [folder for folder in cache.glob("stages/*") if not folder.name.startswith(".")]


async def test_signal_to_stop_ends_the_preparation(arguments: list[str], tmp_path: Path) -> None:
    server = await start(arguments)
    child = await wait_for_child(server)
    server.terminate()
    _, log = await asyncio.wait_for(server.communicate(), TIMEOUT_SECONDS)
    await wait_for_end(child)
    assert server.returncode == 0
    assert "Traceback" not in log.decode()
    assert "Prepared" not in log.decode()
    assert list(hidden_files(tmp_path / "cache")) == []
    assert [folder.name for folder in (tmp_path / "cache" / "stages").iterdir()] == [".lock"]


@pytest.mark.slow  # eight starts
@pytest.mark.parametrize("quality", ["full", "distilled"])
async def test_killed_server_leaves_nothing_after_the_next_start(
    arguments: list[str], tmp_path: Path, quality: str
) -> None:
    dice = random.Random(1)
    arguments = [*arguments, "--quality", quality]
    for _ in range(8):
        # A fast machine may have finished the preparation.
        for folder in prepared_stages(tmp_path / "cache"):
            await asyncio.to_thread(shutil.rmtree, folder)
        server = await start(arguments)
        if quality == "full":
            child = await wait_for_child(server)
        await asyncio.sleep(dice.uniform(0, 4))
        server.kill()
        await server.communicate()
        if quality == "full":
            await wait_for_end(child)
    # A part is locked a moment after it is created, so a new empty part is not removed.
    await asyncio.sleep(UNLOCKED_SECONDS)
    async with start_server(*arguments) as running:
        assert "damaged" not in running.log
        await running.stop()
    assert list(hidden_files(tmp_path / "cache")) == []
