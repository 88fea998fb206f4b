"""Where the stages of Kokoro meet, found by what only they look like.

Source of the shapes: the model's graph (hexgrad/kokoro `istftnet.py`, exported by kokoro-onnx).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import onnx

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.preparation.graph.view import GraphView, exactly_one

CURVE_CONVOLUTION = (1, 1, 3)
"""What halves the rate of F0 and of the energy on their way into the decoder."""
FIRST_UPSAMPLING = (512, 256, 20)
LAST_CONVOLUTION = (22, 128, 7)
HARMONICS = 9
"""The sine generator's fundamental and its eight overtones."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Names of tensors. A frame of `text` is 25 ms; one of `pitch`, `energy` and `frames` 12.5 ms."""

    durations: str
    """Frames of each token, int64."""
    text: str
    """[1, 512, F]: the text's features, spread over its frames."""
    pitch: str
    """[1, 2F]: fundamental frequency in Hz."""
    energy: str
    """[1, 2F]"""
    frames: str
    """[1, 512, 2F]: what the vocoder decodes."""
    source: str
    """[1, 22, 120F + 1]: magnitudes and phases of the harmonic source."""
    spectrum: str
    """[1, 22, 120F + 1]: log magnitudes and phases of the speech."""
    harmonics: str
    """[9, 1], constant: how the sines are mixed into the source."""
    offset: str
    """[1], constant: what is added to the mixture."""

    @property
    def names(self) -> dict[str, str]:
        """What each tensor is called between stages, by its name in the graph."""
        return {getattr(self, field.name): field.name for field in fields(self)}


def find_landmarks(graph: onnx.GraphProto) -> Landmarks:
    """Find the landmarks of a float graph. Raises `GraphMismatch` when it is not Kokoro v1.0."""
    view = GraphView(graph)
    source = _source(view)
    pitch, energy, text = _curves(view, source)
    upsampling = exactly_one(view.convolutions(*FIRST_UPSAMPLING, operator="ConvTranspose"), "upsampling", "vocoder")
    mixing = _mixing(view)
    return Landmarks(
        durations=_durations(view, text),
        text=text,
        pitch=pitch,
        energy=energy,
        frames=view.producer(upsampling.input[0]).input[0],
        source=source,
        spectrum=exactly_one(view.convolutions(*LAST_CONVOLUTION), "last convolution", "vocoder").output[0],
        harmonics=mixing.input[1],
        offset=exactly_one(_constant_inputs(view, view.consumer(mixing.output[0], "Add")), "offset", "source"),
    )


def _source(view: GraphView) -> str:
    """Return the spectrum of the harmonic source: what the vocoder's strided convolutions take."""
    for name in (node.output[0] for node in view.nodes("Concat")):
        convolutions = [node for node in view.consumers(name) if node.op_type == "Conv"]
        if convolutions and all(view.dims(node.input[1])[1:2] == (22,) for node in convolutions):
            return str(name)
    raise GraphMismatch("no harmonic source feeds the vocoder")


def _curves(view: GraphView, source: str) -> tuple[str, str, str]:
    """Return F0, energy, and the text's features that meet them at the decoder."""
    behind_source = view.ancestors(source)
    curves = {}
    for node in view.convolutions(*CURVE_CONVOLUTION):
        name = view.producer(node.input[0]).input[0]  # what is unsqueezed to one channel
        curves["pitch" if name in behind_source else "energy"] = (name, node.output[0])
    if len(curves) != 2:
        raise GraphMismatch("F0 and energy do not enter the decoder as expected")
    halves = {half for _, half in curves.values()}
    meetings = [node for node in view.nodes("Concat") if halves < set(node.input) and len(node.input) == 3]
    meeting = exactly_one(meetings, "concatenation", "the decoder's entry")
    text = exactly_one([name for name in meeting.input if name not in halves], "text features", meeting.name)
    return curves["pitch"][0], curves["energy"][0], text


def _durations(view: GraphView, text: str) -> str:
    """Return the token durations: the int64 that the alignment sums up."""
    behind_text = view.ancestors(text)
    sums = [node for node in view.nodes("CumSum") if node.output[0] in behind_text]
    name = exactly_one(sums, "CumSum", "the alignment").input[0]
    while not view.is_made_by(name, "Cast"):
        name = view.producer(name).input[0]
    return str(name)


def _mixing(view: GraphView) -> onnx.NodeProto:
    products = [node for node in view.nodes("MatMul") if view.dims(node.input[1]) == (HARMONICS, 1)]
    return exactly_one(products, "mixing of harmonics", "source")


def _constant_inputs(view: GraphView, node: onnx.NodeProto) -> list[str]:
    return [name for name in node.input if name in view.constants]
