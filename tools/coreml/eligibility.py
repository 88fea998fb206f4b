"""How much of a graph ONNX Runtime's Core ML provider would run, found without a Mac.

ONNX Runtime's own checker knows which operators the provider supports, and counts partitions as the provider does.
This module checks the provider's other conditions, which are in its sources (`core/providers/coreml/builders`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import TensorProto, shape_inference

from wyoming_kokoro.onnx import runtime

OPERATORS = "coreml_supported_mlprogram_ops.md"
# Limits of Core ML's arrays, from the provider's sources.
MAX_DIMENSION = 16_384
MAX_AXES = 5


@dataclass(frozen=True, slots=True)
class Eligibility:
    """How much of one graph the Core ML provider runs as an ML program."""

    nodes: int
    supported: int
    partitions: int
    dynamic: int
    """Nodes whose shapes are not fixed."""
    largest_dimension: int
    """Of all fixed dimensions."""
    rejections: tuple[str, ...]
    """Conditions of the provider that the graph does not meet, although the operators are supported."""
    missing_operators: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Return whether the graph runs as a single ML program."""
        is_one_program = self.supported == self.nodes and self.partitions == 1 and not self.rejections
        return is_one_program and self.largest_dimension <= MAX_DIMENSION


def check_eligibility(file: Path) -> Eligibility:
    """Return how much of an ONNX file the provider runs when it requires static shapes.

    Raises the errors of ONNX Runtime and onnx for a damaged file.
    """
    runtime()
    from onnxruntime.tools.mobile_helpers.usability_checker import check_coreml_partitions  # noqa: PLC0415 slow

    model = _optimized(file)
    found = check_coreml_partitions(model, True, OPERATORS)
    return Eligibility(
        found.num_nodes,
        found.num_supported_nodes,
        found.num_partitions,
        found.nodes_unsupported_due_to_dynamic_input,
        max(_dimensions(model.graph), default=0),
        tuple(_rejections(model.graph)),
        tuple(sorted(found.unsupported_ops)),
    )


def _optimized(file: Path) -> onnx.ModelProto:
    """Return the graph with inferred shapes, optimized as ONNX Runtime does before it asks a provider."""
    from onnxruntime.tools.onnx_model_utils import optimize_model  # noqa: PLC0415 slow

    model = onnx.load(file)
    # The optimizer works for the CPU, which lacks most float16 operators: it would add casts around each of them.
    if any(item.data_type == TensorProto.FLOAT16 for item in model.graph.initializer):
        return shape_inference.infer_shapes(model, strict_mode=True)
    with tempfile.TemporaryDirectory() as folder:
        optimized = Path(folder) / file.name
        optimize_model(file, optimized, use_external_initializers=True)
        return shape_inference.infer_shapes(onnx.load(optimized), strict_mode=True)


def _dimensions(graph: onnx.GraphProto) -> Iterator[int]:
    yield from (dim.dim_value for item in _values(graph) for dim in item.type.tensor_type.shape.dim)
    yield from (dim for item in graph.initializer for dim in item.dims)


def _values(graph: onnx.GraphProto) -> Iterator[onnx.ValueInfoProto]:
    yield from (*graph.input, *graph.value_info, *graph.output)


def _rejections(graph: onnx.GraphProto) -> Iterator[str]:
    constants = {item.name for item in graph.initializer}
    inputs = {item.name for item in graph.input}
    for item in graph.input:
        if item.type.tensor_type.elem_type not in (TensorProto.FLOAT, TensorProto.FLOAT16):
            yield f"the input {item.name} does not hold floats"
    for item in _values(graph):
        shape = item.type.tensor_type.shape.dim
        if len(shape) > MAX_AXES:
            yield f"{item.name} has {len(shape)} axes"
        if any(dim.HasField("dim_value") and not 0 < dim.dim_value <= MAX_DIMENSION for dim in shape):
            yield f"{item.name} has the shape {[dim.dim_value for dim in shape]}, not 1 to {MAX_DIMENSION} per axis"
    for node in graph.node:
        if any(name and name not in constants for name in _constant_inputs(node)):
            yield f"{node.op_type} {node.name} has parameters that vary"
        if node.op_type == "Cast" and node.input[0] in inputs:
            yield f"Cast {node.name} is the first node; Core ML needs another node before it"
        if node.op_type == "ConvTranspose" and not _is_symmetric(node):
            yield f"ConvTranspose {node.name} has asymmetric padding"


def _constant_inputs(node: onnx.NodeProto) -> list[str]:
    """Return the inputs of a node that must be constant."""
    return list(node.input[1:]) if node.op_type in ("Conv", "ConvTranspose", "Slice", "Split") else []


def _is_symmetric(node: onnx.NodeProto) -> bool:
    attributes = {item.name: list(item.ints) for item in node.attribute}
    return len(set(attributes.get("pads", []))) <= 1 and not any(attributes.get("output_padding", []))
