"""Cuts and rewrites of small graphs, and mismatches."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from tests.helpers.onnx_graphs import run_graph
from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.manifest import BEGIN_INPUT, NEXT_SUFFIX
from wyoming_kokoro.preparation.graph.conv2d import to_conv2d
from wyoming_kokoro.preparation.graph.dequantize import dequantize
from wyoming_kokoro.preparation.graph.landmarks import find_landmarks
from wyoming_kokoro.preparation.graph.stateful import TimeExtent, make_stateful
from wyoming_kokoro.preparation.graph.view import GraphView, cut, float_tensor, rename, sort_nodes


def model(nodes: list[onnx.NodeProto], constants: dict[str, Any], shape: list[int | str | None]) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "small",
        [float_tensor("x", shape)],
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def residual_block(kernel: int, dilation: int, seed: int) -> onnx.ModelProto:
    """Return a residual block and an upsampling, as in the vocoder."""
    numbers = np.random.default_rng(seed)
    pad = dilation * (kernel - 1) // 2
    nodes = [
        helper.make_node(
            "Conv", ["x", "w1"], ["a"], kernel_shape=[kernel], dilations=[dilation], pads=[pad, pad], strides=[1]
        ),
        helper.make_node("Add", ["a", "x"], ["b"]),
        helper.make_node("LeakyRelu", ["b"], ["c"], alpha=0.1),
        helper.make_node("ConvTranspose", ["c", "w2"], ["y"], kernel_shape=[6], strides=[3], pads=[1, 2]),
    ]
    weights = {
        "w1": numbers.normal(size=(4, 4, kernel)).astype(np.float32),
        "w2": numbers.normal(size=(4, 2, 6)).astype(np.float32),
    }
    return model(nodes, weights, [1, 4, "T"])


@settings(max_examples=30, deadline=None)
@given(
    kernel=st.sampled_from([3, 5, 7]),
    dilation=st.integers(1, 5),
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=6),
    seed=st.integers(0, 1000),
)
def test_stateful_windows_equal_one_pass(kernel: int, dilation: int, sizes: list[int], seed: int) -> None:
    plain = to_conv2d(residual_block(kernel, dilation, seed))
    stateful, states, extent = make_stateful(plain, {"x": TimeExtent(1, 0, 4)})
    first = dilation * (kernel - 1) // 2 + 2
    sizes = [first + sizes[0], *sizes[1:]]
    x = np.random.default_rng(seed).normal(size=(1, 4, 1, sum(sizes))).astype(np.float32)
    whole = run_graph(plain, {"x": x})["y"]
    session = onnxruntime.InferenceSession(stateful.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    state = {item.name: np.zeros((1, item.channels, 1, item.begin), dtype=np.float32) for item in states}
    windows, position = [], 0
    for size in sizes:
        feeds = {"x": x[..., position : position + size], BEGIN_INPUT: np.array([position == 0], dtype=np.int64)}
        outputs = dict(zip(names, session.run(names, {**feeds, **state}), strict=True))
        state = {name: outputs[name + NEXT_SUFFIX] for name in state}
        windows.append(outputs["y"])
        position += size
    joined = np.concatenate(windows, axis=-1)
    assert joined.shape[-1] == extent.rate * sum(sizes) - extent.lag
    np.testing.assert_allclose(joined, whole[..., : joined.shape[-1]], atol=1e-4)


def test_two_dimensional_convolutions_give_the_same_result() -> None:
    block = residual_block(5, 3, 7)
    x = np.random.default_rng(1).normal(size=(1, 4, 20)).astype(np.float32)
    np.testing.assert_allclose(
        run_graph(to_conv2d(block), {"x": x[:, :, None]})["y"][:, :, 0], run_graph(block, {"x": x})["y"], atol=1e-5
    )


def test_cut_keeps_only_the_needed_nodes() -> None:
    part = cut(residual_block(3, 1, 0), {"b": [1, 4, "T"]}, ["y"])
    assert [node.op_type for node in part.graph.node] == ["LeakyRelu", "ConvTranspose"]
    assert [item.name for item in part.graph.initializer] == ["w2"]


def test_cut_with_missing_inputs_is_a_mismatch() -> None:
    with pytest.raises(GraphMismatch, match="also need x"):
        cut(residual_block(3, 1, 0), {"a": [1, 4, "T"]}, ["y"])


def test_nodes_are_sorted_by_dependency() -> None:
    reversed_ = residual_block(3, 1, 0)
    nodes = list(reversed_.graph.node)[::-1]
    del reversed_.graph.node[:]
    reversed_.graph.node.extend(nodes)
    assert [node.op_type for node in sort_nodes(reversed_).graph.node] == ["Conv", "Add", "LeakyRelu", "ConvTranspose"]


def test_tensors_are_renamed() -> None:
    other = rename(residual_block(3, 1, 0), {"x": "frames", "y": "spectrum", "w1": "weights"})
    assert GraphView(other.graph).producer("spectrum").op_type == "ConvTranspose"
    assert other.graph.input[0].name == "frames"
    assert GraphView(other.graph).dims("weights") == (4, 4, 3)


def test_operator_that_cannot_be_stateful_is_a_mismatch() -> None:
    nodes = [helper.make_node("Concat", ["x", "x"], ["y"], axis=1)]
    with pytest.raises(GraphMismatch, match="cannot be stateful: Concat"):
        make_stateful(model(nodes, {}, [1, 4, 1, "T"]), {"x": TimeExtent(1, 0, 4)})


def test_sum_of_different_rates_is_a_mismatch() -> None:
    nodes = [
        helper.make_node("ConvTranspose", ["x", "w"], ["a"], kernel_shape=[1, 4], strides=[1, 2], pads=[0, 1, 0, 1]),
        helper.make_node("Add", ["a", "x"], ["y"], name="meeting"),
    ]
    weights = {"w": np.ones((4, 4, 1, 4), dtype=np.float32)}
    with pytest.raises(GraphMismatch, match="meeting combines tensors of different rates"):
        make_stateful(model(nodes, weights, [1, 4, 1, "T"]), {"x": TimeExtent(1, 0, 4)})


def test_landmarks_of_another_model_are_a_mismatch() -> None:
    with pytest.raises(GraphMismatch):
        find_landmarks(residual_block(3, 1, 0).graph)


def test_float16_is_converted_to_float() -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["h"], to=TensorProto.FLOAT16),
        helper.make_node("MatMul", ["h", "w"], ["m"]),
        helper.make_node("Cast", ["m"], ["y"], to=TensorProto.FLOAT),
    ]
    wide = dequantize(model(nodes, {"w": np.eye(3, dtype=np.float16)}, [1, 3]))
    x = np.array([[1.0, 2.0, 1e-6]], dtype=np.float32)
    np.testing.assert_array_equal(run_graph(wide, {"x": x})["y"], x)
    assert {item.data_type for item in wide.graph.initializer} == {TensorProto.FLOAT}
