"""A stage on OpenVINO's CPU device."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wyoming_kokoro import Array

CONVERTER = "openvino.tools.ovc"


class OpenVinoSession:
    """A `Session` on OpenVINO."""

    def __init__(self, file: Path, threads: int) -> None:
        """Compile `file` for this number of threads, in about a second. Raises the errors of OpenVINO."""
        # Importing OpenVINO's converter reports to Google Analytics and writes an identity to ~/intel. OpenVINO works
        # without the converter, so this entry makes it look uninstalled.
        sys.modules.setdefault(CONVERTER, None)  # type: ignore[arg-type]
        import openvino  # noqa: PLC0415 takes 0.2 s
        from openvino import properties  # noqa: PLC0415
        from openvino.properties import hint  # noqa: PLC0415

        settings = {
            hint.performance_mode(): hint.PerformanceMode.LATENCY,
            # The graph itself says where less precision is enough. bfloat16 everywhere is audible.
            hint.inference_precision(): "f32",
            hint.num_requests(): 1,
            # A pinned thread waits for its core even when another core is idle.
            hint.enable_cpu_pinning(): False,
            properties.inference_num_threads(): threads,
        }
        self._request: Any = openvino.Core().compile_model(str(file), "CPU", settings).create_infer_request()
        self._inputs = {item.any_name for item in self._request.model_inputs}
        self._outputs = [item.any_name for item in self._request.model_outputs]

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return every output by its name. Raises `ValueError` unless `feeds` has exactly the inputs."""
        # OpenVINO would take a missing input from the previous run.
        if feeds.keys() != self._inputs:
            raise ValueError(f"the inputs are {', '.join(sorted(self._inputs))}; got {', '.join(sorted(feeds))}")
        self._request.infer(dict(feeds), share_inputs=True)
        return {name: self._request.get_tensor(name).data.copy() for name in self._outputs}

    def close(self) -> None:
        """Free the memory."""
        self._request = None
