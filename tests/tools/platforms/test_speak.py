from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.platforms import speak


@pytest.mark.slow  # it prepares the model and starts a server
@pytest.mark.model
def test_all_steps_work_in_this_environment(tmp_path: Path) -> None:
    command = [sys.executable, speak.__file__, str(tmp_path), "--extras", "ja,zh,openai"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert (done.returncode, result["problems"]) == (0, [])
    assert [item["name"] for item in result["recordings"]] == ["say", "stream", "ja", "zh"]
    assert result["other_steps"]["SIGTERM"] == "exit code 0"
    assert {"mp3 by the speech API", "aac by the speech API"} <= result["other_steps"].keys()


async def test_lines_of_the_log_are_found_in_any_order() -> None:
    """The server is sometimes ready before its speech API listens."""
    log, lines = asyncio.StreamReader(), list[str]()
    log.feed_data(
        b"Listening on 127.0.0.1 port 1 after 1.0 s\nSpeech API listens on http://127.0.0.1:2/\nReady to speak\n"
    )
    log.feed_eof()
    for wanted in (speak.LISTENING, speak.READY, speak.SPEECH_API):
        assert await speak.wait_for_line(log, lines, wanted)
    with pytest.raises(EOFError, match="the server ended"):
        await speak.wait_for_line(log, lines, re.compile("Stopping"))
