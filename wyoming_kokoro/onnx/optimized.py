"""Stores graphs in ONNX Runtime's optimized form, so that later sessions open them quickly."""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wyoming_kokoro.cpu import cpu_identity

if TYPE_CHECKING:
    import onnxruntime

GRAPH_FILE, WEIGHTS_FILE = "graph.onnx", "weights.bin"
# Smaller weights stay in the graph file. Larger ones are mapped into memory.
MIN_EXTERNAL_WEIGHT_BYTES = 1024

log = logging.getLogger(__name__)


class OptimizedModel:
    """A graph and the folder with its optimized form for the CPU of this machine."""

    def __init__(self, file: Path, folder: Path, settings: Callable[[], onnxruntime.SessionOptions]) -> None:
        """Store the optimized graph inside `folder`. `settings` creates new session options."""
        import onnxruntime  # noqa: PLC0415 takes 0.3 s

        self._ort: Any = onnxruntime
        self._file = file
        self._settings = settings
        self._folder = folder / f"{file.stem}-{_suffix(file, onnxruntime.__version__)}"

    def open(self) -> Any:
        """Return a session of the optimized graph. Optimize the graph first if needed. Raises ONNX Runtime's errors."""
        if (self._folder / GRAPH_FILE).is_file():
            try:
                return self._open_optimized()
            except Exception as error:  # noqa: BLE001 ONNX Runtime's errors have no common base class
                log.warning("Optimized graph is unusable, optimizing again (%s: %s)", self._folder, error)
                shutil.rmtree(self._folder, ignore_errors=True)
        try:
            return self._optimize()
        except Exception as error:  # noqa: BLE001 ONNX Runtime's errors have no common base class
            log.info("Optimized graph cannot be stored, starts take longer (%s: %s)", self._folder, error)
            return self._session(self._file, self._settings())

    def _open_optimized(self) -> Any:
        settings = self._settings()
        settings.graph_optimization_level = self._ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        return self._session(self._folder / GRAPH_FILE, settings)

    def _optimize(self) -> Any:
        """Open the original graph, and store its optimized form."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder.parent, prefix=".making-") as part:
            settings = self._settings()
            settings.optimized_model_filepath = str(Path(part, GRAPH_FILE))
            prefix = "session.optimized_model_external_initializers_"
            settings.add_session_config_entry(prefix + "file_name", WEIGHTS_FILE)
            settings.add_session_config_entry(prefix + "min_size_in_bytes", str(MIN_EXTERNAL_WEIGHT_BYTES))
            session = self._session(self._file, settings)
            # This fails if another server stored the same graph in the meantime.
            with suppress(OSError):
                Path(part).rename(self._folder)
        return session

    def _session(self, file: Path, settings: onnxruntime.SessionOptions) -> Any:
        return self._ort.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])


def _suffix(file: Path, version: str) -> str:
    """Return a text that changes with the graph, the version of ONNX Runtime and the CPU."""
    # An optimized graph can use instructions that another CPU lacks.
    state = file.stat()
    parts = (file, state.st_size, state.st_mtime_ns, version, cpu_identity())
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
