"""What ONNX Runtime's Core ML provider would take of a graph, told without a Mac by its own checker.

The checker knows which operators the provider has, and counts partitions as the provider does. What else the
provider refuses (its sources, `core/providers/coreml/builders`) is looked at here.
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
MOST_POSITIONS = 16_384
MOST_AXES = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much of one graph the Core ML provider takes as one ML program."""

    nodes: int
    taken: int
    partitions: int
    dynamic: int
    """The nodes whose shapes are not fixed."""
    largest: int
    """The largest dimension that is known; what is dynamic is not."""
    refused: tuple[str, ...]
    """What the provider refuses although it has the operator."""
    missing: tuple[str, ...]
    """The operators it does not have."""

    @property
    def is_whole(self) -> bool:
        """Return whether all of the graph runs as one ML program."""
        is_taken = self.taken == self.nodes and self.partitions == 1 and not self.refused
        return is_taken and self.largest <= MOST_POSITIONS


def verdict(file: Path) -> Verdict:
    """Return what the checker says of an ONNX file, as the provider would see it, static shapes required.

    Raises what ONNX Runtime and onnx raise for what is no proper graph.
    """
    runtime()
    from onnxruntime.tools.mobile_helpers.usability_checker import check_coreml_partitions  # noqa: PLC0415 slow

    model = _as_seen(file)
    found = check_coreml_partitions(model, True, OPERATORS)
    return Verdict(
        found.num_nodes,
        found.num_supported_nodes,
        found.num_partitions,
        found.nodes_unsupported_due_to_dynamic_input,
        max(_dimensions(model.graph), default=0),
        tuple(_refused(model.graph)),
        tuple(sorted(found.unsupported_ops)),
    )


def _as_seen(file: Path) -> onnx.ModelProto:
    """Return a graph with its shapes, optimised as it is before a provider is asked.

    One in float16 is left as it is: the processor, which optimises here, would put casts around every operation.
    """
    from onnxruntime.tools.onnx_model_utils import optimize_model  # noqa: PLC0415 slow

    model = onnx.load(file)
    if any(item.data_type == TensorProto.FLOAT16 for item in model.graph.initializer):
        return shape_inference.infer_shapes(model, strict_mode=True)
    with tempfile.TemporaryDirectory() as folder:
        optimised = Path(folder) / file.name
        optimize_model(file, optimised, use_external_initializers=True)
        return shape_inference.infer_shapes(onnx.load(optimised), strict_mode=True)


def _dimensions(graph: onnx.GraphProto) -> Iterator[int]:
    yield from (dim.dim_value for item in _values(graph) for dim in item.type.tensor_type.shape.dim)
    yield from (dim for item in graph.initializer for dim in item.dims)


def _values(graph: onnx.GraphProto) -> Iterator[onnx.ValueInfoProto]:
    yield from (*graph.input, *graph.value_info, *graph.output)


def _refused(graph: onnx.GraphProto) -> Iterator[str]:
    constants = {item.name for item in graph.initializer}
    inputs = {item.name for item in graph.input}
    for item in graph.input:
        if item.type.tensor_type.elem_type not in (TensorProto.FLOAT, TensorProto.FLOAT16):
            yield f"the input {item.name} is not of floats"
    for item in _values(graph):
        shape = item.type.tensor_type.shape.dim
        if len(shape) > MOST_AXES:
            yield f"{item.name} has {len(shape)} axes"
        if any(dim.HasField("dim_value") and not 0 < dim.dim_value <= MOST_POSITIONS for dim in shape):
            yield f"{item.name} has a dimension of {[dim.dim_value for dim in shape]}"
    for node in graph.node:
        if any(name and name not in constants for name in _parameters(node)):
            yield f"{node.op_type} {node.name} has parameters that are not constant"
        if node.op_type == "Cast" and node.input[0] in inputs:
            yield f"Cast {node.name} has nothing in front of it"
        if node.op_type == "ConvTranspose" and not _is_plain(node):
            yield f"ConvTranspose {node.name} has uneven padding"


def _parameters(node: onnx.NodeProto) -> list[str]:
    """Return those inputs of a node that the provider wants constant."""
    return list(node.input[1:]) if node.op_type in ("Conv", "ConvTranspose", "Slice", "Split") else []


def _is_plain(node: onnx.NodeProto) -> bool:
    attributes = {item.name: list(item.ints) for item in node.attribute}
    return len(set(attributes.get("pads", []))) <= 1 and not any(attributes.get("output_padding", []))
