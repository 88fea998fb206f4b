"""ONNX Runtime's optimised form of a graph, made once and then mapped into memory."""

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

GRAPH, WEIGHTS = "graph.onnx", "weights.bin"
MIN_EXTERNAL_WEIGHT_BYTES = 1024
"""Bytes: smaller ones stay in the graph."""

log = logging.getLogger(__name__)


class OptimizedModel:
    """The form of one graph for the processor of this machine, in a folder of its own."""

    def __init__(self, file: Path, folder: Path, settings: Callable[[], onnxruntime.SessionOptions]) -> None:
        """`settings` returns new session options; forms are kept in `folder`."""
        import onnxruntime  # noqa: PLC0415 takes 0.3 s

        self._ort: Any = onnxruntime
        self._file = file
        self._settings = settings
        self._form = folder / f"{file.stem}-{_suffix(file, onnxruntime.__version__)}"

    def open(self) -> Any:
        """Return a session on the form if it is there, else on the graph. Raises what ONNX Runtime raises."""
        if (self._form / GRAPH).is_file():
            try:
                return self._opened()
            except Exception as error:  # noqa: BLE001 ONNX Runtime's errors have no common kind
                log.warning("%s cannot be used (%s); it is made again", self._form, error)
                shutil.rmtree(self._form, ignore_errors=True)
        return self._made()

    def _opened(self) -> Any:
        settings = self._settings()
        settings.graph_optimization_level = self._ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        return self._session(self._form / GRAPH, settings)

    def _made(self) -> Any:
        """Open the graph, and leave its optimised form behind where that can be written."""
        try:
            return self._kept()
        except Exception as error:  # noqa: BLE001 ONNX Runtime's errors have no common kind
            log.info("Nothing can be kept in %s (%s): starts take a little longer", self._form.parent, error)
            return self._session(self._file, self._settings())

    def _kept(self) -> Any:
        self._form.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._form.parent, prefix=".making-") as making:
            session = self._session(self._file, self._saving(Path(making)))
            with suppress(OSError):  # another server was faster
                Path(making).rename(self._form)
                Path(making).mkdir()  # what the temporary directory removes at its end
        return session

    def _saving(self, folder: Path) -> onnxruntime.SessionOptions:
        settings = self._settings()
        settings.optimized_model_filepath = str(folder / GRAPH)
        prefix = "session.optimized_model_external_initializers_"
        settings.add_session_config_entry(prefix + "file_name", WEIGHTS)
        settings.add_session_config_entry(prefix + "min_size_in_bytes", str(MIN_EXTERNAL_WEIGHT_BYTES))
        return settings

    def _session(self, file: Path, settings: onnxruntime.SessionOptions) -> Any:
        return self._ort.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])


def _suffix(file: Path, version: str) -> str:
    """Return what changes with everything that the form depends on."""
    state = file.stat()
    parts = (file, state.st_size, state.st_mtime_ns, version, cpu_identity())
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
