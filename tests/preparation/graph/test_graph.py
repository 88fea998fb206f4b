"""Cutting and rewriting, on small graphs and on graphs that are not Kokoro's."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

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


def run(graph: onnx.ModelProto, **feeds: Any) -> dict[str, Any]:
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def tower(kernel: int, dilation: int, seed: int) -> onnx.ModelProto:
    """A residual block and an upsampling, as the vocoder has them."""
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
def test_a_tower_that_remembers_equals_one_pass(kernel: int, dilation: int, sizes: list[int], seed: int) -> None:
    flat = to_conv2d(tower(kernel, dilation, seed))
    carried, states, extent = make_stateful(flat, {"x": TimeExtent(1, 0, 4)})
    first = dilation * (kernel - 1) // 2 + 2
    sizes = [first + sizes[0], *sizes[1:]]
    x = np.random.default_rng(seed).normal(size=(1, 4, 1, sum(sizes))).astype(np.float32)
    whole = run(flat, x=x)["y"]
    session = onnxruntime.InferenceSession(carried.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    memory = {state.name: np.zeros((1, state.channels, 1, state.begin), dtype=np.float32) for state in states}
    pieces, position = [], 0
    for size in sizes:
        feeds = {"x": x[..., position : position + size], BEGIN_INPUT: np.array([position == 0], dtype=np.int64)}
        made = dict(zip(names, session.run(names, {**feeds, **memory}), strict=True))
        memory = {name: made[name + NEXT_SUFFIX] for name in memory}
        pieces.append(made["y"])
        position += size
    joined = np.concatenate(pieces, axis=-1)
    assert joined.shape[-1] == extent.rate * sum(sizes) - extent.lag
    np.testing.assert_allclose(joined, whole[..., : joined.shape[-1]], atol=1e-4)


def test_flat_convolutions_give_the_same() -> None:
    line = tower(5, 3, 7)
    x = np.random.default_rng(1).normal(size=(1, 4, 20)).astype(np.float32)
    np.testing.assert_allclose(run(to_conv2d(line), x=x[:, :, None])["y"][:, :, 0], run(line, x=x)["y"], atol=1e-5)


def test_a_cut_keeps_what_is_needed_and_no_more() -> None:
    part = cut(tower(3, 1, 0), {"b": [1, 4, "T"]}, ["y"])
    assert [node.op_type for node in part.graph.node] == ["LeakyRelu", "ConvTranspose"]
    assert [item.name for item in part.graph.initializer] == ["w2"]


def test_a_cut_that_needs_more_is_refused() -> None:
    with pytest.raises(GraphMismatch, match="need x too"):
        cut(tower(3, 1, 0), {"a": [1, 4, "T"]}, ["y"])


def test_nodes_are_put_in_order() -> None:
    mixed = tower(3, 1, 0)
    nodes = list(mixed.graph.node)[::-1]
    del mixed.graph.node[:]
    mixed.graph.node.extend(nodes)
    assert [node.op_type for node in sort_nodes(mixed).graph.node] == ["Conv", "Add", "LeakyRelu", "ConvTranspose"]


def test_tensors_get_other_names() -> None:
    other = rename(tower(3, 1, 0), {"x": "frames", "y": "spectrum", "w1": "weights"})
    assert GraphView(other.graph).producer("spectrum").op_type == "ConvTranspose"
    assert other.graph.input[0].name == "frames"
    assert GraphView(other.graph).dims("weights") == (4, 4, 3)


def test_what_cannot_remember_is_refused() -> None:
    nodes = [helper.make_node("Concat", ["x", "x"], ["y"], axis=1)]
    with pytest.raises(GraphMismatch, match="cannot hold Concat"):
        make_stateful(model(nodes, {}, [1, 4, 1, "T"]), {"x": TimeExtent(1, 0, 4)})


def test_rates_that_do_not_meet_are_refused() -> None:
    nodes = [
        helper.make_node("ConvTranspose", ["x", "w"], ["a"], kernel_shape=[1, 4], strides=[1, 2], pads=[0, 1, 0, 1]),
        helper.make_node("Add", ["a", "x"], ["y"], name="meeting"),
    ]
    weights = {"w": np.ones((4, 4, 1, 4), dtype=np.float32)}
    with pytest.raises(GraphMismatch, match="meeting adds tensors of different rates"):
        make_stateful(model(nodes, weights, [1, 4, 1, "T"]), {"x": TimeExtent(1, 0, 4)})


def test_another_model_is_not_taken_for_kokoro() -> None:
    with pytest.raises(GraphMismatch):
        find_landmarks(tower(3, 1, 0).graph)


def test_half_precision_is_widened() -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["h"], to=TensorProto.FLOAT16),
        helper.make_node("MatMul", ["h", "w"], ["m"]),
        helper.make_node("Cast", ["m"], ["y"], to=TensorProto.FLOAT),
    ]
    wide = dequantize(model(nodes, {"w": np.eye(3, dtype=np.float16)}, [1, 3]))
    x = np.array([[1.0, 2.0, 1e-6]], dtype=np.float32)
    np.testing.assert_array_equal(run(wide, x=x)["y"], x)
    assert {item.data_type for item in wide.graph.initializer} == {TensorProto.FLOAT}
