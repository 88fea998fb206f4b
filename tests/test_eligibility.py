"""What Core ML would refuse of a graph, flaw by flaw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from wyoming_kokoro.eligibility import MOST_POSITIONS, Verdict, verdict
from wyoming_kokoro.onnx.float16 import to_float16

SHAPE = (1, 4, 1, 32)
Shape = Sequence["int | str"]


def graph(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Shape],
    output: Shape | None = None,
    kinds: Mapping[str, int] | None = None,
) -> onnx.ModelProto:
    """Return a graph that makes `y`, with the constants that the nodes here want."""
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
    made = helper.make_tensor_value_info("y", TensorProto.FLOAT, None if output is None else list(output))
    used = {name for node in nodes for name in node.input}
    constants = [numpy_helper.from_array(array, name) for name, array in arrays.items() if name in used - set(inputs)]
    body = helper.make_graph(nodes, "small", described, [made], constants)
    return helper.make_model(body, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def convolved(*before: onnx.NodeProto, source: str = "x") -> list[onnx.NodeProto]:
    """Return `before`, then a convolution of `source` and a sine."""
    return [
        *before,
        helper.make_node("Conv", [source, "w"], ["z"], "conv", kernel_shape=[1, 3]),
        helper.make_node("Sin", ["z"], ["y"], "sine"),
    ]


def judged(model: onnx.ModelProto, folder: Path) -> Verdict:
    onnx.save(model, folder / "small.onnx")
    return verdict(folder / "small.onnx")


def test_a_plain_graph_is_whole(tmp_path: Path) -> None:
    found = judged(graph(convolved(), {"x": SHAPE}), tmp_path)
    assert found == Verdict(nodes=2, taken=2, partitions=1, dynamic=0, largest=32, refused=(), missing=())
    assert found.is_whole


def test_a_graph_in_float16_is_judged_as_it_is(tmp_path: Path) -> None:
    """The processor has no convolution in float16: optimised for it, the graph would be full of casts."""
    found = judged(to_float16(graph(convolved(), {"x": SHAPE})), tmp_path)
    assert (found.nodes, found.taken, found.partitions) == (5, 5, 1)
    assert found.is_whole


def test_a_dynamic_axis_is_refused(tmp_path: Path) -> None:
    found = judged(graph(convolved(), {"x": (1, 4, 1, "time")}), tmp_path)
    assert not found.is_whole
    assert (found.taken, found.dynamic, found.missing) == (0, 2, ())


def test_a_hole_makes_two_partitions(tmp_path: Path) -> None:
    """Core ML has no arc tangent."""
    hole = [
        helper.make_node("Sin", ["x"], ["s"], "before"),
        helper.make_node("Atan", ["s"], ["a"], "hole"),
    ]
    found = judged(graph(convolved(*hole, source="a"), {"x": SHAPE}), tmp_path)
    assert not found.is_whole
    assert (found.nodes, found.taken, found.partitions) == (4, 3, 2)
    assert found.missing == ("ai.onnx:Atan",)


def test_a_dimension_that_is_too_large_is_refused(tmp_path: Path) -> None:
    found = judged(graph(convolved(), {"x": (1, 4, 1, MOST_POSITIONS + 1)}), tmp_path)
    assert not found.is_whole
    assert (found.taken, found.largest) == (2, MOST_POSITIONS + 1)
    assert found.refused


def test_the_largest_dimension_that_is_allowed(tmp_path: Path) -> None:
    assert judged(graph(convolved(), {"x": (1, 4, 1, MOST_POSITIONS)}), tmp_path).is_whole


SLICE = helper.make_node("Slice", ["x", "begin", "end", "axis"], ["y"], "part")
CAST = helper.make_node("Cast", ["x"], ["y"], "cast", to=TensorProto.FLOAT)
UNEVEN = helper.make_node("ConvTranspose", ["x", "w"], ["y"], "wide", kernel_shape=[1, 3], pads=[0, 1, 0, 0])
WEIGHTS: dict[str, Shape] = {"x": SHAPE, "w": (4, 4, 1, 3)}


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (graph([SLICE], {"x": SHAPE, "begin": (1,)}, (1, 4, 1, 8), {"begin": TensorProto.INT64}), "not constant"),
        (graph(convolved(), WEIGHTS), "Conv conv has parameters that are not constant"),
        (graph([UNEVEN], {"x": SHAPE}), "ConvTranspose wide has uneven padding"),
        (graph([CAST], {"x": SHAPE}, kinds={"x": TensorProto.FLOAT16}), "Cast cast has nothing in front of it"),
        (graph([CAST], {"x": SHAPE}, kinds={"x": TensorProto.INT64}), "the input x is not of floats"),
        (graph([helper.make_node("Sin", ["x"], ["y"])], {"x": (1, 1, 1, 1, 1, 2)}), "x has 6 axes"),
    ],
)
def test_what_the_checker_does_not_look_at_is_refused(tmp_path: Path, model: onnx.ModelProto, reason: str) -> None:
    found = judged(model, tmp_path)
    assert not found.is_whole
    assert any(reason in item for item in found.refused), found


def test_junk_is_no_graph(tmp_path: Path) -> None:
    (tmp_path / "junk.onnx").write_bytes(b"This is no graph.")
    with pytest.raises(Exception, match=r"(?i)pars|protobuf|decod"):
        verdict(tmp_path / "junk.onnx")
