"""Tests of the child processes and servers that `bench` measures."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from wyoming.event import async_read_event

from wyoming_kokoro.bench.compare import TEXTS, run_bench
from wyoming_kokoro.bench.processes import (
    BenchPhrase,
    ChildProcess,
    interrupt_on_sigterm,
    isolate,
    run_child,
    run_server,
    write_config,
    wyoming_target,
)
from wyoming_kokoro.config import Config, load_config
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.testing import FakeSpeechModel, running_server

SHORT = BenchPhrase("Hi.", "hˈaɪ.")
IGNORES_SIGTERM = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("started", file=sys.stderr, flush=True)
time.sleep(600)
"""


def test_configuration_survives_writing(tmp_path: Path) -> None:
    config = Config(plugins={"files": {"a key": 'Stra"ße\n', "list": [1, 2.5, True], "deep": {"er": []}}})
    config = replace(config, required_plugins=("cpu",), voice=replace(config.voice, speed=1.25))
    file = tmp_path / "config.toml"
    write_config(config, file)
    assert load_config(file, {}, {}) == replace(config, source=str(file))


# Wyoming servers


async def test_server_is_measured_until_the_end_of_its_answer() -> None:
    async with running_server(FakeSpeechModel()) as listener:
        target = wyoming_target(f"tcp://127.0.0.1:{listener.addresses[0].port}")
        timing = await asyncio.to_thread(target.speak, SHORT)
    assert 0 < timing.ttfa <= timing.total
    # The fake speaks 0.05 s per phoneme, and 0.1 s of silence follow.
    assert timing.audio_seconds == pytest.approx(3 * 0.05 + 0.1, abs=0.02)


async def test_error_of_the_server_is_reported() -> None:
    async with running_server(FakeSpeechModel()) as listener:
        target = wyoming_target(f"tcp://127.0.0.1:{listener.addresses[0].port}")
        with pytest.raises(StartupError, match=r"cannot speak: .*text too long"):
            await asyncio.to_thread(target.speak, BenchPhrase("Hi" * 60_000, ""))


