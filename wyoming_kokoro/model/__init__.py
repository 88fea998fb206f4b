"""Voices, statistics and signal processing of Kokoro-82M.

It may import only `onnx`, `api` and the ground.
"""

from __future__ import annotations
