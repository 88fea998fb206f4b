"""Rewrites ONNX graphs."""

from __future__ import annotations
