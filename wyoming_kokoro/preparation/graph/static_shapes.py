"""The vocoder for windows of one size: every shape is known beforehand, as accelerators want it.

The vocoder that remembers takes windows of any size, and its first run differs from the later ones in a few shapes.
Here it becomes two graphs of fixed shapes: one that begins an utterance and one that continues it. What is carried
travels in one tensor for each number of channels, since each tensor that crosses to an accelerator costs time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.manifest import BEGIN_INPUT, NEXT_SUFFIX, StateTensor, pack_states
from wyoming_kokoro.preparation.graph.view import float_tensor, rename
from wyoming_kokoro.types import Array

Shapes = Mapping[str, Sequence[int]]


def static_beginning(model: onnx.ModelProto, carried: Sequence[StateTensor], inputs: Shapes) -> onnx.ModelProto:
    """Return the remembering vocoder `model` for the first window of an utterance, in fixed shapes.

    `inputs` are the shapes of all its inputs but `BEGIN_INPUT` and what is `carried`, which the result does not take;
    it gives `state_CHANNELS_next`. Raises `GraphMismatch` when the window is too short to fill what is carried.
    """
    silence = {item.name: np.zeros((1, item.channels, 1, item.begin), dtype=np.float32) for item in carried}
    settled = _settled(model, {BEGIN_INPUT: np.array([1]), **silence})
    return _joined(_shaped(settled, inputs), carried)


def static_vocoder(model: onnx.ModelProto, carried: Sequence[StateTensor], inputs: Shapes) -> onnx.ModelProto:
    """Return the remembering vocoder `model` for every later window, in fixed shapes.

    `inputs` are the shapes of all its inputs but `BEGIN_INPUT` and what is `carried`. The result's outputs
    `state_CHANNELS_next` are fed as `state_CHANNELS` in the next run. Raises `GraphMismatch`.
    """
    settled = _settled(model, {BEGIN_INPUT: np.array([0])})
    shapes = {**inputs, **{item.name: [1, item.channels, 1, item.kept] for item in carried}}
    return _parted(_joined(_shaped(settled, shapes), carried), carried)


def _settled(model: onnx.ModelProto, known: Mapping[str, Array]) -> onnx.ModelProto:
    """Return `model` with the inputs that are `known`, and the numbers that follow from them, as constants.

    What is empty then is left out of the concatenations.
    """
    constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer} | dict(known)
    empty = {name for name, array in constants.items() if not array.size}
    nodes, names = [], dict[str, str]()
    for node in model.graph.node:
        if node.op_type in ("Mul", "Add") and constants.keys() >= set(node.input):
            left, right = (constants[name] for name in node.input)
            constants[node.output[0]] = left * right if node.op_type == "Mul" else left + right
        elif node.op_type == "Slice" and constants[node.input[1]] == constants[node.input[2]]:
            empty.add(node.output[0])
        elif node.op_type == "Concat" and not empty.isdisjoint(node.input):
            (names[node.output[0]],) = (name for name in node.input if name not in empty)
        else:
            nodes.append(node)
    used = {names.get(name, name) for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        model.graph.name,
        [item for item in model.graph.input if item.name not in known],
        list(model.graph.output),
        [numpy_helper.from_array(array, name) for name, array in constants.items() if name in used],
    )
    return rename(_model(graph, model), names)


def _shaped(model: onnx.ModelProto, inputs: Shapes) -> onnx.ModelProto:
    """Return `model` with `inputs` of these shapes, and outputs of those that follow."""
    if {item.name for item in model.graph.input} != set(inputs):
        raise GraphMismatch("windows of one size need the shape of every input")
    graph = helper.make_graph(
        list(model.graph.node),
        model.graph.name,
        [float_tensor(name, list(shape)) for name, shape in inputs.items()],
        [helper.make_empty_tensor_value_info(item.name) for item in model.graph.output],
        list(model.graph.initializer),
    )
    try:
        inferred = shape_inference.infer_shapes(_model(graph, model), strict_mode=True)
    except shape_inference.InferenceError as error:
        raise GraphMismatch(f"the window is too short, or its shapes do not fit: {error}") from None
    del graph.output[:]
    graph.output.extend(inferred.graph.output)
    return _model(graph, model)


def _joined(model: onnx.ModelProto, carried: Sequence[StateTensor]) -> onnx.ModelProto:
    """Return `model` with what it leaves to the next run in one output for each number of channels."""
    _check(model, carried)
    graph = onnx.GraphProto()
    graph.CopyFrom(model.graph)
    kept = [item for item in graph.output if not item.name.endswith(NEXT_SUFFIX)]
    del graph.output[:]
    graph.output.extend(kept)
    names = dict[str, str]()
    for name, shape, group in pack_states(carried):
        parts = [item.name + NEXT_SUFFIX for item in group]
        graph.output.append(float_tensor(name + NEXT_SUFFIX, shape))
        if len(parts) > 1:
            graph.node.append(helper.make_node("Concat", parts, [name + NEXT_SUFFIX], f"{name}_join", axis=-1))
        else:
            names[parts[0]] = name + NEXT_SUFFIX
    return rename(_model(graph, model), names)


def _parted(model: onnx.ModelProto, carried: Sequence[StateTensor]) -> onnx.ModelProto:
    """Return `model` with what it takes from the last run in one input for each number of channels."""
    single = {item.name for item in carried}
    nodes, sizes, inputs, names = [], [], [], dict[str, str]()
    for name, shape, group in pack_states(carried):
        parts = [item.name for item in group]
        inputs.append(float_tensor(name, shape))
        if len(parts) > 1:
            lengths = np.array([item.kept for item in group], dtype=np.int64)
            sizes.append(numpy_helper.from_array(lengths, f"{name}_lengths"))
            nodes.append(helper.make_node("Split", [name, sizes[-1].name], parts, f"{name}_part", axis=-1))
        else:
            names[parts[0]] = name
    graph = helper.make_graph(
        [*nodes, *model.graph.node],
        model.graph.name,
        [*(item for item in model.graph.input if item.name not in single), *inputs],
        list(model.graph.output),
        [*model.graph.initializer, *sizes],
    )
    return rename(_model(graph, model), names)


def _check(model: onnx.ModelProto, carried: Sequence[StateTensor]) -> None:
    lengths = {item.name: item.type.tensor_type.shape.dim[-1].dim_value for item in model.graph.output}
    short = [item.name for item in carried if lengths[item.name + NEXT_SUFFIX] != item.kept]
    if short:
        raise GraphMismatch(f"the window is too short to fill {', '.join(short[:3])}")


def _model(graph: onnx.GraphProto, like: onnx.ModelProto) -> onnx.ModelProto:
    return helper.make_model(graph, opset_imports=like.opset_import, ir_version=like.ir_version)
