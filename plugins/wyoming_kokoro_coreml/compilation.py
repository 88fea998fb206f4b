"""Core ML compiles each graph once, in a child process: the compiler is slow and sometimes crashes.

The child process is `__main__`. It writes Core ML's compute plan to stderr, which this module reads.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro import file_lock, write_atomically
from wyoming_kokoro_coreml.compute_plan import neural_engine_share
from wyoming_kokoro_coreml.variants import Variant

# The longest reported compilation takes 16 s.
COMPILE_TIMEOUT_SECONDS = 600.0
GRAPH_FILE, CACHE_FOLDER, RESULT_FILE = "graph.onnx", "compiled", "plan.json"


@dataclass(frozen=True, slots=True)
class CompiledGraph:
    """A graph and its compiled form."""

    graph: Path
    """The file to open: in float16 if the variant needs that."""
    cache: Path
    """The folder with the compiled form."""
    share: float | None
    """The Neural Engine's share of the work, 0 to 1; None if Core ML does not report it."""


def load_or_compile(variant: Variant, file: Path, folder: Path) -> CompiledGraph:
    """Return the compiled form of `file` in `folder`, after compiling it if it is missing.

    `folder` belongs to this graph. Its parent belongs to this release; the folders of other releases are removed.
    Raises `RuntimeError` with Core ML's reason, `TimeoutError` and `OSError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with file_lock(folder / ".lock"):
        if not (folder / RESULT_FILE).is_file():
            _remove_other_releases(variant, folder.parent)
            result = {"neural_engine": _compile(variant, file, folder)}
            write_atomically(folder / RESULT_FILE, json.dumps(result).encode())
        share = json.loads((folder / RESULT_FILE).read_bytes())["neural_engine"]
    return CompiledGraph(graph_path(variant, file, folder), folder / CACHE_FOLDER, share)


def _compile(variant: Variant, file: Path, folder: Path) -> float | None:
    """Compile the graph and return the Neural Engine's share. A failure leaves no files."""
    _remove_compiled(folder)
    try:
        return neural_engine_share(
            run_compiler([sys.executable, "-m", __package__, variant.name, str(file), str(folder)])
        )
    except BaseException:
        _remove_compiled(folder)
        raise


def run_compiler(command: Sequence[str], timeout: float = COMPILE_TIMEOUT_SECONDS) -> list[str]:
    """Run `command` and return the lines of its stderr.

    Raises `RuntimeError` with the last line when it fails, and `TimeoutError` when it hangs.
    """
    # Without this variable, NSLog does not write to a pipe.
    environment = {**os.environ, "CFLOG_FORCE_STDERR": "YES"}
    try:
        child = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=timeout,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"Core ML's compiler did not end within {timeout:g} s") from None
    lines = child.stderr.decode(errors="replace").splitlines()
    if child.returncode < 0:
        raise RuntimeError(f"Core ML's compiler crashed with signal {-child.returncode}")
    if child.returncode:
        raise RuntimeError(lines[-1] if lines else "Core ML's compiler gave no reason")
    return lines


def graph_path(variant: Variant, file: Path, folder: Path) -> Path:
    """Return the file that Core ML opens for the graph `file`."""
    return folder / GRAPH_FILE if variant.in_float16 else file


def _remove_compiled(folder: Path) -> None:
    shutil.rmtree(folder / CACHE_FOLDER, ignore_errors=True)
    (folder / GRAPH_FILE).unlink(missing_ok=True)


def _remove_other_releases(variant: Variant, current: Path) -> None:
    """Remove the compiled graphs of other releases, 70 MB each."""
    for other in current.parent.glob(f"{variant.name}-*"):
        if other != current:
            shutil.rmtree(other, ignore_errors=True)
