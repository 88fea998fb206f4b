from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.slow  # each case starts a server
@pytest.mark.model
@pytest.mark.parametrize("quality", ["full", "distilled"])
def test_randomly_damaged_files_are_repaired(quality: str, tmp_path: Path) -> None:
    """This is a short run of the tool. Before a release it runs with 300 cases."""
    options = ["--cases", "8", "--quality", quality, "--folder", str(tmp_path), "--seed", "2"]
    tool = [sys.executable, "-m", "tools.faults.damaged_files", *options]
    ran = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
