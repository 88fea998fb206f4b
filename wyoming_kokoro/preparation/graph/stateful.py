"""Makes the vocoder stateful, so that it decodes windows without context.

The plain vocoder needs 8 frames of context on each side of a window. It decodes them and discards the result: a window
of 24 frames gives 8 frames of audio. The stateful vocoder decodes each frame once. Each convolution keeps the last of
its inputs that its next outputs need, and each sum keeps the positions by which one branch is ahead of the other. These
states go from each run to the next.

The output lags behind the input by the right half of the receptive field. All outputs together equal one pass over the
whole utterance, because the first state of each convolution holds the zeros of its left padding.

Time is the last axis of every tensor. After N input frames, a tensor has `rate * N - lag` positions.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.manifest import BEGIN_INPUT, NEXT_SUFFIX, StateTensor
from wyoming_kokoro.preparation.graph.view import float_tensor, rebuild

# The end of a slice that reaches to the last position.
LAST_POSITION = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class TimeExtent:
    """The length of a tensor in time: `rate * N - lag` positions after N input frames."""

    rate: int
    lag: int
    channels: int


def make_stateful(
    model: onnx.ModelProto, inputs: dict[str, TimeExtent]
) -> tuple[onnx.ModelProto, list[StateTensor], TimeExtent]:
    """Return the stateful form of `model`, its states, and the extent of its only output.

    Time is the last axis of the `inputs`. Each output `x_next` must be fed as the input `x` in the next run. Raises
    `GraphMismatch`.
    """
    rewriter = _Rewriter(model.graph, inputs)
    states = rewriter.states
    (output,) = model.graph.output
    begin = helper.make_tensor_value_info(BEGIN_INPUT, TensorProto.INT64, [1])
    before, after = (
        [float_tensor(item.name + suffix, [1, item.channels, 1, None]) for item in states]
        for suffix in ("", NEXT_SUFFIX)
    )
    stateful = rebuild(
        model,
        rewriter.nodes,
        inputs=[*model.graph.input, begin, *before],
        outputs=[output, *after],
        constants=[*model.graph.initializer, *rewriter.constants],
    )
    return stateful, states, rewriter.extents[output.name]


class _Rewriter:
    """The parts of the stateful graph, built from the nodes of a vocoder in order."""

    def __init__(self, graph: onnx.GraphProto, inputs: dict[str, TimeExtent]) -> None:
        self.states: list[StateTensor] = []
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.extents = dict(inputs)
        self._weights = {item.name: list(item.dims) for item in graph.initializer}
        handlers: dict[str, Callable[[onnx.NodeProto], None]] = {
            "Conv": self._convolution,
            "ConvTranspose": self._transposed_convolution,
            "Add": self._combine,
            "Mul": self._combine,
            "Pad": self._reflection_padding,
        }
        for node in graph.node:
            in_time = [name for name in node.input if name in self.extents]
            if len(in_time) > 1 or (in_time and node.op_type in ("Conv", "ConvTranspose", "Pad")):
                if node.op_type not in handlers:
                    raise GraphMismatch(f"an operator of the vocoder cannot be stateful: {node.op_type} ({node.name})")
                handlers[node.op_type](node)
                continue
            self.nodes.append(node)
            # A node with one input in time computes each position independently.
            if in_time:
                self.extents[node.output[0]] = self.extents[in_time[0]]

    def _convolution(self, node: onnx.NodeProto) -> None:
        source, extent = node.input[0], self.extents[node.input[0]]
        attributes = _attributes(node)
        kernel, stride = attributes["kernel_shape"][-1], attributes.get("strides", [1, 1])[-1]
        span = (kernel - 1) * attributes.get("dilations", [1, 1])[-1] + 1
        left = attributes.get("pads", [0, 0, 0, 0])[1]
        if extent.rate % stride:
            raise GraphMismatch(f"the stride of {node.name} does not divide the rate of its input")
        # An output position is complete when all positions of its span have arrived.
        lag = -((left - span - extent.lag) // stride + 1)
        kept = -extent.lag + stride * lag + left
        joined = self._add_state(source, begin=left, keep=kept)
        self._replace(node, [joined, *node.input[1:]], node.output[0])
        self.extents[node.output[0]] = TimeExtent(extent.rate // stride, lag, self._weights[node.input[1]][0])

    def _transposed_convolution(self, node: onnx.NodeProto) -> None:
        source, extent = node.input[0], self.extents[node.input[0]]
        attributes = _attributes(node)
        kernel, stride = attributes["kernel_shape"][-1], attributes["strides"][-1]
        left = attributes.get("pads", [0, 0, 0, 0])[1]
        if kernel > 2 * stride:
            raise GraphMismatch(f"the kernel of {node.name} is longer than two strides")
        joined = self._add_state(source, begin=0, keep=1)
        untrimmed = f"{node.output[0]}_whole"
        self._replace(node, [joined, *node.input[1:]], untrimmed)
        # The positions of the kept input were complete in the last run. In the first run, only the padding is cut off.
        first = self._run_dependent(f"{node.output[0]}_first", at_begin=left, later=stride)
        last = self._constant(f"{node.output[0]}_last", [stride - kernel] if kernel > stride else [LAST_POSITION])
        self._slice(untrimmed, first, last, node.output[0])
        channels = self._weights[node.input[1]][1]
        self.extents[node.output[0]] = TimeExtent(extent.rate * stride, extent.lag * stride + left, channels)

    def _reflection_padding(self, node: onnx.NodeProto) -> None:
        source, extent = node.input[0], self.extents[node.input[0]]
        one = self._constant("carry_one", [1])
        end = self._run_dependent(f"{node.output[0]}_end", at_begin=2, later=1)
        mirrored = f"{node.output[0]}_mirrored"
        self._slice(source, one, end, mirrored)
        self.nodes.append(helper.make_node("Concat", [mirrored, source], list(node.output), axis=-1))
        self.extents[node.output[0]] = TimeExtent(extent.rate, extent.lag - 1, extent.channels)

    def _combine(self, node: onnx.NodeProto) -> None:
        """Delay the branch that is ahead of the other."""
        extents = [self.extents[name] for name in node.input]
        if len({extent.rate for extent in extents}) != 1:
            raise GraphMismatch(f"{node.name} combines tensors of different rates")
        lag = max(extent.lag for extent in extents)
        names = [self._delay(name, lag - extent.lag) for name, extent in zip(node.input, extents, strict=True)]
        self._replace(node, names, node.output[0])
        self.extents[node.output[0]] = TimeExtent(extents[0].rate, lag, extents[0].channels)

    def _delay(self, source: str, positions: int) -> str:
        """Return a tensor that lags `positions` more than `source`."""
        if positions == 0:
            return source
        joined = self._add_state(source, begin=0, keep=positions)
        delayed = f"{joined}_delayed"
        start, end = self._constant("carry_zero", [0]), self._constant(f"carry_{-positions}", [-positions])
        self._slice(joined, start, end, delayed)
        return delayed

    def _add_state(self, source: str, begin: int, keep: int) -> str:
        """Return `source` with the state of the last run before it. Its last `keep` positions are the next state."""
        if begin == keep == 0:
            return source
        state = StateTensor(f"carried_{len(self.states)}", self.extents[source].channels, begin, keep)
        joined = f"{state.name}_joined"
        self.nodes.append(helper.make_node("Concat", [state.name, source], [joined], axis=-1))
        start, end = self._constant(f"carry_{-keep}", [-keep]), self._constant("carry_latest", [LAST_POSITION])
        self._slice(joined, start, end, f"{state.name}{NEXT_SUFFIX}")
        self.states.append(state)
        return joined

    def _slice(self, source: str, start: str, end: str, output: str) -> None:
        axes = self._constant("carry_axis", [-1])
        self.nodes.append(helper.make_node("Slice", [source, start, end, axes], [output]))

    def _run_dependent(self, name: str, at_begin: int, later: int) -> str:
        """Return a number that is `at_begin` in the first run of an utterance and `later` in later runs."""
        step = self._constant(f"{name}_step", [at_begin - later])
        rest = self._constant(f"{name}_rest", [later])
        self.nodes.append(helper.make_node("Mul", [BEGIN_INPUT, step], [f"{name}_product"]))
        self.nodes.append(helper.make_node("Add", [f"{name}_product", rest], [name]))
        return name

    def _constant(self, name: str, values: list[int]) -> str:
        if all(constant.name != name for constant in self.constants):
            self.constants.append(numpy_helper.from_array(np.array(values, dtype=np.int64), name))
        return name

    def _replace(self, node: onnx.NodeProto, inputs: list[str], output: str) -> None:
        """Add a copy of `node` with these tensors and without padding, which the states contain."""
        copy = deepcopy(node)
        copy.input[:], copy.output[:] = inputs, [output]
        for attribute in copy.attribute:
            if attribute.name == "pads":
                attribute.ints[:] = [0, 0, 0, 0]
        self.nodes.append(copy)


def _attributes(node: onnx.NodeProto) -> dict[str, list[int]]:
    return {item.name: list(item.ints) for item in node.attribute if item.ints}
