"""Sessions in child processes: what they pass on, their ends, and what is left of them."""

from __future__ import annotations

import gc
import logging
import math
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.helpers.synthesis.doubling_session import doubling_provider, open_doubling
from tests.helpers.waiting import TIMEOUT_SECONDS, block_until, has_ended
from wyoming_kokoro import Array, DevicePlacement, SessionOptions
from wyoming_kokoro.inference import process_session
from wyoming_kokoro.inference.process_session import ProcessFailed, ProcessSession, open_session
from wyoming_kokoro.inference.tensor_channel import HALF_BYTES

FEEDS = {"frames": np.arange(6, dtype=np.float32).reshape(2, 3)}
FILE = Path("any.onnx")
OPTIONS = SessionOptions(1, Path())


@pytest.fixture(autouse=True)
def long_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not look like a process that hangs, and may be slow to end one."""
    for name in ("TIMEOUT_SECONDS", "EXIT_SECONDS", "CLOSE_TIMEOUT_SECONDS"):
        monkeypatch.setattr(process_session, name, 60.0)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[ProcessSession]:
    session = open_doubling_session(tmp_path)
    yield session
    session.close()


def restart_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_BACKOFF_SECONDS", "MAX_BACKOFF_SECONDS"):
        monkeypatch.setattr(process_session, name, 0.01)


def open_doubling_session(folder: Path) -> ProcessSession:
    session = open_session(doubling_provider(folder), FILE, OPTIONS)
    assert isinstance(session, ProcessSession)
    return session


def pid_of(session: ProcessSession) -> int:
    return int(session.run(FEEDS)["pid"][0])


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid)


# What passes


def test_tensors_errors_and_facts_pass(session: ProcessSession, tmp_path: Path) -> None:
    """One session, because each start of a process takes time."""
    assert session.note == "(doubles)"
    assert session.placement == DevicePlacement("Abacus", 0.5)
    feeds: dict[str, Array] = {
        "view": np.arange(40, dtype=np.float32).reshape(4, 10)[1:3, ::2],
        "empty": np.zeros((1, 2, 1, 0), dtype=np.float32),
        "scalar": np.array(7, dtype=np.int64),
        "ä": np.array([True, False]),
        "big endian": np.arange(3, dtype=">f8"),
    }
    first = session.run(feeds)
    assert first["pid"] != os.getpid()
    for name, array in feeds.items():
        np.testing.assert_array_equal(first[name], 2 * array)
        assert first[name].dtype == (2 * array).dtype
    copy = first["view"].copy()
    session.run({"view": np.ones((2, 5), dtype=np.float32)})
    np.testing.assert_array_equal(first["view"], copy, "the outputs of a later run do not overwrite earlier ones")
    with pytest.raises(RuntimeError, match=r"^nothing to double$"):
        session.run({})
    with pytest.raises(ValueError, match="too large"):
        session.run({"frames": np.zeros(HALF_BYTES + 1, dtype=np.uint8)})
    session.shrink()
    assert [int(session.run(FEEDS)["shrinks"][0]) for _ in range(2)] == [1, 1]
    assert session.run(FEEDS)["pid"] == first["pid"], "none of this ends the process"
    session.close()
    block_until(lambda: is_gone(int(first["pid"][0])))
    assert (tmp_path / "closed").exists()


def test_error_of_opening_is_raised(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"^error code -1$"):
        open_session(doubling_provider(tmp_path), Path("a.broken"), OPTIONS)


def test_function_that_cannot_be_pickled_is_an_error(tmp_path: Path) -> None:
    provider = replace(doubling_provider(tmp_path), open=lambda file, options: open_doubling(tmp_path, file, options))
    with pytest.raises(RuntimeError, match=r"abacus cannot run in a process of its own .*; make `open` a function"):
        open_session(provider, FILE, OPTIONS)


def test_provider_without_its_own_process_opens_in_the_server(tmp_path: Path) -> None:
    opened = open_session(replace(doubling_provider(tmp_path), process=False), FILE, OPTIONS)
    assert opened.run(FEEDS)["pid"] == os.getpid()


# Failures


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("SIGSEGV", "its process ended with SIGSEGV"),
        ("SIGABRT", "its process ended with SIGABRT"),
        ("exit", "its process ended with exit code 3"),
        ("hang", "its process hangs: no answer within"),
        ("hang with lock", "its process hangs: no answer within"),
    ],
)
def test_failed_process_is_replaced(
    session: ProcessSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, reason: str
) -> None:
    restart_soon(monkeypatch)
    pid = pid_of(session)
    (tmp_path / "fault").write_text(fault)
    with monkeypatch.context() as patch:
        if "hang" in fault:
            patch.setattr(process_session, "TIMEOUT_SECONDS", 0.2)
        with pytest.raises(ProcessFailed, match=reason):
            session.run(FEEDS)
    session.restart()
    with pytest.raises(ProcessFailed, match="has not been started again yet"):
        session.run(FEEDS)
    block_until(lambda: is_gone(pid))
    block_until(lambda: session.is_running)
    assert pid_of(session) != pid


def test_crash_shows_where_it_happened(
    session: ProcessSession, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    (tmp_path / "fault").write_text("SIGSEGV")
    with pytest.raises(ProcessFailed):
        session.run(FEEDS)
    block_until(lambda: "_segmentation_fault" in caplog.text)
    assert "Provider abacus wrote 'Fatal Python error: Segmentation fault'" in caplog.text


def test_leaking_process_is_replaced_after_a_good_run(
    session: ProcessSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    restart_soon(monkeypatch)
    pid = pid_of(session)
    (tmp_path / "fault").write_text("leak")
    runs = 0
    while session._process and session._process._process.pid == pid:
        np.testing.assert_array_equal(session.run(FEEDS)["frames"], 2 * FEEDS["frames"])
        runs += 1
        assert runs < 30
    assert "Provider abacus leaks memory" in caplog.text
    block_until(lambda: session.is_running)
    assert pid_of(session) != pid


def test_late_answer_is_not_taken_for_that_of_the_next_run(
    session: ProcessSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trials and dry runs do not restart a session that hangs."""
    restart_soon(monkeypatch)
    pid, process = pid_of(session), session._process
    assert process
    with monkeypatch.context() as patch:
        patch.setattr(process_session, "TIMEOUT_SECONDS", 0.2)
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(ProcessFailed, match="hangs"):
            session.run(FEEDS)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
        process._channel._readable.poll(round(1000 * TIMEOUT_SECONDS))
        os.kill(pid, signal.SIGSTOP)
    block_until(lambda: session.is_running)
    other = np.ones((2, 3), dtype=np.float32)
    np.testing.assert_array_equal(session.run({"frames": other})["frames"], 2 * other)


