"""Limits of the shell or the unit under which native libraries would crash or hang."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from wyoming_kokoro.cli.resource_limits import MIN_THREADS, require_resources
from wyoming_kokoro.errors import StartupError


def run_limited(limit: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    shell = ["sh", "-c", f'ulimit {limit} && exec "$0" "$@"', sys.executable, *arguments]
    return subprocess.run(shell, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("limit", "line"),
    [
        ("-v 600000", "only 614 MB of address space are allowed; allow at least 1500 (ulimit -v, LimitAS=; MemoryMax="),
        ("-d 200000", "only 204 MB of data are allowed; allow at least 700 (ulimit -d, LimitDATA=; MemoryMax="),
        ("-f 0", "only 0 MB in a file are allowed; allow at least 100 (ulimit -f, LimitFSIZE=)"),
        ("-n 20", "only 20 open files are allowed; allow at least 128 (ulimit -n, LimitNOFILE=)"),
    ],
)
def test_limit_that_is_too_low_is_one_line(limit: str, line: str, tmp_path: Path) -> None:
    done = run_limited(limit, tmp_path, "-m", "wyoming_kokoro", "serve", "--uri", "tcp://127.0.0.1:0")
    assert done.returncode == 1
    assert done.stderr.startswith(f"wyoming-kokoro: {line}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [["say", "Hello."], ["check"], ["cache", "warm"]])
def test_every_command_with_a_model_refuses_the_limit(command: list[str], tmp_path: Path) -> None:
    done = run_limited("-n 20", tmp_path, "-m", "wyoming_kokoro", *command)
    assert done.returncode == 1
    assert "only 20 open files are allowed" in done.stdout + done.stderr
    assert (done.stdout + done.stderr).count("\n") == 1


def test_soft_limit_is_raised(tmp_path: Path) -> None:
    code = (
        "import resource; from wyoming_kokoro.cli.resource_limits import require_resources; require_resources();"
        " print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    assert run_limited("-Sn 20", tmp_path, "-c", code).stdout == "128\n"


def test_too_few_threads_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    start, started = threading.Thread.start, list[threading.Thread]()

    def start_five(thread: threading.Thread) -> None:
        if len(started) == 5:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_five)
    with pytest.raises(StartupError, match=f"only 5 threads can start; allow at least {MIN_THREADS} "):
        require_resources()
    assert not any(thread.is_alive() for thread in started)
