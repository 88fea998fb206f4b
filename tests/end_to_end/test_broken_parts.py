"""A phonemizer or a model that does not work is reported wherever the operator may look."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import espeakng_loader
import httpx
import pytest

from tests.helpers.servers.protocol_fakes import connect_to
from tests.helpers.servers.server_process import disabled, server_arguments, start_server

pytestmark = pytest.mark.model

CACHED, NEW = "Hello.", "Xylozentrix."
"""Of the second one, only espeak knows the sounds."""
needs_namespaces = pytest.mark.skipif(
    subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode != 0
    if shutil.which("unshare")
    else True,
    reason="needs the right to mount file systems",
)


@pytest.fixture
def arguments(model_cache: Path, tmp_path: Path) -> list[str]:
    # A phrase cache of this test, beside the prepared models of all tests.
    cache = tmp_path / "cache"
    cache.mkdir()
    for folder in model_cache.iterdir():
        if folder.name != "phrases":
            (cache / folder.name).symlink_to(folder)
    config = disabled("zeroconf", "openai", "warmup") + "[plugins.dashboard]\nport = 0\n"
    return [*server_arguments(tmp_path, cache, config), "--quality", "full"]


@pytest.fixture
def broken_espeak(tmp_path: Path) -> dict[str, str]:
    """An environment in which the data of espeak would end the server with SIGSEGV."""
    data = shutil.copytree(espeakng_loader.get_data_path(), tmp_path / "damaged data", copy_function=os.symlink)
    content = (data / "phontab").read_bytes()
    (data / "phontab").unlink()
    (data / "phontab").write_bytes(content[: len(content) // 2])
    library = espeakng_loader.get_library_path()
    return {**os.environ, "PHONEMIZER_ESPEAK_LIBRARY": library, "PHONEMIZER_ESPEAK_DATA_PATH": str(data)}


def run_command(
    *arguments: str, environment: dict[str, str] | None = None, prefix: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    command = [*prefix, sys.executable, "-m", "wyoming_kokoro", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def say(text: str, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return run_command("say", text, "--output", "/dev/null", *arguments, environment=environment)


async def test_broken_phonemizer_is_reported_by_the_log_readiness_dashboard_and_check(
    arguments: list[str], broken_espeak: dict[str, str]
) -> None:
    """Although the phrase cache has the word that `check` speaks. Cached phrases still play."""
    assert (await asyncio.to_thread(say, CACHED, *arguments)).returncode == 0
    log = "Phonemizer for en-US failed; only cached phrases are spoken .*damaged data"
    async with start_server(*arguments, environment=broken_espeak, ready_log=log) as server:
        async with connect_to(server.port) as client:
            await client.send("synthesize", text=CACHED)
            assert (await client.read_until("audio-stop"))[0].type == "audio-start"
        async with connect_to(server.port) as client:
            await client.send("synthesize", text=NEW)
            (error,) = await client.read_until("error")
            assert "espeak NG cannot read" in error.data["text"]
        found = re.search(r"Dashboard listens on http://127\.0\.0\.1:(\d+)", server.log)
        assert found
        port = found[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            readiness = await http.get("/readyz")
            advice = (await http.get("/api/advice")).json()["advice"]
        assert readiness.status_code == 503
        assert readiness.json()["reason"].startswith("the phonemizer for en-US failed: espeak NG cannot read")
        assert advice[0]["finding"].startswith("The phonemizer for en-US failed: espeak NG cannot read")
        await server.stop()
    assert "Ready to speak" not in server.log
    check = await asyncio.to_thread(
        run_command, "check", "--json", "--uri", "tcp://127.0.0.1:0", *arguments, environment=broken_espeak
    )
    report = json.loads(check.stdout)
    assert check.returncode == 1
    assert report["problem"].startswith("the phonemizer for en-US, en-GB, ")
    assert report["problem"].count("espeak NG cannot read") == 1
    assert report["voices"]["en-US"] == 20


@pytest.mark.slow
@needs_namespaces
def test_speech_needs_no_executable_temporary_directory(arguments: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "noexec"
    folder.mkdir()
    mount = f"mount -t tmpfs -o noexec tmpfs '{folder}' && exec \"$@\""
    prefix = ("unshare", "--mount", "sh", "-c", mount, "sh")
    environment = {**os.environ, "TMPDIR": str(folder)}
    done = run_command("say", NEW, "--output", "/dev/null", *arguments, environment=environment, prefix=prefix)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


@pytest.mark.slow
async def test_killed_server_leaves_no_temporary_files(arguments: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    async with start_server(*arguments, environment={**os.environ, "TMPDIR": str(folder)}) as server:
        async with connect_to(server.port) as client:
            await client.send("synthesize", text=NEW)
            await client.read_until("audio-stop")
        server.process.kill()
        await server.process.wait()
    assert list(folder.iterdir()) == []
