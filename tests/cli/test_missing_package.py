"""A missing package, as on a system with the C library musl, for which onnxruntime has no package."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from wyoming_kokoro.cli.main import describe_import_error

HIDE = """\
import sys
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name == {package!r} else find(name, *rest)
"""
LOADER_ERROR = "Error loading shared library ld-linux-x86-64.so.2: No such file or directory"


@pytest.mark.parametrize(
    ("package", "command"),
    [("onnx", ["say", "Hello."]), ("onnxruntime", ["serve"]), ("onnxruntime", ["check"]), ("threadpoolctl", ["serve"])],
)
def test_missing_package_is_one_line(package: str, command: list[str], tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDE.format(package=package), "utf-8")
    line = run(command, tmp_path)
    assert line.startswith(f"wyoming-kokoro: cannot import {package} (")
    assert line.endswith("; install wyoming-kokoro again with pip")


def test_package_of_another_c_library_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "soxr.py").write_text(f"raise ImportError({LOADER_ERROR!r}, name='soxr')", "utf-8")
    line = run(["say", "Hello."], tmp_path)
    assert line == f"wyoming-kokoro: cannot import soxr ({LOADER_ERROR}); install wyoming-kokoro again with pip"


def test_error_on_musl_names_the_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", {"SOABI": "cpython-313-x86_64-linux-musl"}.get)
    assert describe_import_error(ModuleNotFoundError("it is not installed", name="onnxruntime")) == (
        "cannot import onnxruntime (it is not installed); onnxruntime has no package for musl;"
        " use a system with glibc, such as Debian, or the Docker image"
    )


def run(command: list[str], folder: Path) -> str:
    """Return the only line that the program writes to stderr. It must end with code 1."""
    paths = ["--state", str(folder / "state"), "--cache", str(folder / "cache"), "--uri", "tcp://127.0.0.1:0"]
    done = subprocess.run(
        [sys.executable, "-m", "wyoming_kokoro", *paths, *command],
        env={**os.environ, "PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    return line
