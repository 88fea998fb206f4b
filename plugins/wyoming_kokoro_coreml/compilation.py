"""Core ML compiles each graph once, in a child process: the compiler is slow and sometimes crashes.

The child process is `__main__`. It writes Core ML's compute plan to stderr, which this module reads.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro import file_lock, read_checked, write_checked
from wyoming_kokoro_coreml.variants import Variant

# The longest reported compilation takes 16 s.
COMPILE_TIMEOUT_SECONDS = 600.0
GRAPH_FILE, CACHE_FOLDER, RESULT_FILE = "graph.onnx", "compiled", "plan.json"
OPERATION = re.compile(r"Operation: \S+, Device Usage: <(?P<device>\w+)[^>]*>, Estimated Cost: (?P<cost>\d+\.\d+)")
NEURAL_ENGINE = "MLNeuralEngineComputeDevice"


@dataclass(frozen=True, slots=True)
class CompiledGraph:
    """A graph and its compiled form."""

    graph: Path
    """The file to open: in float16 if the variant needs that."""
    cache: Path
    """The folder with the compiled form."""
    share: float | None
    """The Neural Engine's share of the work, 0 to 1; None if Core ML does not report it."""


@dataclass(frozen=True, slots=True)
class CompilationResult:
    """The file that is written when the compilation is complete."""

    neural_engine: float | None
    """The share of `CompiledGraph`."""


def load_or_compile(variant: Variant, file: Path, folder: Path) -> CompiledGraph:
    """Return the compiled form of `file` in `folder`, after compiling it if it is missing.

    `folder` belongs to this graph. Its parent belongs to this release; the folders of other releases are removed.
    Raises `RuntimeError` with Core ML's reason, `TimeoutError` and `OSError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with file_lock(folder / ".lock"):
        result = _read_result(folder / RESULT_FILE)
        if result is None:
            # The compiled graphs of another release take 70 MB each.
            for other in set(folder.parent.parent.glob(f"{variant.name}-*")) - {folder.parent}:
                shutil.rmtree(other, ignore_errors=True)
            _remove_compiled(folder)
            try:
                lines = run_compiler([sys.executable, "-m", __package__, variant.name, str(file), str(folder)])
            except BaseException:
                _remove_compiled(folder)
                raise
            result = CompilationResult(neural_engine_share(lines))
            write_checked(folder / RESULT_FILE, result)
    return CompiledGraph(graph_path(variant, file, folder), folder / CACHE_FOLDER, result.neural_engine)


def _read_result(file: Path) -> CompilationResult | None:
    """Return the result of a complete compilation. A damaged file counts as none."""
    with suppress(OSError, ValueError):
        return read_checked(file, CompilationResult)
    return None


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


def neural_engine_share(lines: Iterable[str]) -> float | None:
    """Return the Neural Engine's share of the estimated cost, 0 to 1, or None when `lines` contain no plan.

    With `ProfileComputePlan`, ONNX Runtime's Core ML provider (`coreml/model/model.mm`) logs each operation with
    `NSLog(@"Operation: %@, Device Usage: %@, Estimated Cost: %f")` before the session is open. The device is the name
    of a class, as in `<MLNeuralEngineComputeDevice: 0x6000036ec0e0>`, or `(null)` for an operation without cost.
    """
    found = [match for line in lines if (match := OPERATION.search(line))]
    if not found:
        return None
    costs = [float(match["cost"]) for match in found]
    # A plan for the CPU alone has no costs. All operations then count the same.
    weights = costs if any(costs) else [1.0] * len(costs)
    neural = [weight for match, weight in zip(found, weights, strict=True) if match["device"] == NEURAL_ENGINE]
    return sum(neural) / sum(weights)
