"""Convolutions in int8, with ranges that were measured beforehand.

With AdaIN frozen, every activation of the vocoder stays within a range that voices and sentences hardly change. ONNX
Runtime makes one integer convolution of each pattern of quantisers that is written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.preparation.graph.view import GraphView

LEVELS = 255
MAX_QUANTIZED = 127
MIN_SCALE = 1e-10
"""The step of a channel whose weights are all 0."""


@dataclass(frozen=True, slots=True)
class Range:
    """What a tensor's values lie between; those beyond are limited."""

    low: float
    high: float

    @property
    def scale(self) -> float:
        """The step from one level to the next."""
        return (max(self.high, 0.0) - min(self.low, 0.0)) / LEVELS

    @property
    def zero(self) -> int:
        """The level of 0."""
        return round(-min(self.low, 0.0) / self.scale)


@dataclass(frozen=True, slots=True)
class Ranges:
    """The ranges of one convolution's input and output."""

    input: Range
    output: Range


def read_ranges(content: bytes) -> dict[str, Ranges]:
    """Return the ranges by the convolution's name, from the JSON that `tools/data/make_ranges.py` writes."""
    return msgspec.json.decode(content, type=dict[str, Ranges])


def quantize(model: onnx.ModelProto, ranges: Mapping[str, Ranges]) -> onnx.ModelProto:
    """Return `model` with the convolutions that `ranges` names in int8.

    Raises `GraphMismatch` when a name is not that of a convolution with constant weights.
    """
    quantizer = _Quantizer(GraphView(model.graph))
    for node in model.graph.node:
        if node.op_type == "Conv" and node.name in ranges:
            quantizer.add_int8(node, ranges[node.name])
        else:
            quantizer.nodes.append(node)
    missing = set(ranges) - quantizer.names
    if missing:
        raise GraphMismatch(f"the vocoder has no convolutions {', '.join(sorted(missing)[:3])}")
    used = {name for node in quantizer.nodes for name in node.input}
    constants = [item for item in (*model.graph.initializer, *quantizer.constants) if item.name in used]
    graph = helper.make_graph(
        quantizer.nodes, model.graph.name, list(model.graph.input), list(model.graph.output), constants
    )
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


class _Quantizer:
    def __init__(self, view: GraphView) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.names: set[str] = set()
        self._view = view

    def add_int8(self, node: onnx.NodeProto, ranges: Ranges) -> None:
        """Add the convolution `node` between quantisers."""
        name, (source, weight, *bias) = node.name, node.input
        self.names.add(name)
        array = self._view.array(weight).astype(np.float32)
        steps = np.maximum(np.abs(array).reshape(len(array), -1).max(axis=1) / MAX_QUANTIZED, MIN_SCALE)
        shape = (-1, *[1] * (array.ndim - 1))
        self._constant(f"{name}_weight", np.rint(array / steps.reshape(shape)).astype(np.int8))
        self._dequantize(f"{name}_weight", steps, np.zeros(len(steps), dtype=np.int8))
        self._through(source, f"{name}_input", ranges.input, f"{name}_input_float")
        inputs = [f"{name}_input_float", f"{name}_weight_float"]
        if bias:
            steps = np.maximum(steps * ranges.input.scale, MIN_SCALE)
            self._constant(f"{name}_bias", np.rint(self._view.array(bias[0]) / steps).astype(np.int32))
            self._dequantize(f"{name}_bias", steps, np.zeros(len(steps), dtype=np.int32))
            inputs.append(f"{name}_bias_float")
        convolution = helper.make_node("Conv", inputs, [f"{name}_result"], name=name)
        convolution.attribute.extend(node.attribute)
        self.nodes.append(convolution)
        self._through(f"{name}_result", f"{name}_output", ranges.output, node.output[0])

    def _through(self, source: str, name: str, values: Range, target: str) -> None:
        """Add a quantiser and its inverse, from `source` to `target`."""
        self._constant(f"{name}_scale", np.float32(values.scale))
        self._constant(f"{name}_zero", np.uint8(values.zero))
        parameters = [f"{name}_scale", f"{name}_zero"]
        self.nodes.append(helper.make_node("QuantizeLinear", [source, *parameters], [f"{name}_levels"]))
        self.nodes.append(helper.make_node("DequantizeLinear", [f"{name}_levels", *parameters], [target]))

    def _dequantize(self, name: str, steps: npt.NDArray[np.float32], zeros: npt.NDArray[np.integer]) -> None:
        """Add what turns the constant `name` into `name_float`, with a step for each channel."""
        self._constant(f"{name}_steps", steps.astype(np.float32))
        self._constant(f"{name}_zeros", zeros)
        inputs = [name, f"{name}_steps", f"{name}_zeros"]
        self.nodes.append(helper.make_node("DequantizeLinear", inputs, [f"{name}_float"], axis=0))

    def _constant(self, name: str, array: npt.NDArray[np.generic] | np.generic) -> None:
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
