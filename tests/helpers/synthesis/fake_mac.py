"""The facts about a Mac, the lines that Core ML logs there, and a small graph."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper

from wyoming_kokoro.preparation.graph.view import float_tensor
from wyoming_kokoro_coreml.platform_info import PlatformInfo

KERNEL = "Darwin Kernel Version 24.5.0: Tue Apr 22 19:54:29 PDT 2025; root:xnu-11417.121.6~2/RELEASE_ARM64_T8112"
MAC = PlatformInfo("Darwin", "arm64", "15.5", KERNEL, "1.32.0")
LOG_PREFIX = "2026-06-13 16:59:10.785 python3.12[67391:1771143] "
NEURAL, GPU, CPU = "MLNeuralEngineComputeDevice", "MLGPUComputeDevice", "MLCPUComputeDevice"


def plan_line(operation: str, device: str, cost: float) -> str:
    """Return a line of the compute plan as NSLog writes it, with the format of ONNX Runtime's model.mm."""
    device_text = f"<{device}: 0x6000036ec0e0>" if device else "(null)"
    return f"{LOG_PREFIX}Operation: {operation}, Device Usage: {device_text}, Estimated Cost: {cost:f}"


def write_small_graph(file: Path) -> Path:
    """Write a graph with a matrix product and a sum into `file`, and return it."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["p"], "product"),
        helper.make_node("Add", ["p", "b"], ["y"], "sum"),
    ]
    constants = [
        helper.make_tensor("w", TensorProto.FLOAT, [4, 4], [1.0] * 16),
        helper.make_tensor("b", TensorProto.FLOAT, [4], [1.0] * 4),
    ]
    graph = helper.make_graph(nodes, "small", [float_tensor("x", [2, 4])], [float_tensor("y", [2, 4])], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9), file)
    return file
