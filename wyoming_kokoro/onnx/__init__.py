"""Opens ONNX graphs with ONNX Runtime. Provider plugins import from here.

Imports only `api` and the base modules.
"""

from __future__ import annotations

from wyoming_kokoro.cpu import instruction_sets
from wyoming_kokoro.onnx.session import OnnxSession, open_onnx, runtime, write_in_float16

__all__ = ["OnnxSession", "instruction_sets", "open_onnx", "runtime", "write_in_float16"]
