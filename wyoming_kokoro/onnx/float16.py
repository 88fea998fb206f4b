"""Everything in float16, between inputs and outputs that stay float.

Core ML takes the types of an ML program for the least precision that is wanted: one in float never reaches the Neural
Engine, which computes in float16 alone.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MAX_FLOAT16 = float(np.finfo(np.float16).max)
HALF = "_float16"
LIMITS = ("lowest_float16", "highest_float16")


def to_float16(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model`, whose tensors are float or integers, with every float inside as float16."""
    inputs = [item.name for item in model.graph.input]
    outputs = [item.name for item in model.graph.output]
    names = {name: name + HALF for name in (*inputs, *outputs)}
    nodes = [node for name in inputs for node in _entrance(name)]
    for node in model.graph.node:
        half = onnx.NodeProto()
        half.CopyFrom(node)
        half.input[:] = [names.get(name, name) for name in node.input]
        half.output[:] = [names.get(name, name) for name in node.output]
        nodes.append(half)
    nodes += [helper.make_node("Cast", [name + HALF], [name], name + HALF, to=TensorProto.FLOAT) for name in outputs]
    graph = helper.make_graph(
        nodes,
        model.graph.name,
        list(model.graph.input),
        list(model.graph.output),
        [*map(_rounded, model.graph.initializer), *_limits()],
    )
    made = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    made.metadata_props.extend(model.metadata_props)
    return made


def _entrance(name: str) -> list[onnx.NodeProto]:
    """Return what makes an input float16: what it cannot hold is limited.

    ONNX Runtime's Core ML provider also refuses a cast that nothing is in front of.
    """
    limited = f"{name}_limited"
    return [
        helper.make_node("Clip", [name, *LIMITS], [limited], limited),
        helper.make_node("Cast", [limited], [name + HALF], name + HALF, to=TensorProto.FLOAT16),
    ]


def _rounded(item: onnx.TensorProto) -> onnx.TensorProto:
    if item.data_type != TensorProto.FLOAT:
        return item
    limited = np.clip(numpy_helper.to_array(item), -MAX_FLOAT16, MAX_FLOAT16)
    return numpy_helper.from_array(limited.astype(np.float16), item.name)


def _limits() -> list[onnx.TensorProto]:
    bounds = (-MAX_FLOAT16, MAX_FLOAT16)
    return [
        numpy_helper.from_array(np.array(bound, dtype=np.float32), name)
        for name, bound in zip(LIMITS, bounds, strict=True)
    ]
