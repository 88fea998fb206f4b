from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from wyoming.event import Event, async_write_event

from tests.helpers.servers.protocol_fakes import AUDIO_CYCLE, WORD_PCM, Client, event_types, pcm_of

SERVER = """
import asyncio
from tests.helpers.servers.protocol_fakes import FakeSpeechService, open_listener

async def main():
    async with open_listener(FakeSpeechService(), "stdio://") as listener:
        print("printed by a library")
        await listener.ended.wait()

asyncio.run(main())
"""


async def start_server(stdin: Any) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVER,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


async def test_device_in_place_of_a_pipe_is_an_error() -> None:
    """asyncio logged a traceback for /dev/null, and the server waited."""
    process = await start_server(asyncio.subprocess.DEVNULL)
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, output) == (1, b"")
    assert errors.splitlines()[-1].endswith(
        b"stdin is not a pipe, which stdio:// needs; use `cat FILE | wyoming-kokoro`"
    )
    assert b"_add_reader" not in errors


async def test_stdio_completes_all_requests_of_its_input() -> None:
    """Prints go to stderr."""
    process = await start_server(asyncio.subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    assert process.stderr
    await async_write_event(Event("synthesize", {"text": "one two"}), process.stdin)
    await async_write_event(Event("synthesize-start"), process.stdin)
    await async_write_event(Event("synthesize-chunk", {"text": "three four"}), process.stdin)
    process.stdin.close()
    client = Client(process.stdout, process.stdin)
    events = await client.read_all()
    assert await process.wait() == 0
    assert event_types(events) == [*AUDIO_CYCLE, *AUDIO_CYCLE, "synthesize-stopped"]
    assert pcm_of(events) == WORD_PCM * 4
    assert (await process.stderr.read()).strip() == b"printed by a library"


async def test_stdin_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "events"
    file.touch()
    with file.open("rb") as stdin:
        process = await start_server(stdin)
    _, errors = await process.communicate()
    assert b"StartupError: stdin is not a pipe, which stdio:// needs; use " in errors