async def speak_error(answer: bytes) -> str:
    """Return the error for a server that sends `answer` and closes the connection."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await async_read_event(reader)
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(StartupError) as error:
            await asyncio.to_thread(wyoming_target(f"tcp://127.0.0.1:{port}").speak, SHORT)
    return str(error.value)


async def test_incomplete_answer_is_reported() -> None:
    start = b'{"type":"audio-start","data":{"rate":24000,"width":2,"channels":1}}\n'
    assert "closed the connection during an answer" in await speak_error(start)
    assert "no connection" in await speak_error(start + b'{"type":"audio-chunk","payload_length":9}\nabc')
    assert "sent no audio" in await speak_error(start + b'{"type":"audio-stop"}\n')


@pytest.mark.slow
@pytest.mark.model
def test_measured_server_is_not_announced(config: Config) -> None:
    """Even a required zeroconf plugin is disabled."""
    config = replace(config, plugins={"zeroconf": {"name": "Kitchen"}}, required_plugins=("zeroconf", "cpu"))
    status = {plugin.name: plugin.status for plugin in PluginManager.load(isolate(config)).loaded}
    assert (status["zeroconf"], status["cpu"]) == ("disabled", "active")
    with run_server(config) as server:
        assert server.speak(SHORT).audio_seconds > 0.2


# Child processes


@pytest.fixture
def child(tmp_path: Path) -> Iterator[ChildProcess]:
    """A process that answers one line and then fails."""
    code = "print(input()[::-1], flush=True); raise SystemExit('out of tea')"
    with run_child("the program", [sys.executable, "-c", code], tmp_path) as process:
        yield process


def test_exit_is_reported_with_the_last_log_line(child: ChildProcess) -> None:
    assert child.exchange_lines(b"abc\n") == b"cba\n"
    with pytest.raises(StartupError, match=r"the program ended with exit code 1; .*: out of tea"):
        child.exchange_lines(b"def\n")
    with pytest.raises(StartupError, match=r"out of tea"):
        child.wait_for_log("more coffee")


def fail_beside_child(folder: Path) -> None:
    """Start a process that ignores SIGTERM, and raise an error."""
    # Fixtures of other tests may have processes, too.
    before = psutil.Process().children()
    with run_child("the program", [sys.executable, "-c", IGNORES_SIGTERM], folder) as process:
        process.wait_for_log("started")
        assert process.peak_bytes > 1_000_000
        assert len(psutil.Process().children()) == len(before) + 1
        raise ZeroDivisionError


def test_child_that_ignores_sigterm_is_killed_after_an_error(tmp_path: Path) -> None:
    before = psutil.Process().children()
    with pytest.raises(ZeroDivisionError):
        fail_beside_child(tmp_path)
    assert psutil.Process().children() == before


@pytest.mark.model
def test_bench_against_kokoro_onnx_measures_everything(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    before = psutil.Process().children()
    report = run_bench(config, TEXTS[:1], 1)
    assert psutil.Process().children() == before
    assert (report.circumstances["rounds"], report.circumstances["voice"]) == (1, "af_heart")
    assert report.other.startswith("kokoro-onnx ")
    (phrase,) = report.phrases
    # kokoro-onnx returns all audio at once.
    assert 0.01 < phrase.ttfa.theirs == phrase.total.theirs
    assert 0.01 < phrase.ttfa.ours <= phrase.total.ours
    audio_seconds = phrase.total.ours / phrase.rtf.ours, phrase.total.theirs / phrase.rtf.theirs
    assert 0.5 < min(audio_seconds) < max(audio_seconds) < 1.5
    assert phrase.ttfa.ratio == phrase.ttfa.ours / phrase.ttfa.theirs
    assert report.peak_bytes
    assert min(report.peak_bytes.ours, report.peak_bytes.theirs) > 1e8
    assert "Good evening" not in caplog.text


@pytest.mark.slow
@pytest.mark.model
def test_bench_against_another_server_has_no_memory(config: Config) -> None:
    with run_server(config) as other:
        report = run_bench(config, TEXTS[:1], 1, other.name)
    assert (report.other, report.peak_bytes) == (other.name, None)
    assert report.phrases[0].ttfa.theirs > 0.01


def test_unknown_voice_is_reported(config: Config) -> None:
    config = replace(config, voice=replace(config.voice, name="af_hart"))
    with pytest.raises(StartupError, match=r"unknown voice 'af_hart'"):
        run_bench(config, TEXTS[:1], 1)


@pytest.fixture
def arguments(config: Config, tmp_path: Path) -> list[str]:
    """The command line options that select `config`."""
    file = tmp_path / "config.toml"
    write_config(config, file)
    return ["--config", str(file)]


def start_bench(arguments: list[str]) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """Start a long `bench`, and return it and its child processes once it measures."""
    command = [sys.executable, "-m", "wyoming_kokoro", "bench", "--json", "--rounds", "1000", *arguments]
    program = subprocess.Popen(command, stdout=-1, stderr=-1, text=True, start_new_session=True)
    assert program.stderr
    log = ""
    while "Warming up" not in log:
        line = program.stderr.readline()
        log += line
        assert line, log
    return program, psutil.Process(program.pid).children(recursive=True)


def wait_for_end(program: subprocess.Popen[str], children: list[psutil.Process]) -> tuple[int, str]:
    """Return the exit code and the log of a program, which must leave no process and print nothing."""
    try:
        out, log = program.communicate(timeout=60)
    finally:
        program.kill()
        _, alive = psutil.wait_procs(children, timeout=10)
        for process in alive:
            process.kill()
    assert (out, alive) == ("", [])
    assert "Traceback" not in log
    return program.returncode, log


@pytest.mark.slow
@pytest.mark.model
def test_ctrl_c_leaves_no_process(arguments: list[str]) -> None:
    """A terminal sends the signal to all processes at once."""
    program, children = start_bench(arguments)
    assert len(children) == 2
    os.killpg(program.pid, signal.SIGINT)
    assert wait_for_end(program, children)[0] == 130


def test_sigterm_is_handled_as_ctrl_c() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), interrupt_on_sigterm():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.slow  # the tests above cover its parts
@pytest.mark.model
def test_sigterm_leaves_no_process(arguments: list[str]) -> None:
    program, children = start_bench(arguments)
    program.terminate()
    assert wait_for_end(program, children)[0] == 130


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.parametrize(
    ("module", "name"), [("serve", "our server"), ("wyoming_kokoro.bench.plain_kokoro_onnx", "kokoro-onnx")]
)
def test_killed_child_is_reported_in_one_line(arguments: list[str], module: str, name: str) -> None:
    program, children = start_bench(arguments)
    (victim,) = (process for process in children if module in process.cmdline())
    victim.kill()
    code, log = wait_for_end(program, children)
    assert code == 1
    assert log.splitlines()[-1].startswith(f"wyoming-kokoro: {name} ended with exit code -9")
