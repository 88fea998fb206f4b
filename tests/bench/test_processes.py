"""The processes that `bench` starts, and their ends."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest

from wyoming_kokoro.bench.compare import (
    TEXTS,
    measured,
)
from wyoming_kokoro.bench.processes import Child, child, toml
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import StartupError


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Child]:
    """A process that answers one line and then fails."""
    code = "print(input()[::-1], flush=True); raise SystemExit('no more tea')"
    with child("the program", [sys.executable, "-c", code], tmp_path) as process:
        yield process


def test_the_end_of_a_process_is_told_with_its_last_words(program: Child) -> None:
    assert program.asked(b"abc\n") == b"cba\n"
    with pytest.raises(StartupError, match=r"the program ended with exit code 1; .*: no more tea"):
        program.asked(b"def\n")
    with pytest.raises(StartupError, match=r"no more tea"):
        program.said("more coffee")


DEAF = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("here", file=sys.stderr, flush=True)
time.sleep(600)
"""


def break_off(folder: Path) -> None:
    """Start a process and fail."""
    with child("the deaf", [sys.executable, "-c", DEAF], folder) as process:
        process.said("here")
        assert process.peak_bytes > 1_000_000
        assert len(psutil.Process().children()) == 1
        raise ZeroDivisionError


def test_a_process_ends_with_its_block(tmp_path: Path) -> None:
    """It does not matter whether the block fails, nor what the process makes of signals."""
    assert psutil.Process().children() == []
    with pytest.raises(ZeroDivisionError):
        break_off(tmp_path)
    assert psutil.Process().children() == []


@pytest.mark.model
def test_both_are_measured(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    """The shortest text, once: every number is there and is plausible."""
    caplog.set_level(logging.INFO)
    before = psutil.Process().children()
    report = measured(config, TEXTS[:1], 1)
    assert psutil.Process().children() == before
    assert (report.rounds, report.voice, len(report.sha256)) == (1, "af_heart", 64)
    (row,) = report.rows
    assert 0.01 < row.first.theirs < row.audible.theirs
    assert row.first.theirs == row.total.theirs
    assert 0.01 < row.first.ours < row.audible.ours < row.first.ours + 0.5
    assert row.first.ours <= row.total.ours
    seconds = row.total.ours / row.rtf.ours, row.total.theirs / row.rtf.theirs
    assert 0.5 < min(seconds) < max(seconds) < 1.5
    assert row.first.ratio == row.first.ours / row.first.theirs
    assert min(report.peak_bytes.ours, report.peak_bytes.theirs) > 1e8
    assert "Good evening" not in caplog.text


@pytest.mark.model
def test_a_server_that_cannot_start_says_why(config: Config) -> None:
    config = replace(config, voice=replace(config.voice, name="af_hart"))
    with pytest.raises(StartupError, match=r"our server .*exit code 1.*there is no voice 'af_hart'"):
        measured(config, TEXTS[:1], 1)


@pytest.fixture
def arguments(config: Config, tmp_path: Path) -> list[str]:
    file = tmp_path / "config.toml"
    file.write_text(toml(asdict(config)))
    return ["--config", str(file)]


def started(arguments: list[str]) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """Start a long `bench`; return it and its processes when it measures."""
    command = [sys.executable, "-m", "wyoming_kokoro", "bench", "--json", "--rounds", "1000", *arguments]
    program = subprocess.Popen(command, stdout=-1, stderr=-1, text=True, start_new_session=True)
    assert program.stderr
    seen = ""
    while "Warming up" not in seen:
        line = program.stderr.readline()
        seen += line
        assert line, seen
    return program, psutil.Process(program.pid).children(recursive=True)


def ended(program: subprocess.Popen[str], processes: list[psutil.Process]) -> tuple[int, str]:
    """Return the exit code and the log of a program that leaves no process."""
    try:
        out, log = program.communicate(timeout=60)
    finally:
        program.kill()
        _, alive = psutil.wait_procs(processes, timeout=10)
        for process in alive:
            process.kill()
    assert (out, alive) == ("", [])
    assert "Traceback" not in log
    return program.returncode, log


@pytest.mark.model
def test_ctrl_c_leaves_no_process(arguments: list[str]) -> None:
    """A terminal sends the signal to all processes at once."""
    program, processes = started(arguments)
    assert len(processes) == 2
    os.killpg(program.pid, signal.SIGINT)
    assert ended(program, processes)[0] == 130


@pytest.mark.model
def test_a_terminated_comparison_leaves_no_process(arguments: list[str]) -> None:
    program, processes = started(arguments)
    program.terminate()
    assert ended(program, processes)[0] == 130


@pytest.mark.model
@pytest.mark.parametrize(
    ("module", "name"), [("serve", "our server"), ("wyoming_kokoro.bench.plain_kokoro_onnx", "kokoro-onnx")]
)
def test_a_rival_that_dies_is_told_in_one_line(arguments: list[str], module: str, name: str) -> None:
    program, processes = started(arguments)
    (victim,) = (process for process in processes if module in process.cmdline())
    victim.kill()
    code, log = ended(program, processes)
    assert code == 1
    assert log.splitlines()[-1].startswith(f"wyoming-kokoro: {name} ended with exit code -9")
