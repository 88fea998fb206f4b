from __future__ import annotations

import json
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
