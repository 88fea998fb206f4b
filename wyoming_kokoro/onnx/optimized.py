"""Stores graphs in ONNX Runtime's optimized form, so that later sessions open them quickly."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wyoming_kokoro.cpu import cpu_identity
from wyoming_kokoro.storage import check_prepared, prepare_folder

if TYPE_CHECKING:
    import onnxruntime

GRAPH_FILE, WEIGHTS_FILE = "graph.onnx", "weights.bin"
# Smaller weights stay in the graph file. Larger ones are mapped into memory.
MIN_EXTERNAL_WEIGHT_BYTES = 1024

log = logging.getLogger(__name__)


def open_optimized(file: Path, folder: Path, settings: Callable[[], onnxruntime.SessionOptions]) -> Any:
    """Return a session of the optimized form of `file`, which is stored in `folder`. Optimize it first if needed.

    `settings` creates new session options. Raises ONNX Runtime's errors.
    """
    import onnxruntime  # noqa: PLC0415 takes 0.3 s

    optimized = folder / f"{file.stem}-{_suffix(file, onnxruntime.__version__)}"
    if check_prepared(optimized).files:
        options = settings()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        try:
            return _open(optimized / GRAPH_FILE, options)
        except Exception as error:  # noqa: BLE001 ONNX Runtime's errors have no common base class
            log.warning("Optimized graph is unusable, optimizing again (%s: %s)", optimized, error)
    try:
        return _optimize(file, optimized, settings())
    except Exception as error:  # noqa: BLE001 ONNX Runtime's errors have no common base class
        log.info("Optimized graph cannot be stored, starts take longer (%s: %s)", optimized, error)
        return _open(file, settings())


def _optimize(file: Path, optimized: Path, options: onnxruntime.SessionOptions) -> Any:
    """Open the original graph, and store its optimized form in the folder `optimized`."""
    with prepare_folder(optimized) as part:
        options.optimized_model_filepath = str(part / GRAPH_FILE)
        prefix = "session.optimized_model_external_initializers_"
        options.add_session_config_entry(prefix + "file_name", WEIGHTS_FILE)
        options.add_session_config_entry(prefix + "min_size_in_bytes", str(MIN_EXTERNAL_WEIGHT_BYTES))
        return _open(file, options)


def _open(file: Path, options: onnxruntime.SessionOptions) -> Any:
    import onnxruntime  # noqa: PLC0415 takes 0.3 s

    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def _suffix(file: Path, version: str) -> str:
    """Return a text that changes with the graph, the version of ONNX Runtime and the CPU."""
    # An optimized graph can use instructions that another CPU lacks.
    state = file.stat()
    parts = (file, state.st_size, state.st_mtime_ns, version, cpu_identity())
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
