"""Converts ALBERT, the model's text encoder, to fixed shapes for accelerators.

Accelerators need fixed shapes, and support neither integers nor the fused operators of ONNX Runtime. Tokens are
therefore one-hot rows, and the embedding lookup is a matrix product. Padding is masked, so the result for the text is
the same as without padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference
from onnx.reference import ReferenceEvaluator

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.manifest import CONTEXT, MASK_INPUT, ONE_HOT_INPUT
from wyoming_kokoro.preparation.graph.view import (
    GraphView,
    cut,
    exactly_one,
    float_tensor,
    only_used,
    rebuild,
    rename,
    shape_of,
)
from wyoming_kokoro.types import FloatArray

EMBEDDED_WIDTH, CONTEXT_WIDTH = 128, 768
# The shape of the weights after ALBERT, the model's `bert_encoder`.
ENCODER_SHAPE = (CONTEXT_WIDTH, 512)
# The first opset with the operator Gelu.
OPSET = 20


@dataclass(frozen=True, slots=True)
class AlbertTensors:
    """The names of tensors. They are the same in the int8 and the float graph."""

    embedded: str
    """[1, T, 128]: the sum of the embeddings."""
    mask: str
    """[1, 1, T, T]: added to the attention logits."""
    context: str
    """[1, T, 768]"""


def find_albert(graph: onnx.GraphProto) -> AlbertTensors:
    """Return the tensors of ALBERT in a float graph. Raises `GraphMismatch`."""
    view = GraphView(graph)
    norms = [node for node in view.nodes("LayerNormalization") if view.dims(node.input[1]) == (EMBEDDED_WIDTH,)]
    products = [node for node in view.nodes("MatMul") if view.dims(node.input[1]) == ENCODER_SHAPE]
    masks = {
        name
        for node in view.nodes("Softmax")
        for name in view.producer(node.input[0]).input
        if not view.is_made_by(name, "MatMul")
    }
    return AlbertTensors(
        embedded=exactly_one(norms, "normalization", "the embeddings").input[0],
        mask=exactly_one(sorted(masks), "mask", "the attention"),
        context=exactly_one(products, "product", "the end of ALBERT").input[0],
    )


def static_albert(
    model: onnx.ModelProto, tensors: AlbertTensors, symbols: FloatArray, positions: FloatArray
) -> onnx.ModelProto:
    """Return ALBERT of the float graph `model` with fixed shapes and the inputs `ONE_HOT_INPUT` and `MASK_INPUT`.

    The embedding of a token is the sum of a row of `symbols` [symbols, 128] and one of `positions` [tokens, 128].
    Raises `GraphMismatch`.
    """
    size = len(positions)
    part = cut(model, {tensors.embedded: [1, size, EMBEDDED_WIDTH], tensors.mask: [1, 1, 1, size]}, [tensors.context])
    constants = {
        "symbols": symbols,
        "positions": positions[None],
        **{item.name: numpy_helper.to_array(item) for item in part.graph.initializer},
    }
    nodes = [
        helper.make_node("MatMul", [ONE_HOT_INPUT, "symbols"], ["symbol"], "symbol"),
        helper.make_node("Add", ["symbol", "positions"], [tensors.embedded], "embedded"),
        *(standard for node in part.graph.node for standard in _to_standard(node)),
    ]
    graph = helper.make_graph(
        nodes,
        "albert",
        [float_tensor(ONE_HOT_INPUT, [1, size, len(symbols)]), float_tensor(tensors.mask, [1, 1, 1, size])],
        [helper.make_empty_tensor_value_info(tensors.context)],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    static = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    return rename(_fold_constants(static), {tensors.mask: MASK_INPUT, tensors.context: CONTEXT})


def _to_standard(node: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
    """Yield standard ONNX operators for an operator of ONNX Runtime."""
    (output,) = node.output
    inner = f"{output}_sum"
    if node.op_type == "FastGelu":
        yield helper.make_node("Add", list(node.input), [inner], f"{node.name}_sum")
        yield helper.make_node("Gelu", [inner], [output], node.name, approximate="tanh")
    elif node.op_type == "SkipLayerNormalization":
        yield helper.make_node("Add", list(node.input[:2]), [inner], f"{node.name}_sum")
        epsilon, inputs = helper.get_node_attr_value(node, "epsilon"), [inner, *node.input[2:]]
        yield helper.make_node("LayerNormalization", inputs, [output], node.name, axis=-1, epsilon=epsilon)
    elif node.domain:
        raise GraphMismatch(f"ALBERT has an unknown operator: {node.op_type} ({node.name})")
    else:
        yield node


def _fold_constants(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model`, which has fixed shapes, without the nodes that compute shapes."""
    inferred = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    shapes = {item.name: shape_of(item) for item in (*inferred.graph.input, *inferred.graph.value_info)}
    constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type == "Shape":
            constants[node.output[0]] = np.array(shapes[node.input[0]], dtype=np.int64)
        elif constants.keys() >= set(node.input):
            (array,) = ReferenceEvaluator(node).run(None, {name: constants[name] for name in node.input})
            constants[node.output[0]] = np.asarray(array)
        else:
            nodes.append(node)
    tensors = (numpy_helper.from_array(array, name) for name, array in constants.items())
    return rebuild(model, nodes, outputs=inferred.graph.output, constants=only_used(tensors, nodes))
