"""Core ML compiles a graph, once, in a process of its own: the compiler takes long, and has been seen to crash.

That process, `__main__`, also tells Core ML's plan on its stderr, which here is read.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro_coreml.compute_plan import neural_share
from wyoming_kokoro_coreml.variants import Variant

COMPILE_TIMEOUT_SECONDS = 600.0
"""What was reported are 16 s."""
GRAPH_FILE, CACHE_FOLDER, RESULT_FILE = "graph.onnx", "compiled", "plan.json"


@dataclass(frozen=True, slots=True)
class CompiledGraph:
    """What Core ML made of a graph."""

    graph: Path
    """What is to be opened: the graph, in float16 where the variant wants that."""
    cache: Path
    """Where its compiled form is."""
    share: float | None
    """How much of the work is the Neural Engine's, 0 to 1, or None when Core ML does not tell."""


def load_or_compile(variant: Variant, file: Path, folder: Path) -> CompiledGraph:
    """Return what Core ML made of `file`, compiled now if it is not in `folder` yet.

    `folder` is for this graph alone, within one for this release; those of other releases beside it are removed.
    Raises `RuntimeError` with the reason when it cannot be compiled, `TimeoutError` and `OSError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _file_lock(folder / ".lock"):
        if not (folder / RESULT_FILE).is_file():
            _remove_other_releases(variant, folder.parent)
            _write_share(folder / RESULT_FILE, _compile(variant, file, folder))
        share = json.loads((folder / RESULT_FILE).read_bytes())["neural_engine"]
    return CompiledGraph(graph_path(variant, file, folder), folder / CACHE_FOLDER, share)


def _compile(variant: Variant, file: Path, folder: Path) -> float | None:
    """Compile, or leave nothing behind; return the Neural Engine's share."""
    _remove_compiled(folder)
    try:
        return neural_share(run_compiler([sys.executable, "-m", __package__, variant.name, str(file), str(folder)]))
    except BaseException:
        _remove_compiled(folder)
        raise


def run_compiler(command: Sequence[str], timeout: float = COMPILE_TIMEOUT_SECONDS) -> list[str]:
    """Run `command` and return the lines of its stderr.

    Raises `RuntimeError` with the last line when it fails, and `TimeoutError` when it hangs.
    """
    # NSLog writes to a pipe only when it is told to.
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
    """Return what is to be opened in the place of `file`."""
    return folder / GRAPH_FILE if variant.in_float16 else file


def _remove_compiled(folder: Path) -> None:
    shutil.rmtree(folder / CACHE_FOLDER, ignore_errors=True)
    (folder / GRAPH_FILE).unlink(missing_ok=True)


def _remove_other_releases(variant: Variant, current: Path) -> None:
    """Remove what other releases compiled: 70 MB a graph."""
    for other in current.parent.glob(f"{variant.name}-*"):
        if other != current:
            shutil.rmtree(other, ignore_errors=True)


def _write_share(file: Path, share: float | None) -> None:
    """Keep the share, whole or not at all."""
    part = file.with_suffix(".part")
    part.write_text(json.dumps({"neural_engine": share}), "utf-8")
    part.replace(file)


@contextmanager
def _file_lock(file: Path) -> Iterator[None]:
    """Hold the lock that keeps two servers from compiling the same graph at once."""
    with file.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
