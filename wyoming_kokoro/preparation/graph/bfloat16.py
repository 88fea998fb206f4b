"""Converts convolutions to bfloat16: half the memory and up to half the time on CPUs that support it.

Only convolutions are converted, between two casts. Sums and sines stay float. If a provider converts the whole graph
instead, it also rounds the last convolution, which computes log magnitudes and phases, and the error is audible.
"""

from __future__ import annotations

from collections.abc import Collection
from copy import deepcopy

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from wyoming_kokoro.preparation.graph.conv2d import CONVOLUTIONS
from wyoming_kokoro.preparation.graph.view import GraphView, only_used, rebuild

# The first opset with bfloat16 convolutions.
OPSET = 22


def to_bfloat16(model: onnx.ModelProto, float_names: Collection[str]) -> onnx.ModelProto:
    """Return `model` with its float convolutions in bfloat16, except the nodes `float_names`."""
    view = GraphView(model.graph)
    nodes: list[onnx.NodeProto] = []
    constants: dict[str, onnx.TensorProto] = {}
    cast = set[str]()
    for node in model.graph.node:
        if node.op_type not in CONVOLUTIONS or node.name in float_names or node.input[1] not in view.constants:
            nodes.append(node)
            continue
        source, *weights = node.input
        if source not in cast:
            cast.add(source)
            nodes.append(helper.make_node("Cast", [source], [f"{source}_bfloat16"], to=TensorProto.BFLOAT16))
        constants |= {name: _round(view, name) for name in weights}
        convolution = deepcopy(node)
        convolution.input[:] = [f"{name}_bfloat16" for name in node.input]
        convolution.output[:] = [f"{node.output[0]}_bfloat16"]
        cast_back = helper.make_node("Cast", list(convolution.output), list(node.output), to=TensorProto.FLOAT)
        nodes += [convolution, cast_back]
    used = only_used((*model.graph.initializer, *constants.values()), nodes)
    converted = rebuild(model, nodes, constants=used)
    return helper.make_model(converted.graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


def _round(view: GraphView, name: str) -> onnx.TensorProto:
    """Return the constant `name` rounded to the nearest bfloat16."""
    # A bfloat16 is the upper half of a float. Ties round to even.
    bits = numpy_helper.to_array(view.constants[name]).astype(np.float32).view(np.uint32)
    halves = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
    return helper.make_tensor(f"{name}_bfloat16", TensorProto.BFLOAT16, halves.shape, halves.tobytes(), raw=True)
