"""Converts one-dimensional convolutions to two-dimensional ones of height one.

The fast convolution kernels of ONNX Runtime for the CPU (NCHWc) and the Neural Engine support two dimensions only.
"""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import onnx
from onnx import helper, numpy_helper

from wyoming_kokoro.preparation.graph.view import float_tensor, rebuild, shape_of

CONVOLUTIONS = ("Conv", "ConvTranspose")
HEIGHT_AXIS = 2


def to_conv2d(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with tensors [1, channels, 1, time] instead of [1, channels, time]."""
    weights = {node.input[1] for node in model.graph.node if node.op_type in CONVOLUTIONS}
    pads = {node.input[1] for node in model.graph.node if node.op_type == "Pad"}
    constants = [_convert_constant(item, item.name in weights, item.name in pads) for item in model.graph.initializer]
    shapes = {item.name: shape_of(item) for item in model.graph.input}
    return rebuild(
        model,
        map(_convert_node, model.graph.node),
        inputs=[float_tensor(name, [*shape[:2], 1, *shape[2:]]) for name, shape in shapes.items()],
        outputs=[helper.make_empty_tensor_value_info(item.name) for item in model.graph.output],
        constants=constants,
    )


def _convert_constant(item: onnx.TensorProto, is_weight: bool, is_pad: bool) -> onnx.TensorProto:
    array = numpy_helper.to_array(item)
    if is_pad:
        # Pads list the begins of all axes, then the ends of all axes.
        begins, ends = np.split(array, 2)
        array = np.concatenate([np.insert(begins, HEIGHT_AXIS, 0), np.insert(ends, HEIGHT_AXIS, 0)])
    elif is_weight or array.ndim == 3:
        array = np.ascontiguousarray(np.expand_dims(array, HEIGHT_AXIS))
    return numpy_helper.from_array(array, item.name)


def _convert_node(node: onnx.NodeProto) -> onnx.NodeProto:
    """Return `node` for two-dimensional tensors."""
    # The only power is a square, and the Pow of ONNX Runtime is slow.
    if node.op_type == "Pow":
        return helper.make_node("Mul", [node.input[0], node.input[0]], list(node.output), name=node.name)
    copy = deepcopy(node)
    if node.op_type in CONVOLUTIONS:
        for attribute in copy.attribute:
            if attribute.name in ("kernel_shape", "dilations", "strides"):
                attribute.ints.insert(0, 1)
            elif attribute.name == "output_padding":
                attribute.ints.insert(0, 0)
            elif attribute.name == "pads":
                left, right = attribute.ints
                attribute.ints[:] = [0, left, 0, right]
    return copy
