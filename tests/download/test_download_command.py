from __future__ import annotations

import fcntl
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.release_server import (
    CONTENT,
    CUT,
    FILE,
    PATIENCE,
    QUICK,
    Fault,
    Mirror,
    names,
)
from wyoming_kokoro.config import Config
from wyoming_kokoro.download import run_download
from wyoming_kokoro.releases import RELEASES, RELEASES_VARIABLE

Launch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def launch(mirror: Mirror, tmp_path: Path) -> Iterator[Launch]:
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, stderr: int = subprocess.PIPE, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "wyoming_kokoro", "download", *arguments],
            env={**os.environ, "WYOMING_KOKORO_CACHE": str(tmp_path), **environment},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        started.append(process)
        return process

    yield start
    mirror.released.set()
    for process in started:
        process.kill()
        process.communicate()


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_command_prints_what_to_do_next(mirror: Mirror, launch: Launch, folder: Path) -> None:
    process = launch("fp32")
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert [line.split()[0] for line in out.splitlines()] == [str(folder / FILE), "Next:"]
    assert f"{FILE}: 100 % of" in err
    assert "HTTP" not in err


@pytest.mark.parametrize(
    ("server", "said"),
    [("moved", "404 Not Found"), ("closed", "Connection refused"), ("wrong", "is not an http")],
)
def test_a_failure_is_one_line(mirror: Mirror, launch: Launch, folder: Path, server: str, said: str) -> None:
    mirror.faults = [Fault(status=404)]
    address = {"moved": mirror.url, "closed": f"http://127.0.0.1:{closed_port()}", "wrong": "ftp://x"}
    process = launch("voices", **{RELEASES_VARIABLE: address[server]})
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == (2 if server == "wrong" else 1)
    assert err.startswith("wyoming-kokoro: ")
    assert err.count("\n") == 1
    assert said in err
    assert out == ""
    assert server == "wrong" or str(folder / RELEASES["voices"].file) in err


def test_a_wrong_checksum_ends_the_command(mirror: Mirror, launch: Launch, folder: Path) -> None:
    process = launch("voices")
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "wrong checksum" in err.splitlines()[-1]
    assert "Traceback" not in err
    assert names(folder) == set()


def test_two_at_once_download_once(mirror: Mirror, launch: Launch, folder: Path) -> None:
    mirror.faults = [Fault(cut=CUT, stall=True)]
    first = launch("fp32")
    wait_until(lambda: mirror.sent == CUT)
    second = launch("fp32")
    assert second.stderr is not None
    assert "Waiting for another download" in second.stderr.readline()
    mirror.released.set()
    assert first.wait(PATIENCE) == 0
    out, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0
    assert "is already there and verified." in out
    assert len(mirror.asked) == 2
    assert mirror.sent == len(CONTENT)
    assert (folder / FILE).read_bytes() == CONTENT


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Children inherit an ignored SIGINT, which a shell sets for what runs in its background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_keeps_what_has_come(mirror: Mirror, launch: Launch, config: Config, folder: Path) -> None:
    mirror.faults = [Fault(cut=CUT, stall=True)]
    process = launch("fp32")
    part = folder / f"{FILE}.part"
    wait_until(lambda: part.exists() and part.stat().st_size > 0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in err
    kept = part.stat().st_size
    run_download(config, "fp32", QUICK)
    assert mirror.asked[1] == (f"bytes={kept}-", '"one"')
    assert (folder / FILE).read_bytes() == CONTENT


def test_a_terminal_sees_a_bar(mirror: Mirror, launch: Launch) -> None:
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("4H", 24, 120, 0, 0))
    process = launch("fp32", stderr=far)
    os.close(far)
    seen = b""
    try:
        while chunk := os.read(near, 1000):
            seen += chunk
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(near)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert b"100%|" in seen
    assert b"100 % of" not in seen
