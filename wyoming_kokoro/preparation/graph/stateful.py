"""The vocoder that remembers: windows without context.

A window of the plain vocoder must be given 8 frames of context on each side, which are decoded and thrown
away: of a window of 24 frames only 8 are heard. Here every convolution carries, from one run to the next, the
last of its inputs that its next outputs need, and every sum carries what one branch is ahead of the other.
Each frame is then decoded once. The outputs lag behind the inputs by the right half of the receptive field,
and taken together they equal one pass over the whole utterance: at the beginning each convolution carries
just the zeros of its own left padding.

Time is the last axis of every tensor. A tensor is described by how far it has come when N input frames have
been fed: `rate * N - lag` positions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.manifest import BEGIN_INPUT, NEXT_SUFFIX, StateTensor

LATEST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class TimeExtent:
    """A tensor in time: it has come to `rate * N - lag` when N frames of the input have been fed."""

    rate: int
    lag: int
    channels: int


def make_stateful(
    model: onnx.ModelProto, inputs: dict[str, TimeExtent]
) -> tuple[onnx.ModelProto, list[StateTensor], TimeExtent]:
    """Return `model` rewritten to remember, what it carries, and the extent of its only output.

    `model` is a window vocoder with time as the last axis of its `inputs`. Outputs named like a carried input
    with `NEXT` behind it are to be fed as that input in the next run. Raises `GraphMismatch`.
    """
    rewriter = _Rewriter(model.graph, inputs)
    rewriter.rewrite()
    states = rewriter.carried
    (output,) = model.graph.output
    graph = helper.make_graph(
        rewriter.nodes,
        model.graph.name,
        [
            *model.graph.input,
            helper.make_tensor_value_info(BEGIN_INPUT, TensorProto.INT64, [1]),
            *(_value(item.name, item.channels) for item in states),
        ],
        [output, *(_value(item.name + NEXT_SUFFIX, item.channels) for item in states)],
        [*model.graph.initializer, *rewriter.constants],
    )
    rewritten = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    return rewritten, states, rewriter.extents[output.name]


def _value(name: str, channels: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, 1, None])


class _Rewriter:
    """Walks a vocoder graph once, from inputs to outputs, and builds the graph that remembers."""

    def __init__(self, graph: onnx.GraphProto, inputs: dict[str, TimeExtent]) -> None:
        self.carried: list[StateTensor] = []
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.extents = dict(inputs)
        self._weights = {item.name: list(item.dims) for item in graph.initializer}
        self._graph = graph

    def rewrite(self) -> None:
        handlers: dict[str, Callable[[onnx.NodeProto], None]] = {
            "Conv": self._convolution,
            "ConvTranspose": self._transposed,
            "Add": self._aligned,
            "Mul": self._aligned,
            "Pad": self._reflected,
        }
        for node in self._graph.node:
            timed = [name for name in node.input if name in self.extents]
            if not timed:
                self.nodes.append(node)
            elif len(timed) > 1 or node.op_type in ("Conv", "ConvTranspose", "Pad"):
                handlers.get(node.op_type, self._unknown)(node)
            else:
                self._follow(node, timed[0])

    def _unknown(self, node: onnx.NodeProto) -> None:
        raise GraphMismatch(f"a vocoder that carries its state cannot hold {node.op_type} ({node.name})")

    def _follow(self, node: onnx.NodeProto, source: str) -> None:
        """Pass on a node that works on each position by itself."""
        self.nodes.append(node)
        self.extents[node.output[0]] = self.extents[source]

    def _convolution(self, node: onnx.NodeProto) -> None:
        source, extent = node.input[0], self.extents[node.input[0]]
        attributes = _attributes(node)
        kernel, stride = attributes["kernel_shape"][-1], attributes.get("strides", [1, 1])[-1]
        span = (kernel - 1) * attributes.get("dilations", [1, 1])[-1] + 1
        left = attributes.get("pads", [0, 0, 0, 0])[1]
        if extent.rate % stride:
            raise GraphMismatch(f"the stride of {node.name} does not divide the rate of its input")
        lag = -((left - span - extent.lag) // stride + 1)
        kept = -extent.lag + stride * lag + left
        joined = self._carry(source, begin=left, keep=kept)
        self._replace(node, [joined, *node.input[1:]], pads=[0, 0, 0, 0])
        channels = self._weights[node.input[1]][0]
        self.extents[node.output[0]] = TimeExtent(extent.rate // stride, lag, channels)

    def _transposed(self, node: onnx.NodeProto) -> None:
        source, extent = node.input[0], self.extents[node.input[0]]
        attributes = _attributes(node)
        kernel, stride = attributes["kernel_shape"][-1], attributes["strides"][-1]
        left = attributes.get("pads", [0, 0, 0, 0])[1]
        if kernel > 2 * stride:
            raise GraphMismatch(f"the kernel of {node.name} is longer than two strides")
        joined = self._carry(source, begin=0, keep=1)
        whole = f"{node.output[0]}_whole"
        self._replace(node, [joined, *node.input[1:]], outputs=[whole], pads=[0, 0, 0, 0])
        # Complete are the positions from the second carried frame on; in the first run from the padding on.
        first = self._scalar(f"{node.output[0]}_first", at_begin=left, later=stride)
        last = self._constant(f"{node.output[0]}_last", [stride - kernel] if kernel > stride else [LATEST])
        self._slice(whole, first, last, node.output[0])
        channels = self._weights[node.input[1]][1]
        self.extents[node.output[0]] = TimeExtent(extent.rate * stride, extent.lag * stride + left, channels)

    def _reflected(self, node: onnx.NodeProto) -> None:
        source, extent = node.input[0], self.extents[node.input[0]]
        one = self._constant("carry_one", [1])
        end = self._scalar(f"{node.output[0]}_end", at_begin=2, later=1)
        mirrored = f"{node.output[0]}_mirrored"
        self._slice(source, one, end, mirrored)
        self.nodes.append(helper.make_node("Concat", [mirrored, source], list(node.output), axis=-1))
        self.extents[node.output[0]] = TimeExtent(extent.rate, extent.lag - 1, extent.channels)

    def _aligned(self, node: onnx.NodeProto) -> None:
        """Let the branch that is ahead wait for the other."""
        extents = [self.extents[name] for name in node.input]
        if len({extent.rate for extent in extents}) != 1:
            raise GraphMismatch(f"{node.name} adds tensors of different rates")
        lag = max(extent.lag for extent in extents)
        names = [self._delayed(name, lag - extent.lag) for name, extent in zip(node.input, extents, strict=True)]
        self._replace(node, names)
        self.extents[node.output[0]] = TimeExtent(extents[0].rate, lag, extents[0].channels)

    def _delayed(self, source: str, positions: int) -> str:
        if positions == 0:
            return source
        joined = self._carry(source, begin=0, keep=positions)
        delayed = f"{joined}_delayed"
        self._slice(
            joined,
            self._constant("carry_zero", [0]),
            self._constant(f"carry_{-positions}", [-positions]),
            delayed,
        )
        return delayed

    def _carry(self, source: str, begin: int, keep: int) -> str:
        """Put what the last run left before `source`, leave its last `keep` positions, return the whole."""
        if begin == keep == 0:
            return source
        item = StateTensor(f"carried_{len(self.carried)}", self.extents[source].channels, begin, keep)
        joined = f"{item.name}_joined"
        self.nodes.append(helper.make_node("Concat", [item.name, source], [joined], axis=-1))
        self._slice(
            joined,
            self._constant(f"carry_{-keep}", [-keep]),
            self._constant("carry_latest", [LATEST]),
            f"{item.name}{NEXT_SUFFIX}",
        )
        self.carried.append(item)
        return joined

    def _slice(self, source: str, start: str, end: str, output: str) -> None:
        axes = self._constant("carry_axis", [-1])
        self.nodes.append(helper.make_node("Slice", [source, start, end, axes], [output]))

    def _scalar(self, name: str, at_begin: int, later: int) -> str:
        """Return a number that is one in the first run of an utterance and another later."""
        step = self._constant(f"{name}_step", [at_begin - later])
        rest = self._constant(f"{name}_rest", [later])
        self.nodes.append(helper.make_node("Mul", [BEGIN_INPUT, step], [f"{name}_product"]))
        self.nodes.append(helper.make_node("Add", [f"{name}_product", rest], [name]))
        return name

    def _constant(self, name: str, values: list[int]) -> str:
        if all(constant.name != name for constant in self.constants):
            self.constants.append(numpy_helper.from_array(np.array(values, dtype=np.int64), name))
        return name

    def _replace(
        self,
        node: onnx.NodeProto,
        inputs: list[str],
        outputs: list[str] | None = None,
        pads: list[int] | None = None,
    ) -> None:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        del copy.input[:], copy.output[:]
        copy.input.extend(inputs)
        copy.output.extend(outputs or node.output)
        for attribute in copy.attribute:
            if attribute.name == "pads" and pads is not None:
                del attribute.ints[:]
                attribute.ints.extend(pads)
        self.nodes.append(copy)


def _attributes(node: onnx.NodeProto) -> dict[str, list[int]]:
    return {item.name: list(item.ints) for item in node.attribute if item.ints}
