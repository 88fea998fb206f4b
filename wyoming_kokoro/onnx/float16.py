"""Converts a graph to float16, with float inputs and outputs.

Core ML treats the types of a program as the minimum precision, and the Neural Engine computes in float16 only. A float
program therefore never runs on the Neural Engine.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MAX_FLOAT16 = float(np.finfo(np.float16).max)
FLOAT16_SUFFIX = "_float16"
LIMITS = ("lowest_float16", "highest_float16")


def to_float16(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with float16 instead of float inside. Integer tensors stay."""
    inputs = [item.name for item in model.graph.input]
    outputs = [item.name for item in model.graph.output]
    names = {name: name + FLOAT16_SUFFIX for name in (*inputs, *outputs)}
    nodes = [node for name in inputs for node in _convert_input(name)]
    for node in model.graph.node:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = [names.get(name, name) for name in node.input]
        copy.output[:] = [names.get(name, name) for name in node.output]
        nodes.append(copy)
    nodes += [
        helper.make_node("Cast", [name + FLOAT16_SUFFIX], [name], name + FLOAT16_SUFFIX, to=TensorProto.FLOAT)
        for name in outputs
    ]
    graph = helper.make_graph(
        nodes,
        model.graph.name,
        list(model.graph.input),
        list(model.graph.output),
        [*map(_round, model.graph.initializer), *_limits()],
    )
    converted = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    converted.metadata_props.extend(model.metadata_props)
    return converted


def _convert_input(name: str) -> list[onnx.NodeProto]:
    """Return the nodes that clip an input to the range of float16 and convert it."""
    # The clip is also needed because ONNX Runtime's Core ML provider rejects a cast of a graph input.
    clipped = f"{name}_limited"
    return [
        helper.make_node("Clip", [name, *LIMITS], [clipped], clipped),
        helper.make_node("Cast", [clipped], [name + FLOAT16_SUFFIX], name + FLOAT16_SUFFIX, to=TensorProto.FLOAT16),
    ]


def _round(item: onnx.TensorProto) -> onnx.TensorProto:
    if item.data_type != TensorProto.FLOAT:
        return item
    clipped = np.clip(numpy_helper.to_array(item), -MAX_FLOAT16, MAX_FLOAT16)
    return numpy_helper.from_array(clipped.astype(np.float16), item.name)


def _limits() -> list[onnx.TensorProto]:
    bounds = (-MAX_FLOAT16, MAX_FLOAT16)
    return [
        numpy_helper.from_array(np.array(bound, dtype=np.float32), name)
        for name, bound in zip(LIMITS, bounds, strict=True)
    ]
