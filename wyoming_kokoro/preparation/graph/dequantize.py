"""Converts int8 and float16 models to float32, so that the other modules handle one form only.

The int8 file is quantized dynamically. Each convolution and matrix product is a chain
`DynamicQuantizeLinear, ConvInteger, [Add bias], Cast, Mul scale`, and LSTMs use an operator of ONNX Runtime.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.preparation.graph.view import GraphView, exactly_one, needed_nodes, only_used, other_input, rebuild
from wyoming_kokoro.types import FloatArray

INTEGER = {"ConvInteger": "Conv", "MatMulInteger": "MatMul"}
LSTM = "DynamicQuantizeLSTM"
# The quantizer appended this to the names of nodes.
QUANTIZED_SUFFIX = "_quant"


def dequantize(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy of `model` in float32. Raises `GraphMismatch`."""
    dequantizer = _Dequantizer(model.graph)
    nodes = needed_nodes(dequantizer.float_nodes(), [item.name for item in model.graph.output])
    constants = only_used((*model.graph.initializer, *dequantizer.weights.values()), nodes)
    float_model = rebuild(model, nodes, constants=constants)
    _widen(float_model.graph)
    return float_model


def is_quantized(graph: onnx.GraphProto) -> bool:
    """Return whether `graph` computes in int8."""
    return any(node.op_type in INTEGER for node in graph.node)


class _Dequantizer:
    def __init__(self, graph: onnx.GraphProto) -> None:
        self._view = GraphView(graph)
        self._graph = graph
        self.weights: dict[str, onnx.TensorProto] = {}

    def float_nodes(self) -> list[onnx.NodeProto]:
        """Return the nodes of the graph, with one float node in place of the last of each chain of integer nodes."""
        replacements = {}
        for node in self._graph.node:
            if node.op_type in INTEGER:
                last, float_node = self._product(node)
                replacements[last.name] = float_node
            elif node.op_type == LSTM:
                replacements[node.name] = self._lstm(node)
        return [replacements.get(node.name, node) for node in self._graph.node]

    def _product(self, node: onnx.NodeProto) -> tuple[onnx.NodeProto, onnx.NodeProto]:
        """Return the last node of a quantized product, and the float node that replaces it."""
        source = self._view.producer(node.input[0]).input[0]
        last, bias = self._follow(node)
        scale = self._view.array(self._scale(last))
        zero = self._view.array(node.input[3]) if len(node.input) > 3 else np.zeros(1)
        weights = self._view.array(node.input[1]).astype(np.float32)
        weight = self._weight(node.input[1], (weights - zero.astype(np.float32)) * scale.astype(np.float32))
        name = node.name.removesuffix(QUANTIZED_SUFFIX)
        float_node = helper.make_node(INTEGER[node.op_type], [source, weight, *bias], list(last.output), name=name)
        float_node.attribute.extend(node.attribute)
        return last, float_node

    def _follow(self, node: onnx.NodeProto) -> tuple[onnx.NodeProto, list[str]]:
        """Return the last node of the chain of `node`, and the name of its bias if it has one."""
        bias: list[str] = []
        while node.op_type != "Mul":
            (following,) = self._view.consumers(node.output[0])
            if following.op_type == "Add":
                bias.append(self._float_bias(other_input(following, node.output)))
            node = following
        return node, bias

    def _float_bias(self, name: str) -> str:
        """Return the constant from which the quantized bias `name` is computed."""
        node = self._view.producer(name)
        while node.op_type != "Div":
            node = self._view.producer(node.input[0])
        return str(node.input[0])

    def _scale(self, last: onnx.NodeProto) -> str:
        """Return the constant scale of the weights, which is multiplied with the scale of the input."""
        factors = [self._view.producer(name).input for name in last.input if self._view.is_made_by(name, "Mul")]
        scales = [name for names in factors for name in names if name in self._view.constants]
        return str(exactly_one(scales, "scale", last.name))

    def _lstm(self, node: onnx.NodeProto) -> onnx.NodeProto:
        inputs = list(node.input)
        weights = [
            self._weight(inputs[weight], self._gates(inputs[weight], inputs[scale], inputs[scale + 1]))
            for weight, scale in ((1, 8), (2, 10))
        ]
        float_node = helper.make_node("LSTM", [inputs[0], *weights, *inputs[3:8]], list(node.output), name=node.name)
        float_node.attribute.extend(node.attribute)
        return float_node

    def _gates(self, weight: str, scale: str, zero: str) -> FloatArray:
        """Return float weights [directions, gates, inputs]. Those of the quantized LSTM are transposed."""
        weights, factor, offset = (self._view.array(name).astype(np.float32) for name in (weight, scale, zero))
        factor, offset = (values.reshape(len(weights), 1, -1) for values in (factor, offset))
        return np.ascontiguousarray(((weights - offset) * factor).transpose(0, 2, 1))

    def _weight(self, name: str, values: FloatArray) -> str:
        wide = f"{name}_float"
        self.weights[wide] = numpy_helper.from_array(np.asarray(values, dtype=np.float32), wide)
        return wide


def _widen(graph: onnx.GraphProto) -> None:
    """Convert float16 constants and casts in `graph` to float32."""
    for item in graph.initializer:
        if item.data_type == TensorProto.FLOAT16:
            item.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(item).astype(np.float32), item.name))
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == TensorProto.FLOAT16:
                attribute.i = TensorProto.FLOAT
            if attribute.HasField("t") and attribute.t.data_type == TensorProto.FLOAT16:
                wide = numpy_helper.to_array(attribute.t).astype(np.float32)
                attribute.t.CopyFrom(numpy_helper.from_array(wide))
    for item in (*graph.input, *graph.output):
        if item.type.tensor_type.elem_type == TensorProto.FLOAT16:
            item.type.tensor_type.elem_type = TensorProto.FLOAT
    if any(node.op_type.endswith("Integer") for node in graph.node):
        raise GraphMismatch("some integer products have an unknown form")
