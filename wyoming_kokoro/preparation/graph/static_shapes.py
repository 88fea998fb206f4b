"""Converts the stateful vocoder to fixed shapes for accelerators.

The stateful vocoder takes windows of any size, and some shapes of its first run differ from those of later runs. It is
converted to two graphs: one for the first window of an utterance and one for later windows. The states are packed into
one tensor for each number of channels, because each tensor that goes to an accelerator takes time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.manifest import BEGIN_INPUT, NEXT_SUFFIX, StateTensor, pack_states
from wyoming_kokoro.preparation.graph.view import float_tensor, only_used, rebuild, rename, shape_of
from wyoming_kokoro.types import Array

Shapes = Mapping[str, Sequence[int]]


def static_beginning(model: onnx.ModelProto, states: Sequence[StateTensor], inputs: Shapes) -> onnx.ModelProto:
    """Return the stateful vocoder `model` for the first window of an utterance, in fixed shapes.

    `inputs` are the shapes of its inputs except `BEGIN_INPUT` and `states`, which the result does not have. Its outputs
    have the names `state_CHANNELS_next`. Raises `GraphMismatch` when the window is too short to fill the states.
    """
    zeros = {item.name: np.zeros((1, item.channels, 1, item.begin), dtype=np.float32) for item in states}
    first = _fix_inputs(model, {BEGIN_INPUT: np.array([1]), **zeros})
    return _pack_outputs(_set_shapes(first, inputs), states)


def static_vocoder(model: onnx.ModelProto, states: Sequence[StateTensor], inputs: Shapes) -> onnx.ModelProto:
    """Return the stateful vocoder `model` for the later windows, in fixed shapes.

    `inputs` are the shapes of its inputs except `BEGIN_INPUT` and `states`. The outputs `state_CHANNELS_next` must be
    fed as `state_CHANNELS` in the next run. Raises `GraphMismatch`.
    """
    later = _fix_inputs(model, {BEGIN_INPUT: np.array([0])})
    shapes = {**inputs, **{item.name: [1, item.channels, 1, item.kept] for item in states}}
    return _unpack_inputs(_pack_outputs(_set_shapes(later, shapes), states), states)


def _fix_inputs(model: onnx.ModelProto, known: Mapping[str, Array]) -> onnx.ModelProto:
    """Return `model` with `known` inputs, and the numbers that follow from them, as constants."""
    constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer} | dict(known)
    # Empty tensors are removed from concatenations.
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
    inputs = [item for item in model.graph.input if item.name not in known]
    tensors = (numpy_helper.from_array(array, name) for name, array in constants.items())
    return rename(rebuild(model, nodes, inputs=inputs, constants=only_used(tensors, nodes)), names)


def _set_shapes(model: onnx.ModelProto, inputs: Shapes) -> onnx.ModelProto:
    """Return `model` with these shapes of its `inputs`, and the inferred shapes of its outputs."""
    if {item.name for item in model.graph.input} != set(inputs):
        raise GraphMismatch("the shapes of some inputs are missing")
    sized = rebuild(
        model,
        inputs=[float_tensor(name, list(shape)) for name, shape in inputs.items()],
        outputs=[helper.make_empty_tensor_value_info(item.name) for item in model.graph.output],
    )
    for node in sized.graph.node:
        # ONNX Runtime 1.20 names the result of a fusion after the first node, and does not open two without a name.
        node.name = node.name or node.output[0]
    try:
        inferred = shape_inference.infer_shapes(sized, strict_mode=True)
    except shape_inference.InferenceError as error:
        raise GraphMismatch(f"the window is too short, or its shapes are inconsistent: {error}") from None
    return rebuild(sized, outputs=inferred.graph.output)


def _pack_outputs(model: onnx.ModelProto, states: Sequence[StateTensor]) -> onnx.ModelProto:
    """Return `model` with one state output for each number of channels."""
    lengths = {item.name: shape_of(item)[-1] for item in model.graph.output}
    too_short = [item.name for item in states if lengths[item.name + NEXT_SUFFIX] != item.kept]
    if too_short:
        raise GraphMismatch(f"the window is too short to fill {', '.join(too_short[:3])}")
    nodes, names = list(model.graph.node), dict[str, str]()
    outputs = [item for item in model.graph.output if not item.name.endswith(NEXT_SUFFIX)]
    for name, shape, group in pack_states(states):
        parts = [item.name + NEXT_SUFFIX for item in group]
        outputs.append(float_tensor(name + NEXT_SUFFIX, shape))
        if len(parts) > 1:
            nodes.append(helper.make_node("Concat", parts, [name + NEXT_SUFFIX], f"{name}_join", axis=-1))
        else:
            names[parts[0]] = name + NEXT_SUFFIX
    return rename(rebuild(model, nodes, outputs=outputs), names)


def _unpack_inputs(model: onnx.ModelProto, states: Sequence[StateTensor]) -> onnx.ModelProto:
    """Return `model` with one state input for each number of channels."""
    unpacked = {item.name for item in states}
    inputs = [item for item in model.graph.input if item.name not in unpacked]
    nodes, constants, names = [], list(model.graph.initializer), dict[str, str]()
    for name, shape, group in pack_states(states):
        parts = [item.name for item in group]
        inputs.append(float_tensor(name, shape))
        if len(parts) > 1:
            lengths = np.array([item.kept for item in group], dtype=np.int64)
            constants.append(numpy_helper.from_array(lengths, f"{name}_lengths"))
            nodes.append(helper.make_node("Split", [name, f"{name}_lengths"], parts, f"{name}_part", axis=-1))
        else:
            names[parts[0]] = name
    return rename(rebuild(model, [*nodes, *model.graph.node], inputs=inputs, constants=constants), names)
