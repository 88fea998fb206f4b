"""Recognizes the graph of a distilled voice, and cuts it before its frame decoder.

The cut follows the structure of the graph, so that it does not depend on node names. Both halves of the cut graph keep
the weights of the original.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import onnx
from onnx import TensorProto, helper

from wyoming_kokoro import KokoroError
from wyoming_kokoro_distilled.preparation import Form
from wyoming_kokoro_distilled.synthesis import MAP_NAMES

FRAMES, F0, ENERGY, DURATIONS, MAPS = "frames", "f0", "energy", "durations", "maps"

_SPECTRAL_INPUTS = {"ids": TensorProto.INT64, "speed": TensorProto.FLOAT}
_WAVEFORM_INPUTS = {"input_ids": TensorProto.INT64, "speed": TensorProto.FLOAT}
# Operators that compute each frame independently. `Conv` and `MatMul` have their own checks.
_POINTWISE = frozenset(
    {"Add", "Cast", "Constant", "Conv", "Div", "DynamicQuantizeLinear", "Erf", "LayerNormalization", "MatMul"}
    | {"MatMulInteger", "Mul", "Sub", "Tanh", "Transpose"}
)


class UnknownGraph(KokoroError):
    """The graph has neither of the two known forms."""


class DecoderNotFound(KokoroError):
    """The graph of the spectral form has no frame decoder that can be cut off; it must run whole."""


def recognize(model: onnx.ModelProto) -> Form:
    """Return the form of `model`. Raises `UnknownGraph`."""
    inputs = {item.name: item.type.tensor_type.elem_type for item in model.graph.input}
    outputs = {item.name for item in model.graph.output}
    if inputs == _SPECTRAL_INPUTS and outputs == {*MAP_NAMES, F0}:
        return "spectral"
    if inputs == _WAVEFORM_INPUTS and "waveform" in outputs:
        return "waveform"
    raise UnknownGraph(
        f"the graph is no distilled voice: inputs {', '.join(inputs)}, outputs {', '.join(outputs)};"
        " known are ids and speed to spectral maps, and input_ids and speed to waveform"
    )


@dataclass(frozen=True, slots=True)
class Halves:
    """A graph of the spectral form in two parts. Frames are 12.5 ms."""

    front: onnx.ModelProto
    """Turns `ids` and `speed` into `frames` [1, channels, F] and `f0` [1, F].

    Also, if found, into `energy` [1, 1, F] and `durations`, the number of frames of each id.
    """
    decoder: onnx.ModelProto
    """Turns `frames` into `maps` [1, F, 5 * bins], in the order of `MAP_NAMES`."""
    receptive_frames: int
    """How many frames to each side affect a frame of the decoder."""


def cut(model: onnx.ModelProto) -> Halves:
    """Return the halves of a `model` of the spectral form. Raises `DecoderNotFound`."""
    return _Cutter(model).cut()


class _Cutter:
    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        graph = model.graph
        self._constants = {item.name for item in graph.initializer}
        self._constants |= {node.output[0] for node in graph.node if node.op_type == "Constant"}
        self._producers = {name: node for node in graph.node for name in node.output}

    def cut(self) -> Halves:
        maps = self._frame_major_maps()
        frames, decoder_nodes = self._find_decoder(maps)
        receptive_frames = self._receptive_frames(decoder_nodes)
        outputs = {frames: FRAMES, F0: F0}
        if energy := self._find_energy(frames):
            outputs[energy] = ENERGY
        if durations := self._find_durations(frames):
            outputs[durations] = DURATIONS
        front = self._part(self._needed(list(outputs), set()), ["ids", "speed"], outputs)
        decoder = self._part(decoder_nodes, [frames], {maps: MAPS}, {frames: FRAMES})
        return Halves(front, decoder, receptive_frames)

    def _frame_major_maps(self) -> str:
        """Return the tensor [1, F, 5 * bins] that the graph transposes and splits into the maps."""
        split = self._producers[MAP_NAMES[0]]
        if split.op_type != "Split" or tuple(split.output) != MAP_NAMES:
            raise DecoderNotFound("the spectral maps are not the parts of one tensor")
        transpose = self._producers.get(split.input[0])
        if transpose is None or transpose.op_type != "Transpose" or list(_attribute(transpose, "perm")) != [0, 2, 1]:
            raise DecoderNotFound("the spectral maps are not transposed frames")
        return str(transpose.input[0])

    def _find_decoder(self, maps: str) -> tuple[str, list[onnx.NodeProto]]:
        """Return the input of the first convolution that alone determines `maps`, and the nodes in between."""
        for node in self._model.graph.node:
            if node.op_type != "Conv":
                continue
            nodes = self._needed([maps], {node.input[0]})
            inputs = {name for item in nodes for name in item.input}
            if node in nodes and not inputs & {"ids", "speed"}:
                return node.input[0], nodes
        raise DecoderNotFound("no convolution alone determines the spectral maps")

    def _receptive_frames(self, nodes: Sequence[onnx.NodeProto]) -> int:
        """Return how far the decoder looks to each side, in frames. Raises `DecoderNotFound` if that is unlimited."""
        frames = 0
        for node in nodes:
            if node.op_type not in _POINTWISE:
                raise DecoderNotFound(f"the frame decoder has an operator that may mix frames: {node.op_type}")
            if node.op_type.startswith("MatMul") and node.input[1] not in self._constants:
                raise DecoderNotFound("the frame decoder multiplies frames with each other")
            if node.op_type == "Conv":
                pads = _attribute(node, "pads")
                span = (_attribute(node, "kernel_shape")[0] - 1) * _attribute(node, "dilations", [1])[0]
                if list(_attribute(node, "strides", [1])) != [1] or sum(pads) != span:
                    raise DecoderNotFound("a convolution of the frame decoder changes the number of frames")
                frames += max(pads)
        return frames

    def _find_energy(self, frames: str) -> str | None:
        """Return the last part of `frames`, the energy of each frame, if the part before it comes from F0."""
        concat = self._producers.get(frames)
        if concat is None or concat.op_type != "Concat" or len(concat.input) != 3:
            return None
        # The first part is the text, spread over the frames.
        from_f0 = [self._depends_on_f0(name) for name in concat.input]
        return str(concat.input[2]) if from_f0 == [False, True, False] else None

    def _find_durations(self, frames: str) -> str | None:
        """Return the tensor that the graph adds up to spread the ids over the frames, if it depends on the speed."""
        for node in self._needed([frames], set()):
            if node.op_type == "CumSum" and any("speed" in item.input for item in self._needed([node.input[0]], set())):
                return str(node.input[0])
        return None

    def _depends_on_f0(self, name: str) -> bool:
        return any(F0 in node.input for node in self._needed([name], {F0}))

    def _needed(self, outputs: Sequence[str], known: set[str]) -> list[onnx.NodeProto]:
        """Return the nodes that compute `outputs` from `known` tensors and graph inputs, in order."""
        missing, found = set(outputs) - known, set()
        for node in reversed(self._model.graph.node):
            if missing & set(node.output):
                found.add(node.output[0])
                missing |= {name for name in node.input if name not in known}
        return [node for node in self._model.graph.node if node.output[0] in found]

    def _part(
        self,
        nodes: Sequence[onnx.NodeProto],
        inputs: Sequence[str],
        outputs: Mapping[str, str],
        renamed: Mapping[str, str] | None = None,
    ) -> onnx.ModelProto:
        """Return a model of `nodes`. `outputs` and `renamed` map tensors to new names."""
        names = {**outputs, **(renamed or {})}
        copies = []
        for node in nodes:
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            copy.input[:] = [names.get(name, name) for name in node.input]
            copy.output[:] = [names.get(name, name) for name in node.output]
            copies.append(copy)
        used = {name for node in nodes for name in node.input}
        known = {item.name: item for item in self._model.graph.input}
        graph = helper.make_graph(
            copies,
            self._model.graph.name,
            [
                known.get(name) or helper.make_tensor_value_info(names[name], TensorProto.FLOAT, [1, None, None])
                for name in inputs
            ],
            [helper.make_tensor_value_info(new, self._element_type(name), None) for name, new in outputs.items()],
            [item for item in self._model.graph.initializer if item.name in used],
        )
        return helper.make_model(graph, opset_imports=self._model.opset_import, ir_version=self._model.ir_version)

    def _element_type(self, name: str) -> int:
        """Return the type that a `Cast` gives to a tensor, else float."""
        node = self._producers.get(name)
        is_cast = node is not None and node.op_type == "Cast"
        return next(item.i for item in node.attribute if item.name == "to") if node and is_cast else TensorProto.FLOAT


def _attribute(node: onnx.NodeProto, name: str, default: Sequence[int] = ()) -> Sequence[int]:
    return next((item.ints for item in node.attribute if item.name == name), default)
