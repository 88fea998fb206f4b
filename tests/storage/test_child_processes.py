"""Child processes end with their parent, and at once when the server stops."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from tests.helpers.waiting import block_until, has_ended
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.storage import ChildProcesses

TIMEOUT_SECONDS = 30
SLEEPER = "import time, pathlib; pathlib.Path({file!r}).write_text('x'); time.sleep(60)"
PARENT = """
from wyoming_kokoro.storage import ChildProcesses
ChildProcesses().run("sleeper")
"""


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the module `sleeper` writes when it runs."""
    file = tmp_path / "started"
    (tmp_path / "sleeper.py").write_text(SLEEPER.format(file=str(file)))
    (tmp_path / "failing.py").write_text("import sys; sys.exit('\\nno space\\n' + ','.join(sys.argv[1:]))")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return file


def test_exit_code_and_reason_are_returned(started: Path) -> None:
    ended = ChildProcesses().run("failing", "one", "two")
    assert (ended.exit_code, ended.reason) == (1, "one,two")


def test_modules_of_the_working_directory_are_not_imported(
    started: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of espeak failed in a folder with a `random.py`, and no voice spoke English."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    for name in ("random", "runpy", "threading", "wyoming_kokoro"):
        (folder / f"{name}.py").write_text(f"import sys; sys.exit('{name} of the folder')")
    (tmp_path / "importing.py").write_text("import random, sys; sys.exit(random.__name__)")
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        assert ChildProcesses().run("importing").reason == "random"


def test_child_that_hangs_is_an_error(started: Path) -> None:
    with pytest.raises(StartupError, match="sleeper did not end"):
        ChildProcesses().run("sleeper", timeout_seconds=0.5)


def test_child_ends_when_its_parent_is_killed(started: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT])
    block_until(started.exists)
    (child,) = psutil.Process(parent.pid).children()
    parent.kill()
    parent.wait()
    block_until(lambda: has_ended(child.pid))


def test_stop_ends_running_children_and_prevents_new_ones(started: Path) -> None:
    children, errors = ChildProcesses(), []

    def run() -> None:
        try:
            children.run("sleeper")
        except StartupError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    block_until(started.exists)
    children.stop()
    thread.join(TIMEOUT_SECONDS)
    assert len(errors) == 1
    with pytest.raises(StartupError, match="stopping"):
        children.run("failing")
