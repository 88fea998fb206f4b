"""Replaces the random numbers of a graph by tables, so that the same phonemes give the same samples each time."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# At 24 kHz the noise of one channel repeats after 11 s, that of nine channels after 1.2 s.
TABLE_SIZE = 1 << 18
_NORMAL = frozenset({"RandomNormal", "RandomNormalLike"})
_UNIFORM = frozenset({"RandomUniform", "RandomUniformLike"})


def fix_noise(model: onnx.ModelProto) -> bool:
    """Replace all random operators of `model` in place; return whether there were any."""
    graph = model.graph
    nodes: list[onnx.NodeProto] = []
    for number, node in enumerate(graph.node):
        if node.op_type in _NORMAL | _UNIFORM:
            nodes += _table_nodes(graph, node, seed=number)
        else:
            nodes.append(node)
    has_noise = nodes != list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)
    return has_noise


def _table_nodes(graph: onnx.GraphProto, node: onnx.NodeProto, seed: int) -> list[onnx.NodeProto]:
    """Return nodes that compute the output of the random operator `node` from a table of random numbers."""
    attributes = {item.name: helper.get_attribute_value(item) for item in node.attribute}
    prefix = f"fixed_noise_{seed}"

    def constant(name: str, value: Any) -> str:
        graph.initializer.append(numpy_helper.from_array(np.asarray(value), f"{prefix}_{name}"))
        return f"{prefix}_{name}"

    def result(name: str) -> str:
        return f"{prefix}_{name}"

    table = constant("table", _random_numbers(node.op_type, attributes, seed))
    zero, one = constant("zero", np.int64(0)), constant("one", np.int64(1))
    length = constant("length", np.int64(TABLE_SIZE))
    if node.input:
        shape_nodes = [helper.make_node("Shape", [node.input[0]], [result("shape")])]
        shape = result("shape")
    else:
        shape_nodes, shape = [], constant("shape", np.array(attributes["shape"], dtype=np.int64))
    return [
        *shape_nodes,
        helper.make_node("ReduceProd", [shape], [result("count")], keepdims=0),
        helper.make_node("Range", [zero, result("count"), one], [result("positions")]),
        helper.make_node("Mod", [result("positions"), length], [result("indexes")]),
        helper.make_node("Gather", [table, result("indexes")], [result("numbers")]),
        helper.make_node("Reshape", [result("numbers"), shape], [result("shaped")]),
        helper.make_node("Cast", [result("shaped")], [node.output[0]], to=attributes.get("dtype", TensorProto.FLOAT)),
    ]


def _random_numbers(operator: str, attributes: dict[str, Any], seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    if operator in _NORMAL:
        numbers = generator.normal(attributes.get("mean", 0.0), attributes.get("scale", 1.0), TABLE_SIZE)
    else:
        numbers = generator.uniform(attributes.get("low", 0.0), attributes.get("high", 1.0), TABLE_SIZE)
    return numbers.astype(np.float32)
