"""Rewrites ONNX graphs.

It may import `model`, `onnx`, `api` and the ground.
"""

from __future__ import annotations
