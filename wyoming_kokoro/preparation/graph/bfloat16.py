"""Convolutions in bfloat16: half the memory and up to half the time, where a processor knows it.

Only the convolutions, between two casts; sums and sines stay float. A provider that is told to compute everything in
bfloat16 also rounds the last convolution, which makes the logarithm and the phase of the spectrum: that is heard.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from wyoming_kokoro.preparation.graph.view import GraphView

OPSET = 22
"""The first in which convolutions may be bfloat16."""
CONVOLUTIONS = ("Conv", "ConvTranspose")


def to_bfloat16(model: onnx.ModelProto, kept: Collection[str]) -> onnx.ModelProto:
    """Return `model` with its float convolutions in bfloat16, but those called `kept`."""
    view = GraphView(model.graph)
    nodes: list[onnx.NodeProto] = []
    constants: dict[str, onnx.TensorProto] = {}
    cast = set[str]()
    for node in model.graph.node:
        if node.op_type not in CONVOLUTIONS or node.name in kept or node.input[1] not in view.constants:
            nodes.append(node)
            continue
        source, *weights = node.input
        if source not in cast:
            cast.add(source)
            nodes.append(helper.make_node("Cast", [source], [f"{source}_bfloat16"], to=TensorProto.BFLOAT16))
        for name in weights:
            constants[name] = _rounded(view, name)
        halved = helper.make_node(
            node.op_type,
            [f"{name}_bfloat16" for name in node.input],
            [f"{node.output[0]}_bfloat16"],
            node.name,
        )
        halved.attribute.extend(node.attribute)
        nodes += [halved, helper.make_node("Cast", list(halved.output), list(node.output), to=TensorProto.FLOAT)]
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        model.graph.name,
        list(model.graph.input),
        list(model.graph.output),
        [*(item for item in model.graph.initializer if item.name in used), *constants.values()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


def _rounded(view: GraphView, name: str) -> onnx.TensorProto:
    """Return the constant `name` rounded to the nearest bfloat16, the upper half of a float."""
    bits = numpy_helper.to_array(view.constants[name]).astype(np.float32).view(np.uint32)
    halves = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
    return helper.make_tensor(f"{name}_bfloat16", TensorProto.BFLOAT16, halves.shape, halves.tobytes(), raw=True)
