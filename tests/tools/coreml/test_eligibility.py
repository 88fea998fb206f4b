"""Graphs that the Core ML provider runs, and graphs that it rejects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tools.coreml.eligibility import MAX_DIMENSION, Eligibility, check_eligibility
from wyoming_kokoro.onnx.float16 import to_float16

SHAPE = (1, 4, 1, 32)
Shape = Sequence["int | str"]


def create_model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Shape],
    output: Shape | None = None,
    kinds: Mapping[str, int] | None = None,
) -> onnx.ModelProto:
    """Return a model with the output `y` and the constants that its nodes need."""
    numbers = np.random.default_rng(1)
    arrays: dict[str, np.ndarray[Any, Any]] = {
        "w": numbers.normal(size=(4, 4, 1, 3)).astype(np.float32),
        "begin": np.array([1], dtype=np.int64),
        "end": np.array([9], dtype=np.int64),
        "axis": np.array([3], dtype=np.int64),
    }
    described = [
        helper.make_tensor_value_info(name, (kinds or {}).get(name, TensorProto.FLOAT), list(shape))
        for name, shape in inputs.items()
    ]
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None if output is None else list(output))
    used = {name for node in nodes for name in node.input}
    constants = [numpy_helper.from_array(array, name) for name, array in arrays.items() if name in used - set(inputs)]
    body = helper.make_graph(nodes, "small", described, [result], constants)
    return helper.make_model(body, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def convolution_nodes(*before: onnx.NodeProto, source: str = "x") -> list[onnx.NodeProto]:
    """Return `before`, a convolution of `source`, and a sine."""
    return [
        *before,
        helper.make_node("Conv", [source, "w"], ["z"], "conv", kernel_shape=[1, 3]),
        helper.make_node("Sin", ["z"], ["y"], "sine"),
    ]


def check(model: onnx.ModelProto, folder: Path) -> Eligibility:
    onnx.save(model, folder / "small.onnx")
    return check_eligibility(folder / "small.onnx")


def test_static_float_graph_is_one_program(tmp_path: Path) -> None:
    found = check(create_model(convolution_nodes(), {"x": SHAPE}), tmp_path)
    assert found == Eligibility(
        2, 2, partitions=1, dynamic=0, largest_dimension=32, rejections=(), missing_operators=()
    )
    assert found.is_whole


def test_float16_graph_is_checked_without_optimization(tmp_path: Path) -> None:
    """The CPU has no float16 convolution: its optimizer would surround each one with casts."""
    found = check(to_float16(create_model(convolution_nodes(), {"x": SHAPE})), tmp_path)
    assert (found.nodes, found.supported, found.partitions) == (5, 5, 1)
    assert found.is_whole


def test_dynamic_axis_is_rejected(tmp_path: Path) -> None:
    found = check(create_model(convolution_nodes(), {"x": (1, 4, 1, "time")}), tmp_path)
    assert not found.is_whole
    assert (found.supported, found.dynamic, found.missing_operators) == (0, 2, ())


def test_unsupported_operator_splits_the_graph(tmp_path: Path) -> None:
    """The Core ML provider does not support the arc tangent."""
    nodes = [
        helper.make_node("Sin", ["x"], ["s"], "sine_before"),
        helper.make_node("Atan", ["s"], ["a"], "unsupported"),
    ]
    found = check(create_model(convolution_nodes(*nodes, source="a"), {"x": SHAPE}), tmp_path)
    assert not found.is_whole
    assert (found.nodes, found.supported, found.partitions) == (4, 3, 2)
    assert found.missing_operators == ("ai.onnx:Atan",)


def test_dimension_above_the_limit_is_rejected(tmp_path: Path) -> None:
    found = check(create_model(convolution_nodes(), {"x": (1, 4, 1, MAX_DIMENSION + 1)}), tmp_path)
    assert not found.is_whole
    assert (found.supported, found.largest_dimension) == (2, MAX_DIMENSION + 1)
    assert found.rejections


def test_dimension_at_the_limit_is_accepted(tmp_path: Path) -> None:
    assert check(create_model(convolution_nodes(), {"x": (1, 4, 1, MAX_DIMENSION)}), tmp_path).is_whole


SLICE = helper.make_node("Slice", ["x", "begin", "end", "axis"], ["y"], "part")
CAST = helper.make_node("Cast", ["x"], ["y"], "cast", to=TensorProto.FLOAT)
ASYMMETRIC = helper.make_node("ConvTranspose", ["x", "w"], ["y"], "wide", kernel_shape=[1, 3], pads=[0, 1, 0, 0])
WEIGHTS: dict[str, Shape] = {"x": SHAPE, "w": (4, 4, 1, 3)}


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (
            create_model([SLICE], {"x": SHAPE, "begin": (1,)}, (1, 4, 1, 8), {"begin": TensorProto.INT64}),
            "parameters that vary",
        ),
        (create_model(convolution_nodes(), WEIGHTS), "Conv conv has parameters that vary"),
        (create_model([ASYMMETRIC], {"x": SHAPE}), "ConvTranspose wide has asymmetric padding"),
        (create_model([CAST], {"x": SHAPE}, kinds={"x": TensorProto.FLOAT16}), "Cast cast is the first node"),
        (create_model([CAST], {"x": SHAPE}, kinds={"x": TensorProto.INT64}), "the input x does not hold floats"),
        (create_model([helper.make_node("Sin", ["x"], ["y"])], {"x": (1, 1, 1, 1, 1, 2)}), "x has 6 axes"),
    ],
)
def test_condition_beyond_the_checker_is_rejected(tmp_path: Path, model: onnx.ModelProto, reason: str) -> None:
    found = check(model, tmp_path)
    assert not found.is_whole
    assert any(reason in item for item in found.rejections), found


def test_damaged_file_raises(tmp_path: Path) -> None:
    (tmp_path / "damaged.onnx").write_bytes(b"not a graph")
    with pytest.raises(Exception, match=r"(?i)pars|protobuf|decod"):
        check_eligibility(tmp_path / "damaged.onnx")
