"""Graphs that ONNX Runtime runs without a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import onnx
import onnxruntime


def run_graph(graph: onnx.ModelProto, feeds: Mapping[str, Any]) -> dict[str, Any]:
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))
