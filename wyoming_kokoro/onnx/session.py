"""Opens stages with ONNX Runtime, for all provider plugins that use it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wyoming_kokoro.api.providers import DevicePlacement, SessionOptions
from wyoming_kokoro.onnx.optimized import open_optimized
from wyoming_kokoro.types import Array

if TYPE_CHECKING:
    import onnxruntime

# A run with this entry ends by freeing the unused parts of the memory arena, except the first megabyte (ONNX Runtime's
# `onnxruntime_run_options_config_keys.h`).
FREE_ARENA_ENTRY = ("memory.enable_memory_arena_shrinkage", "cpu:0")


class OnnxSession:
    """A `Session` of ONNX Runtime."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session: Any = session
        self._outputs = [output.name for output in session.get_outputs()]
        self._frees_arena = False
        self.note = ""
        """A remark for the output of `check`."""
        self.placement: DevicePlacement | None = None
        """How the work is divided between devices, if known."""

    @property
    def providers(self) -> Sequence[str]:
        """The ONNX Runtime providers in use. ONNX Runtime leaves out one that it cannot load, without an error."""
        names: Sequence[str] = self._session.get_providers()
        return names

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return all outputs by name."""
        outputs = self._session.run(self._outputs, dict(feeds), self._options())
        return dict(zip(self._outputs, outputs, strict=True))

    def shrink(self) -> None:
        """Free the memory of past runs at the end of the next run."""
        self._frees_arena = True

    def close(self) -> None:
        """Free the memory."""
        self._session = None

    def _options(self) -> onnxruntime.RunOptions | None:
        if not self._frees_arena:
            return None
        self._frees_arena = False
        options = runtime().RunOptions()
        options.add_run_config_entry(*FREE_ARENA_ENTRY)
        return options


def open_onnx(
    file: Path,
    providers: Sequence[str | tuple[str, dict[str, str]]],
    options: SessionOptions,
    *,
    entries: Mapping[str, str] | None = None,
) -> OnnxSession:
    """Open `file` with ONNX Runtime's `providers`, the preferred one first.

    `entries` are additional session configuration entries. ONNX Runtime ignores unknown names. A graph for the CPU
    alone is optimized once: `options.cache_dir` holds the result, and later sessions map it into memory. Raises the
    errors of ONNX Runtime when the file or a provider cannot be used.
    """
    ort = runtime()
    if list(providers) == ["CPUExecutionProvider"] and not entries:
        return OnnxSession(open_optimized(file, options.cache_dir, lambda: _settings(options)))
    settings = _settings(options)
    for name, value in (entries or {}).items():
        settings.add_session_config_entry(name, value)
    # The fallback of ONNX Runtime would move all work to the CPU after one failure, and write to stdout.
    return OnnxSession(ort.InferenceSession(str(file), settings, providers=list(providers), enable_fallback=False))


def write_in_float16(file: Path, target: Path) -> None:
    """Write `target`, a copy of the ONNX graph `file` that computes in float16. Inputs and outputs stay float.

    For accelerators without float32. The error is inaudible: the signal-to-noise ratio is about 42 dB. Takes about a
    second, and memory for both graphs. Raises `OSError` and the errors of onnx.
    """
    import onnx  # noqa: PLC0415 slow

    from wyoming_kokoro.onnx.float16 import to_float16  # noqa: PLC0415 slow

    onnx.save(to_float16(onnx.load(file)), target)


def runtime() -> Any:
    """Return the module `onnxruntime` with telemetry disabled. The first import takes 0.3 s."""
    # ONNX Runtime reads this at import (its PR 27379).
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # noqa: PLC0415 slow, and commands such as --help do not need it

    return onnxruntime


def _settings(options: SessionOptions) -> onnxruntime.SessionOptions:
    import onnxruntime  # noqa: PLC0415

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    # Shapes change with each run, and ONNX Runtime would store a plan for each (kokoro.js, PR 358: 460 -> 1090 MB).
    settings.enable_mem_pattern = False
    # Threads spin between the operators of a run, which is 10 % faster. They must not spin after it: the server is idle
    # most of the day, and the next stage has its own threads.
    settings.add_session_config_entry("session.force_spinning_stop", "1")
    return settings
