from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from wyoming_kokoro.preparation.graph.bfloat16 import to_bfloat16
from wyoming_kokoro.preparation.graph.view import float_tensor


def two_convolutions() -> onnx.ModelProto:
    numbers = np.random.default_rng(1)
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["y"], "first", kernel_shape=[1, 3]),
        helper.make_node("Conv", ["y", "w"], ["z"], "last", kernel_shape=[1, 3]),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [float_tensor("x", [1, 4, 1, 9])],
        [float_tensor("z", [1, 4, 1, 5])],
        [
            numpy_helper.from_array(numbers.normal(size=(4, 4, 1, 3)).astype(np.float32), "w"),
            numpy_helper.from_array(numbers.normal(size=4).astype(np.float32), "b"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def test_convolutions_are_converted_except_the_named_ones() -> None:
    converted = to_bfloat16(two_convolutions(), {"last"})
    onnx.checker.check_model(converted, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(converted, strict_mode=True)
    types = {item.name: item.type.tensor_type.elem_type for item in inferred.graph.value_info}
    assert types["y_bfloat16"] == TensorProto.BFLOAT16
    assert types["y"] == TensorProto.FLOAT
    assert [node.op_type for node in converted.graph.node] == ["Cast", "Conv", "Cast", "Conv"]


def test_weights_are_rounded_to_the_nearest_bfloat16() -> None:
    model = two_convolutions()
    converted = to_bfloat16(model, {"last"})
    constants = {item.name: item for item in converted.graph.initializer}
    halves = np.frombuffer(constants["w_bfloat16"].raw_data, dtype=np.uint16).astype(np.uint32) << 16
    rounded = halves.view(np.float32)
    exact = numpy_helper.to_array(model.graph.initializer[0]).ravel()
    assert np.abs(rounded / exact - 1).max() <= 2.0**-8
    assert np.abs(rounded / exact - 1).max() > 2.0**-10
