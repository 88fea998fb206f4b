"""Cut a model into its stages: `python -m wyoming_kokoro.preparation.cut_stages MODEL FOLDER`.

It is run as a process of its own, so that its memory (about 1 GB) is not the server's. It exits with
`MISMATCH`, and the reason on stderr, when the graph is not one it knows.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from google.protobuf.message import DecodeError

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.adain import TIMBRE_WIDTH, AdaInAffine
from wyoming_kokoro.model.harmonic_source import HOPS_PER_FRAME
from wyoming_kokoro.model.manifest import LOOK_AHEAD_FRAMES, Manifest, StateTensor
from wyoming_kokoro.onnx import runtime
from wyoming_kokoro.preparation.graph.adain import AdaInSite, expose_statistics, find_sites, freeze_adain
from wyoming_kokoro.preparation.graph.conv2d import to_conv2d
from wyoming_kokoro.preparation.graph.dequantize import dequantize, is_quantized
from wyoming_kokoro.preparation.graph.landmarks import Landmarks, find_landmarks
from wyoming_kokoro.preparation.graph.quantize import quantize, read_ranges
from wyoming_kokoro.preparation.graph.stateful import TimeExtent, make_stateful
from wyoming_kokoro.preparation.graph.view import GraphView, Shape, cut, rename, sort_nodes
from wyoming_kokoro.preparation.store import MISMATCH_EXIT_CODE

STYLE: dict[str, Shape] = {"style": [1, 256]}


def main() -> int:
    """Prepare the model that the command line names."""
    model, folder = map(Path, sys.argv[1:])
    try:
        write_stages(_loaded(model), folder)
    except GraphMismatch as mismatch:
        sys.stderr.write(f"{mismatch}\n")
        return MISMATCH_EXIT_CODE
    return 0


def _loaded(file: Path) -> onnx.ModelProto:
    try:
        return sort_nodes(onnx.load(file))
    except DecodeError:
        raise GraphMismatch(f"{file} is no ONNX file") from None


def write_stages(model: onnx.ModelProto, folder: Path) -> None:
    """Write the stages of `model` into `folder`, the manifest last. Raises `GraphMismatch`."""
    whole = dequantize(model)
    marks = find_landmarks(whole.graph)
    _prepare_speech(model if is_quantized(model.graph) else whole, marks, folder)
    vocoder = cut(whole, {marks.frames: [1, 512, "P"], marks.source: [1, 22, "H"], **STYLE}, [marks.spectrum])
    vocoder = rename(vocoder, marks.names)
    found = find_sites(vocoder.graph)
    channels = _prepare_affine(vocoder, found, folder)
    carried, lag = _prepare_vocoder(vocoder, found, channels, folder)
    view = GraphView(whole.graph)
    harmonics = tuple(float(weight) for weight in view.array(marks.harmonics).ravel())
    offset = float(view.array(marks.offset).ravel()[0])
    Manifest(carried, lag, LOOK_AHEAD_FRAMES, harmonics, offset).write(folder)


def _prepare_speech(model: onnx.ModelProto, marks: Landmarks, folder: Path) -> None:
    """Write what comes before the vocoder as it is: its int8 is faster, and the sound that people know."""
    tokens: dict[str, Shape] = {"tokens": [1, "T"], "speed": [1], **STYLE}
    prosody = cut(model, tokens, [marks.durations, marks.text, marks.pitch, marks.energy])
    onnx.save(rename(prosody, marks.names), folder / "prosody.onnx")
    curves: dict[str, Shape] = {marks.text: [1, 512, "F"], marks.pitch: [1, "P"], marks.energy: [1, "P"], **STYLE}
    onnx.save(rename(cut(model, curves, [marks.frames]), marks.names), folder / "decoder.onnx")


def _prepare_affine(vocoder: onnx.ModelProto, found: Sequence[AdaInSite], folder: Path) -> list[int]:
    """Write how every gain and bias follows from the style; return the channels of each site.

    The layers between are linear: their weights are what they answer to unit vectors.
    """
    names = [*(site.gain for site in found), *(site.bias for site in found)]
    session = runtime().InferenceSession(
        cut(vocoder, STYLE, names).SerializeToString(), providers=["CPUExecutionProvider"]
    )

    def answer(style: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        return [output.ravel() for output in session.run(names, {"style": style[None]})]

    zero = answer(np.zeros(256, dtype=np.float32))
    constants = np.concatenate(zero)
    units = np.eye(256, dtype=np.float32)
    weights = np.stack([np.concatenate(answer(unit)) - constants for unit in units[:TIMBRE_WIDTH]])
    if any(not np.array_equal(np.concatenate(answer(unit)), constants) for unit in units[TIMBRE_WIDTH::32]):
        raise GraphMismatch("the vocoder's style is not the first half of the voice's")
    channels = [len(gain) for gain in zero[: len(found)]]
    AdaInAffine(weights, constants, _sources(found, channels)).write(folder)
    return channels


def _sources(found: Sequence[AdaInSite], channels: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return, for each channel of each site, where its statistics stand among the distinct ones."""
    begins: dict[str, int] = {}
    end = 0
    for site, count in zip(found, channels, strict=True):
        if site.mean not in begins:
            begins[site.mean] = end
            end += count
    ranges = [begins[site.mean] + np.arange(count) for site, count in zip(found, channels, strict=True)]
    return np.concatenate(ranges)


def _prepare_vocoder(
    vocoder: onnx.ModelProto, found: Sequence[AdaInSite], channels: Sequence[int], folder: Path
) -> tuple[tuple[StateTensor, ...], int]:
    """Write the vocoder in windows and whole; return what a window hands to the next, and the lag."""
    window = to_conv2d(freeze_adain(vocoder, found, channels))
    extents = {
        "frames": TimeExtent(1, 0, 512),
        "source": TimeExtent(HOPS_PER_FRAME, -HOPS_PER_FRAME * LOOK_AHEAD_FRAMES, 22),
    }
    remembering, carried, output = make_stateful(window, extents)
    onnx.save(remembering, folder / "vocoder.onnx")
    ranges = (resources.files("wyoming_kokoro") / "data" / "ranges.json").read_bytes()
    onnx.save(quantize(remembering, read_ranges(ranges)), folder / "vocoder.int8.onnx")
    onnx.save(expose_statistics(vocoder, found), folder / "whole.onnx")
    return tuple(carried), output.lag


if __name__ == "__main__":
    raise SystemExit(main())
