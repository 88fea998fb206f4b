"""Opening stages with ONNX Runtime: shared by the provider plugins that are ONNX Runtime's."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wyoming_kokoro.api.providers import DevicePlacement, SessionOptions
from wyoming_kokoro.onnx.optimized import OptimizedModel
from wyoming_kokoro.types import Array

if TYPE_CHECKING:
    import onnxruntime


SHRINK = ("memory.enable_memory_arena_shrinkage", "cpu:0")
"""At its end, such a run frees every part of the arena in which nothing is left, but for the first of 1 MB (ONNX
Runtime's `onnxruntime_run_options_config_keys.h`). It needs an arena, and there is one unless it is turned off."""


class OnnxSession:
    """A `Session` on ONNX Runtime."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session: Any = session
        self._outputs = [output.name for output in session.get_outputs()]
        self._is_to_shrink = False
        self.note = ""
        """What `check` tells of it."""
        self.placement: DevicePlacement | None = None
        """Where its work is done, where that is known."""

    @property
    def providers(self) -> Sequence[str]:
        """ONNX Runtime's names of the providers that are in use: one that it cannot load is silently left out."""
        names: Sequence[str] = self._session.get_providers()
        return names

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return every output by its name."""
        outputs = self._session.run(self._outputs, dict(feeds), self._options())
        return dict(zip(self._outputs, outputs, strict=True))

    def shrink(self) -> None:
        """Have the next run give back what runs needed beside the weights."""
        self._is_to_shrink = True

    def close(self) -> None:
        """Give back the memory."""
        self._session = None

    def _options(self) -> onnxruntime.RunOptions | None:
        if not self._is_to_shrink:
            return None
        self._is_to_shrink = False
        options = runtime().RunOptions()
        options.add_run_config_entry(*SHRINK)
        return options


def open_onnx(
    file: Path,
    providers: Sequence[str | tuple[str, dict[str, str]]],
    options: SessionOptions,
    *,
    entries: Mapping[str, str] | None = None,
) -> OnnxSession:
    """Open `file` with ONNX Runtime's `providers`, in their order of preference.

    `entries` are more of ONNX Runtime's session configuration; it takes unknown names in silence.
    For the processor alone the graph is optimised once: that form is kept in `options.cache_dir`, and mapped into
    memory from then on. Raises whatever ONNX Runtime raises when the file or a provider cannot be used.
    """
    ort = runtime()
    if list(providers) == ["CPUExecutionProvider"] and not entries:
        return OnnxSession(OptimizedModel(file, options.cache_dir, lambda: _settings(options)).open())
    settings = _settings(options)
    for name, value in (entries or {}).items():
        settings.add_session_config_entry(name, value)
    # Its own fallback would leave all to the processor when a provider fails, for good, and print that on stdout.
    return OnnxSession(ort.InferenceSession(str(file), settings, providers=list(providers), enable_fallback=False))


def write_in_float16(file: Path, made: Path) -> None:
    """Write the ONNX graph `file` as `made`, which computes in float16; what it takes and gives stays float.

    For accelerators that know nothing else; to compute so costs some 42 dB of signal to noise, which is not heard.
    Takes a second, and memory for both. Raises `OSError`, and what onnx raises for what is no graph.
    """
    import onnx  # noqa: PLC0415 slow

    from wyoming_kokoro.onnx.float16 import to_float16  # noqa: PLC0415 slow

    onnx.save(to_float16(onnx.load(file)), made)


def runtime() -> Any:
    """Return the module `onnxruntime`, told to report to nobody; the first time takes 0.3 s."""
    # ONNX Runtime reads this when it is imported (its PR 27379).
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # noqa: PLC0415 on the way to nothing that must answer at once

    return onnxruntime


def _settings(options: SessionOptions) -> onnxruntime.SessionOptions:
    import onnxruntime  # noqa: PLC0415

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    # Shapes differ from run to run; a plan for each would only grow (kokoro.js, PR 358: 460 -> 1090 MB).
    settings.enable_mem_pattern = False
    # Threads spin between the operators of a run, which is 10 % faster, but not behind it: a voice is idle
    # most of the day, and the next stage has threads of its own.
    settings.add_session_config_entry("session.force_spinning_stop", "1")
    return settings