def test_failure_before_a_restart_does_not_end_the_new_process(
    session: ProcessSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run fails while the process starts again. The stage reports it when the new process is there."""
    restart_soon(monkeypatch)
    (tmp_path / "fault").write_text("SIGSEGV")
    with pytest.raises(ProcessFailed):
        session.run(FEEDS)
    session.restart()
    with pytest.raises(ProcessFailed, match="has not been started again yet"):
        session.run(FEEDS)
    block_until(lambda: session.is_running)
    session.restart()
    assert session.is_running
    assert session._timer is None
    pid = pid_of(session)
    session.restart()
    block_until(lambda: is_gone(pid))


def test_pauses_before_restarts_double(session: ProcessSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are shorter than the time for which the selector does not use the provider: 60 s, 120 s, ..., an hour."""
    pauses: list[float] = []

    class ImmediateTimer(threading.Timer):
        def __init__(self, seconds: float, function: Callable[[], None]) -> None:
            pauses.append(seconds)
            super().__init__(0.0, function)

        def start(self) -> None:
            """Do not wait."""

    monkeypatch.setattr(threading, "Timer", ImmediateTimer)
    for _ in range(8):
        session.restart()
        session.restart()
        session._timer = None
        session._opened_at = time.monotonic()
    assert pauses == [45, 90, 180, 360, 720, 1440, 2700, 2700]
    session._opened_at = -math.inf
    session.restart()
    assert pauses[-1] == 45
    session._timer = None


def test_process_that_does_not_open_again_is_tried_after_the_next_failure(
    session: ProcessSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    restart_soon(monkeypatch)
    session._file = Path("a.broken")
    session.restart()
    block_until(lambda: "Provider abacus does not open again (error code -1)" in caplog.text)
    block_until(lambda: session._timer is None)
    session._file = FILE
    with pytest.raises(ProcessFailed):
        session.run(FEEDS)
    session.restart()
    block_until(lambda: session.is_running)
    assert pid_of(session) != os.getpid()


def test_session_closed_during_a_restart_starts_no_process(tmp_path: Path) -> None:
    session = open_doubling_session(tmp_path)
    session.restart()
    session.close()
    assert not session.is_running
    session._start()
    assert not session.is_running
    session.restart()
    assert session._timer is None


# What is left


def test_flood_of_output_is_limited_and_escaped(
    session: ProcessSession, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    (tmp_path / "fault").write_text("flood")
    session.run(FEEDS)
    session.close()
    block_until(lambda: "more lines" in caplog.text)
    lines = [record.getMessage() for record in caplog.records]
    assert lines[:20] == [r"Provider abacus wrote '\x1b[31mthe driver is unhappy'"] * 20
    assert lines[20:] == ["Provider abacus wrote 79980 more lines"]


def test_signals_of_the_terminal_and_of_systemd_do_not_end_the_process(session: ProcessSession) -> None:
    pid = pid_of(session)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(pid, number)
    assert pid_of(session) == pid


@pytest.mark.parametrize("fault", ["", "hang", "hang with lock"])
def test_process_ends_with_a_killed_server(tmp_path: Path, fault: str) -> None:
    code = f"""
        import numpy as np
        from pathlib import Path
        from tests.helpers.synthesis.doubling_session import doubling_provider
        from wyoming_kokoro import SessionOptions
        from wyoming_kokoro.inference import process_session

        process_session.TIMEOUT_SECONDS = 600
        provider = doubling_provider(Path({str(tmp_path)!r}))
        session = process_session.open_session(provider, Path("a"), SessionOptions(1, Path()))
        print(session._process._process.pid, flush=True)
        if {fault!r}:
            Path({str(tmp_path)!r}, "fault").write_text({fault!r})
        session.run({{"frames": np.zeros(3)}})
        input()
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout
        pid = int(server.stdout.readline())
        if fault:
            block_until((tmp_path / "fault.begun").exists)
        server.kill()
        server.wait()
    block_until(lambda: has_ended(pid))


@pytest.mark.parametrize("is_linux", [True, False])
def test_memory_has_no_name_and_no_tracker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_linux: bool) -> None:
    """Neither a crash, a name of more than 31 bytes nor a tracker can then harm the memory of any process."""
    if not is_linux:
        monkeypatch.setattr(sys, "platform", "darwin")
    before = set(Path("/dev/shm").iterdir())
    # Another test of this process may have started a tracker.
    children_before = psutil.Process().children(recursive=True)
    session = open_doubling_session(tmp_path)
    np.testing.assert_array_equal(session.run(FEEDS)["frames"], 2 * FEEDS["frames"])
    # Other programs may have named memory, too.
    named = set(Path("/dev/shm").iterdir()) - before
    assert not named & {Path(mapped.path) for mapped in psutil.Process().memory_maps()}
    children = [child for child in psutil.Process().children(recursive=True) if child not in children_before]
    commands = [" ".join(child.cmdline()) for child in children]
    session.close()
    assert any("provider_process" in command for command in commands)
    assert not any("resource_tracker" in command for command in commands)


def test_many_failures_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    restart_soon(monkeypatch)
    # Objects of earlier tests may still have files open.
    gc.collect()
    session = open_doubling_session(tmp_path)
    pids, counts = list[int](), list[tuple[int, int]]()
    for _ in range(3):
        pids.append(pid_of(session))
        counts.append((psutil.Process().num_fds(), threading.active_count()))
        (tmp_path / "fault").write_text("SIGSEGV")
        with pytest.raises(ProcessFailed):
            session.run(FEEDS)
        session.restart()
        block_until(lambda: session.is_running and is_gone(pids[-1]))
    session.close()
    assert len(set(pids)) == 3
    assert counts[0] == counts[1] == counts[2]
