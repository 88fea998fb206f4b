"""Converts a graph to float16, with float inputs and outputs.

Core ML treats the types of a program as the minimum precision, and the Neural Engine computes in float16 only. A float
program therefore never runs on the Neural Engine.

The convolution that computes the vocoder's spectrum stays float, and so runs elsewhere: an error of its log magnitudes
grows with their exponential.
"""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MAX_FLOAT16 = float(np.finfo(np.float16).max)
FLOAT16_SUFFIX = "_float16"
# The output of the vocoder whose convolution stays float.
FLOAT_OUTPUT = "spectrum"
LIMITS = {"lowest_float16": -MAX_FLOAT16, "highest_float16": MAX_FLOAT16}


def to_float16(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with float16 instead of float inside. Integer tensors and the last convolution stay."""
    inputs = [item.name for item in model.graph.input]
    last = next((node for node in model.graph.node if node.op_type == "Conv" and FLOAT_OUTPUT in node.output), None)
    float_constants = set(last.input[1:]) if last else set()
    outputs = [item.name for item in model.graph.output if not (last and item.name in last.output)]
    names = {name: name + FLOAT16_SUFFIX for name in (*inputs, *outputs)}
    nodes = []
    for name in inputs:
        # The clip is also needed because ONNX Runtime's Core ML provider rejects a cast of a graph input.
        clipped, half = f"{name}_limited", name + FLOAT16_SUFFIX
        nodes.append(helper.make_node("Clip", [name, *LIMITS], [clipped], clipped))
        nodes.append(helper.make_node("Cast", [clipped], [half], half, to=TensorProto.FLOAT16))
    for node in model.graph.node:
        copy = deepcopy(node)
        copy.input[:] = [names.get(name, name) for name in node.input]
        if node is last:
            source = f"{copy.input[0]}_float"
            nodes.append(helper.make_node("Cast", [copy.input[0]], [source], source, to=TensorProto.FLOAT))
            copy.input[0] = source
        copy.output[:] = [names.get(name, name) for name in node.output]
        nodes.append(copy)
    nodes += [
        helper.make_node("Cast", [name + FLOAT16_SUFFIX], [name], name + FLOAT16_SUFFIX, to=TensorProto.FLOAT)
        for name in outputs
    ]
    limits = [numpy_helper.from_array(np.array(limit, dtype=np.float32), name) for name, limit in LIMITS.items()]
    rounded = (item if item.name in float_constants else _round(item) for item in model.graph.initializer)
    constants = [*rounded, *limits]
    graph = helper.make_graph(nodes, model.graph.name, model.graph.input, model.graph.output, constants)
    converted = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    converted.metadata_props.extend(model.metadata_props)
    return converted


def _round(item: onnx.TensorProto) -> onnx.TensorProto:
    if item.data_type != TensorProto.FLOAT:
        return item
    clipped = np.clip(numpy_helper.to_array(item), -MAX_FLOAT16, MAX_FLOAT16)
    return numpy_helper.from_array(clipped.astype(np.float16), item.name)
