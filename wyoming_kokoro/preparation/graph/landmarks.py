"""Finds the tensors between the stages of Kokoro by the shapes of the nodes around them.

The shapes are those of hexgrad/kokoro `istftnet.py`, exported by kokoro-onnx. The names of
nodes can differ between exports.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import onnx

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.harmonic_source import HARMONICS
from wyoming_kokoro.preparation.graph.view import GraphView, exactly_one, other_input

# Convolutions that halve the rate of F0 and of the energy for the decoder.
CURVE_CONVOLUTION = (1, 1, 3)
FIRST_UPSAMPLING = (512, 256, 20)
LAST_CONVOLUTION = (22, 128, 7)


@dataclass(frozen=True, slots=True)
class Landmarks:
    """The names of tensors. F is the number of frames of 25 ms, 2F that of frames of 12.5 ms."""

    durations: str
    """[1, T]: the number of frames of 25 ms of each token, int64."""
    text: str
    """[1, 512, F]: the text features of each frame."""
    pitch: str
    """[1, 2F]: the fundamental frequency in Hz."""
    energy: str
    """[1, 2F]"""
    frames: str
    """[1, 512, 2F]: the decoder's output, and the vocoder's input."""
    source: str
    """[1, 22, 120F + 1]: the magnitudes and phases of the harmonic source."""
    spectrum: str
    """[1, 22, 120F + 1]: the log magnitudes and phases of the speech."""
    harmonics: str
    """[9, 1], constant: the weights of the harmonics in the source signal."""
    offset: str
    """[1], constant: the offset of the source signal."""

    @property
    def names(self) -> dict[str, str]:
        """The name of each tensor between stages, by its name in the graph."""
        return {getattr(self, field.name): field.name for field in fields(self)}


def find_landmarks(graph: onnx.GraphProto) -> Landmarks:
    """Return the landmarks of a float graph. Raises `GraphMismatch` when it is not Kokoro v1.0."""
    view = GraphView(graph)
    source = _source(view)
    pitch, energy, text = _curves(view, source)
    upsampling = exactly_one(view.convolutions(*FIRST_UPSAMPLING, operator="ConvTranspose"), "upsampling", "vocoder")
    products = [node for node in view.nodes("MatMul") if view.dims(node.input[1]) == (HARMONICS, 1)]
    mixing = exactly_one(products, "mixing of harmonics", "source")
    return Landmarks(
        durations=_durations(view, text),
        text=text,
        pitch=pitch,
        energy=energy,
        frames=view.producer(upsampling.input[0]).input[0],
        source=source,
        spectrum=exactly_one(view.convolutions(*LAST_CONVOLUTION), "last convolution", "vocoder").output[0],
        harmonics=mixing.input[1],
        offset=view.constant_input(view.consumer(mixing.output[0], "Add")),
    )


def _source(view: GraphView) -> str:
    """Return the spectrum of the harmonic source, the input of the vocoder's strided convolutions."""
    for concatenation in view.nodes("Concat"):
        convolutions = [node for node in view.consumers(concatenation.output[0]) if node.op_type == "Conv"]
        if convolutions and all(view.dims(node.input[1])[1:2] == (22,) for node in convolutions):
            return str(concatenation.output[0])
    raise GraphMismatch("no harmonic source feeds the vocoder")


def _curves(view: GraphView, source: str) -> tuple[str, str, str]:
    """Return F0, energy, and the text features. The decoder concatenates them."""
    source_ancestors = view.ancestors(source)
    curves = {}
    for node in view.convolutions(*CURVE_CONVOLUTION):
        # An Unsqueeze adds the channel axis before the convolution.
        name = view.producer(node.input[0]).input[0]
        curves["pitch" if name in source_ancestors else "energy"] = (name, node.output[0])
    if len(curves) != 2:
        raise GraphMismatch("F0 and energy enter the decoder in an unknown way")
    halves = {half for _, half in curves.values()}
    concatenations = [node for node in view.nodes("Concat") if halves < set(node.input) and len(node.input) == 3]
    concatenation = exactly_one(concatenations, "concatenation", "the decoder's entry")
    return curves["pitch"][0], curves["energy"][0], other_input(concatenation, halves)


def _durations(view: GraphView, text: str) -> str:
    """Return the token durations, the integers that the alignment sums up."""
    text_ancestors = view.ancestors(text)
    sums = [node for node in view.nodes("CumSum") if node.output[0] in text_ancestors]
    name = exactly_one(sums, "CumSum", "the alignment").input[0]
    while not view.is_made_by(name, "Cast"):
        name = view.producer(name).input[0]
    return str(name)
