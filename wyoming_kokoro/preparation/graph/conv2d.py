"""One-dimensional convolutions as two-dimensional ones of height one.

ONNX Runtime's fast convolution kernels for the CPU (NCHWc), and the Neural Engine, know images only.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

from wyoming_kokoro.preparation.graph.view import GraphView, float_tensor

CONVOLUTIONS = ("Conv", "ConvTranspose")
HEIGHT_AXIS = 2


def to_conv2d(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model`, whose tensors are [1, channels, time], with tensors of [1, channels, 1, time].

    Raises `GraphMismatch` when a convolution's weights are not constant.
    """
    view = GraphView(model.graph)
    weights = {node.input[1] for node in model.graph.node if node.op_type in CONVOLUTIONS}
    pads = {node.input[1] for node in model.graph.node if node.op_type == "Pad"}
    constants = [
        _flat_constant(view, item.name, item.name in weights, item.name in pads) for item in model.graph.initializer
    ]
    graph = helper.make_graph(
        [_flat(node) for node in model.graph.node],
        model.graph.name,
        [float_tensor(item.name, _with_height(item)) for item in model.graph.input],
        [helper.make_empty_tensor_value_info(item.name) for item in model.graph.output],
        constants,
    )
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def _with_height(item: onnx.ValueInfoProto) -> list[int | str | None]:
    shape: list[int | str | None] = [dim.dim_param or dim.dim_value or None for dim in item.type.tensor_type.shape.dim]
    shape.insert(HEIGHT_AXIS, 1)
    return shape


def _flat_constant(view: GraphView, name: str, is_weight: bool, is_pad: bool) -> onnx.TensorProto:
    array = view.array(name)
    if is_pad:  # begins of all axes, then ends of all axes
        begins, ends = np.split(array, 2)
        array = np.concatenate([np.insert(begins, HEIGHT_AXIS, 0), np.insert(ends, HEIGHT_AXIS, 0)])
    elif is_weight or array.ndim == 3:
        array = np.ascontiguousarray(np.expand_dims(array, HEIGHT_AXIS))
    return numpy_helper.from_array(array, name)


def _flat(node: onnx.NodeProto) -> onnx.NodeProto:
    """Return `node` for images. A square is a product here: ONNX Runtime's `Pow` is slow."""
    if node.op_type == "Pow":
        return helper.make_node("Mul", [node.input[0], node.input[0]], list(node.output), name=node.name)
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    if node.op_type in CONVOLUTIONS:
        for attribute in copy.attribute:
            if attribute.name in ("kernel_shape", "dilations", "strides"):
                attribute.ints.insert(0, 1)
            elif attribute.name == "output_padding":
                attribute.ints.insert(0, 0)
            elif attribute.name == "pads":
                left, right = attribute.ints
                del attribute.ints[:]
                attribute.ints.extend([0, left, 0, right])
    return copy
