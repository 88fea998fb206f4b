"""Opens ONNX stages with ONNX Runtime; what provider plugins import.

It may import only the modules below it: `api`, `cpu`, `storage`, `types` and `errors`.
"""

from __future__ import annotations

from wyoming_kokoro.cpu import instruction_sets
from wyoming_kokoro.onnx.session import OnnxSession, open_onnx, runtime, write_in_float16

__all__ = ["OnnxSession", "instruction_sets", "open_onnx", "runtime", "write_in_float16"]
