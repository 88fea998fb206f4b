"""Prepares the ONNX graph once, in child processes.

It may import `model`, `onnx`, `api` and the ground.
"""

from __future__ import annotations
