"""What a hurried operator does: streams that are closed or full, Ctrl-C at once, folders that do not exist."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

INTERRUPTED_IMPORT = """\
import sys
from importlib.machinery import PathFinder
find = PathFinder.find_spec
def interrupt(name, *rest):
    if name == "msgspec":
        raise KeyboardInterrupt
    return find(name, *rest)
PathFinder.find_spec = interrupt
"""
PROGRAM = f"{sys.executable} -m wyoming_kokoro"


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False, timeout=100)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_is_full_is_one_line(tmp_path: Path) -> None:
    """Also if it is shorter than Python's buffer, which is written at the end."""
    done = run(f"{PROGRAM} download --list >/dev/full", tmp_path)
    line = "wyoming-kokoro: the output cannot be written: No space left on device; choose another place\n"
    assert (done.returncode, done.stderr) == (1, line)


def test_output_that_is_closed_early_is_no_error(tmp_path: Path) -> None:
    done = run(f"{PROGRAM} download --list | true", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_text_from_a_closed_stdin_is_empty(tmp_path: Path) -> None:
    """Its first check is past the text."""
    done = run(f"{PROGRAM} say - --timings x.txt <&-", tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "must end with .json" in done.stderr


@pytest.mark.parametrize("option", ["--output missing/a.wav", "--output a.wav --timings missing/a.json"])
def test_missing_folder_is_found_before_the_synthesis(option: str, tmp_path: Path) -> None:
    done = run(f"{PROGRAM} say Hello. {option}", tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith("cannot be written: its folder does not exist\n")
    assert done.stderr.count("\n") == 1


def test_timings_do_not_replace_the_audio(tmp_path: Path) -> None:
    done = run(f"{PROGRAM} say Hello. --output a.json --timings ./a.json", tmp_path)
    line = "wyoming-kokoro: --timings: ./a.json: is also the file of --output; name another one\n"
    assert (done.returncode, done.stderr, list(tmp_path.iterdir())) == (2, line, [])


def test_characters_that_the_locale_lacks_are_escaped(tmp_path: Path) -> None:
    (tmp_path / "words.toml").write_text('[en]\nKokoro = "/kˈOkəɹO/"\n', "utf-8")
    done = run(f"PYTHONIOENCODING=latin-1 {PROGRAM} words --state {tmp_path}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert r"/k\u02c8Ok\u0259\u0279O/" in done.stdout


def test_interrupt_during_the_first_imports_ends_quietly(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTED_IMPORT, "utf-8")
    done = run(f"PYTHONPATH={tmp_path} {PROGRAM} serve", tmp_path)
    assert (done.returncode, done.stderr) == (130, "")


def test_sockets_that_were_not_passed_are_one_line(tmp_path: Path) -> None:
    done = run(f"LISTEN_FDS=1 LISTEN_PID=$$ exec {PROGRAM} serve 3<&-", tmp_path)
    assert done.returncode == 1
    assert "descriptor 3 of the socket unit is not a listening TCP or Unix socket" in done.stderr
    assert done.stderr.count("\n") == 1
