"""Voices, statistics and signal processing of Kokoro-82M.

Imports only `onnx`, `api` and the base modules.
"""

from __future__ import annotations
