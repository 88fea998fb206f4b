"""ALBERT, with which the model reads a text: alone, and for texts of at most so many tokens, in fixed shapes.

Accelerators want every shape beforehand, and know neither whole numbers nor what ONNX Runtime fuses. So tokens come as
rows with a single one, the lookup of their embeddings is a product, and the tokens that fill a text up are hidden
from all others: what is computed for the text is what is computed without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper, shape_inference
from onnx.reference import ReferenceEvaluator

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.manifest import CONTEXT, MASK_INPUT, ONE_HOT_INPUT
from wyoming_kokoro.preparation.graph.view import GraphView, cut, exactly_one, float_tensor, rename
from wyoming_kokoro.types import Array

EMBEDDED_WIDTH, CONTEXT_WIDTH = 128, 768
ENCODER = (CONTEXT_WIDTH, 512)
"""What takes ALBERT's result: the weights of the model's `bert_encoder`."""
OPSET = 20
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AlbertTensors:
    """Names of tensors, the same in the int8 form of a graph and in float."""

    embedded: str
    """[1, T, 128]: the sum of the embeddings."""
    mask: str
    """[1, 1, T, T]: what is added to the logarithms of attention."""
    context: str
    """[1, T, 768]"""


@dataclass(frozen=True, slots=True)
class Embeddings:
    """What a token's embedding is the sum of."""

    symbols: Floats
    """[symbols, 128]: by what each differs from the first."""
    positions: Floats
    """[512, 128]: the first symbol's, in each position."""


def find_albert(graph: onnx.GraphProto) -> AlbertTensors:
    """Find ALBERT in a float graph. Raises `GraphMismatch` when it is not there."""
    view = GraphView(graph)
    norms = [node for node in view.nodes("LayerNormalization") if view.dims(node.input[1]) == (EMBEDDED_WIDTH,)]
    products = [node for node in view.nodes("MatMul") if view.dims(node.input[1]) == ENCODER]
    added = {
        name
        for node in view.nodes("Softmax")
        for name in view.producer(node.input[0]).input
        if not view.is_made_by(name, "MatMul")
    }
    return AlbertTensors(
        embedded=exactly_one(norms, "normalisation", "the embeddings").input[0],
        mask=exactly_one(sorted(added), "mask", "the attention"),
        context=exactly_one(products, "product", "the end of ALBERT").input[0],
    )


def static_albert(model: onnx.ModelProto, found: AlbertTensors, embeddings: Embeddings, size: int) -> onnx.ModelProto:
    """Return ALBERT of the float graph `model` for texts of at most `size` tokens; takes `LETTERS` and `HIDDEN`.

    Raises `GraphMismatch`.
    """
    part = cut(model, {found.embedded: [1, size, EMBEDDED_WIDTH], found.mask: [1, 1, 1, size]}, [found.context])
    constants = {
        "symbols": embeddings.symbols,
        "positions": embeddings.positions[None, :size],
        **{item.name: numpy_helper.to_array(item) for item in part.graph.initializer},
    }
    nodes = [
        helper.make_node("MatMul", [ONE_HOT_INPUT, "symbols"], ["symbol"], "symbol"),
        helper.make_node("Add", ["symbol", "positions"], [found.embedded], "embedded"),
        *(plain for node in part.graph.node for plain in _plain(node)),
    ]
    graph = helper.make_graph(
        nodes,
        "albert",
        [float_tensor(ONE_HOT_INPUT, [1, size, len(embeddings.symbols)]), float_tensor(found.mask, [1, 1, 1, size])],
        [helper.make_empty_tensor_value_info(found.context)],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    return rename(_folded(_model(graph)), {found.mask: MASK_INPUT, found.context: CONTEXT})


def _plain(node: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
    """Yield the standard's operators for one that is ONNX Runtime's own."""
    (made,) = node.output
    inner = f"{made}_sum"
    if node.op_type == "FastGelu":
        yield helper.make_node("Add", list(node.input), [inner], f"{node.name}_sum")
        yield helper.make_node("Gelu", [inner], [made], node.name, approximate="tanh")
    elif node.op_type == "SkipLayerNormalization":
        yield helper.make_node("Add", list(node.input[:2]), [inner], f"{node.name}_sum")
        (epsilon,) = (item.f for item in node.attribute if item.name == "epsilon")
        yield helper.make_node(
            "LayerNormalization", [inner, *node.input[2:]], [made], node.name, axis=-1, epsilon=epsilon
        )
    elif node.domain:
        raise GraphMismatch(f"ALBERT cannot hold {node.op_type} ({node.name})")
    else:
        yield node


def _folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model`, of fixed shapes, without what computes shapes."""
    inferred = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    shapes = {
        item.name: item.type.tensor_type.shape.dim for item in (*inferred.graph.input, *inferred.graph.value_info)
    }
    constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type == "Shape":
            constants[node.output[0]] = np.array([dim.dim_value for dim in shapes[node.input[0]]], dtype=np.int64)
        elif constants.keys() >= set(node.input):
            constants[node.output[0]] = _computed(node, constants)
        else:
            nodes.append(node)
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        model.graph.name,
        list(model.graph.input),
        list(inferred.graph.output),
        [numpy_helper.from_array(array, name) for name, array in constants.items() if name in used],
    )
    return _model(graph)


def _computed(node: onnx.NodeProto, constants: Mapping[str, Array]) -> Array:
    (made,) = ReferenceEvaluator(node).run(None, {name: constants[name] for name in node.input})
    return np.asarray(made)


def _model(graph: onnx.GraphProto) -> onnx.ModelProto:
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
