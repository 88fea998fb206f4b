"""Quantizes convolutions to int8 with measured ranges.

With frozen AdaIN, the range of each activation of the vocoder hardly depends on voice and sentence. ONNX Runtime fuses
each quantized convolution, with the quantizers around it, into one integer convolution.
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
from wyoming_kokoro.preparation.graph.view import GraphView, only_used, rebuild
from wyoming_kokoro.types import FloatArray

LEVELS = 255
MAX_QUANTIZED = 127
# The scale of a channel with zero weights only.
MIN_SCALE = 1e-10


@dataclass(frozen=True, slots=True)
class Range:
    """The range of a tensor's values. Values outside are clipped."""

    low: float
    high: float

    @property
    def scale(self) -> float:
        """The difference between two levels."""
        return (max(self.high, 0.0) - min(self.low, 0.0)) / LEVELS

    @property
    def zero(self) -> int:
        """The level of the value 0."""
        return round(-min(self.low, 0.0) / self.scale)


@dataclass(frozen=True, slots=True)
class Ranges:
    """The ranges of one convolution's input and output."""

    input: Range
    output: Range


def read_ranges(content: bytes) -> dict[str, Ranges]:
    """Return the ranges by the names of convolutions, from the JSON of `tools/data/make_ranges.py`."""
    return msgspec.json.decode(content, type=dict[str, Ranges])


def quantize(model: onnx.ModelProto, ranges: Mapping[str, Ranges]) -> onnx.ModelProto:
    """Return `model` with the convolutions named in `ranges` in int8.

    Raises `GraphMismatch` when a name is not that of a convolution with constant weights.
    """
    view = GraphView(model.graph)
    missing = ranges.keys() - {node.name for node in view.nodes("Conv")}
    if missing:
        raise GraphMismatch(f"convolutions missing in the vocoder: {', '.join(sorted(missing)[:3])}")
    quantizer = _Quantizer(view)
    for node in model.graph.node:
        if node.name in ranges:
            quantizer.add_int8(node, ranges[node.name])
        else:
            quantizer.nodes.append(node)
    constants = only_used((*model.graph.initializer, *quantizer.constants), quantizer.nodes)
    return rebuild(model, quantizer.nodes, constants=constants)


class _Quantizer:
    def __init__(self, view: GraphView) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._view = view

    def add_int8(self, node: onnx.NodeProto, ranges: Ranges) -> None:
        """Add the convolution `node` with quantizers before and after it."""
        name, (source, weight, *bias) = node.name, node.input
        array = self._view.array(weight).astype(np.float32)
        scales = np.maximum(np.abs(array).reshape(len(array), -1).max(axis=1) / MAX_QUANTIZED, MIN_SCALE)
        shape = (-1, *[1] * (array.ndim - 1))
        self._constant(f"{name}_weight", np.rint(array / scales.reshape(shape)).astype(np.int8))
        self._dequantize(f"{name}_weight", scales, np.zeros(len(scales), dtype=np.int8))
        self._quantize(source, f"{name}_input", ranges.input, f"{name}_input_float")
        inputs = [f"{name}_input_float", f"{name}_weight_float"]
        if bias:
            scales = np.maximum(scales * ranges.input.scale, MIN_SCALE)
            self._constant(f"{name}_bias", np.rint(self._view.array(bias[0]) / scales).astype(np.int32))
            self._dequantize(f"{name}_bias", scales, np.zeros(len(scales), dtype=np.int32))
            inputs.append(f"{name}_bias_float")
        convolution = helper.make_node("Conv", inputs, [f"{name}_result"], name=name)
        convolution.attribute.extend(node.attribute)
        self.nodes.append(convolution)
        self._quantize(f"{name}_result", f"{name}_output", ranges.output, node.output[0])

    def _quantize(self, source: str, name: str, values: Range, target: str) -> None:
        """Add a quantizer and a dequantizer from the tensor `source` to the tensor `target`."""
        self._constant(f"{name}_scale", np.float32(values.scale))
        self._constant(f"{name}_zero", np.uint8(values.zero))
        parameters = [f"{name}_scale", f"{name}_zero"]
        self.nodes.append(helper.make_node("QuantizeLinear", [source, *parameters], [f"{name}_levels"]))
        self.nodes.append(helper.make_node("DequantizeLinear", [f"{name}_levels", *parameters], [target]))

    def _dequantize(self, name: str, scales: FloatArray, zeros: npt.NDArray[np.integer]) -> None:
        """Add a dequantizer from the constant `name` to `name_float`, with one scale for each channel."""
        self._constant(f"{name}_steps", scales.astype(np.float32))
        self._constant(f"{name}_zeros", zeros)
        inputs = [name, f"{name}_steps", f"{name}_zeros"]
        self.nodes.append(helper.make_node("DequantizeLinear", inputs, [f"{name}_float"], axis=0))

    def _constant(self, name: str, array: npt.NDArray[np.generic] | np.generic) -> None:
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
