"""A Mac as seen from elsewhere: what it says of itself, the lines that Core ML logs, and a graph for it."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper

from wyoming_kokoro.preparation.graph.view import value
from wyoming_kokoro_coreml.machine import Machine

KERNEL = "Darwin Kernel Version 24.5.0: Tue Apr 22 19:54:29 PDT 2025; root:xnu-11417.121.6~2/RELEASE_ARM64_T8112"
MAC = Machine("Darwin", "arm64", "15.5", KERNEL, "1.32.0")
LOG = "2026-06-13 16:59:10.785 python3.12[67391:1771143] "
NEURAL, GPU, CPU = "MLNeuralEngineComputeDevice", "MLGPUComputeDevice", "MLCPUComputeDevice"


def line(operation: str, device: str, cost: float) -> str:
    """Return a line of the plan as NSLog writes it, by the format in ONNX Runtime's model.mm."""
    described = f"<{device}: 0x6000036ec0e0>" if device else "(null)"
    return f"{LOG}Operation: {operation}, Device Usage: {described}, Estimated Cost: {cost:f}"


def small(file: Path) -> Path:
    """Write a graph that multiplies and adds; return where it is."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["p"], "product"),
        helper.make_node("Add", ["p", "b"], ["y"], "sum"),
    ]
    constants = [
        helper.make_tensor("w", TensorProto.FLOAT, [4, 4], [1.0] * 16),
        helper.make_tensor("b", TensorProto.FLOAT, [4], [1.0] * 4),
    ]
    graph = helper.make_graph(nodes, "small", [value("x", [2, 4])], [value("y", [2, 4])], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9), file)
    return file
