"""Splits and rewrites a model's ONNX graph, once, in child processes.

Imports only `model`, `onnx`, `api` and the base modules.
"""

from __future__ import annotations
