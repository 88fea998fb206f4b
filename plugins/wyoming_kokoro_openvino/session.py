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
        """Compile `file` for so many threads: about a second. Raises whatever OpenVINO raises."""
        # A voice at home reports to nobody. Importing OpenVINO's converter tells Google Analytics, from a thread, and
        # leaves an identity in ~/intel. OpenVINO goes without the converter where it is not installed: so it does here.
        sys.modules.setdefault(CONVERTER, None)  # type: ignore[arg-type]
        import openvino  # noqa: PLC0415 takes 0.2 s
        from openvino import properties  # noqa: PLC0415
        from openvino.properties import hint  # noqa: PLC0415

        settings = {
            hint.performance_mode(): hint.PerformanceMode.LATENCY,
            hint.inference_precision(): "f32",  # where less is enough, the graph says so: bf16 for all would be heard
            hint.num_requests(): 1,
            hint.enable_cpu_pinning(): False,  # a pinned thread waits for its processor while another is free
            properties.inference_num_threads(): threads,
        }
        self._request: Any = openvino.Core().compile_model(str(file), "CPU", settings).create_infer_request()
        self._inputs = {item.any_name for item in self._request.model_inputs}
        self._outputs = [item.any_name for item in self._request.model_outputs]

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return every output by its name. Raises `ValueError` unless `feeds` has every input and nothing else."""
        if feeds.keys() != self._inputs:  # OpenVINO would take what is left from the last run
            raise ValueError(f"the inputs are {', '.join(sorted(self._inputs))}; there came {', '.join(sorted(feeds))}")
        self._request.infer(dict(feeds), share_inputs=True)
        return {name: self._request.get_tensor(name).data.copy() for name in self._outputs}

    def close(self) -> None:
        """Give back the memory."""
        self._request = None
