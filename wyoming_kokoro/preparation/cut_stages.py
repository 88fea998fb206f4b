"""Cut a model into its stages: `python -m wyoming_kokoro.preparation.cut_stages MODEL FOLDER`."""

from __future__ import annotations

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
from wyoming_kokoro.model.styles import STYLE_WIDTH
from wyoming_kokoro.onnx import runtime
from wyoming_kokoro.preparation.graph.adain import AdaInSite, expose_statistics, find_sites, freeze_adain
from wyoming_kokoro.preparation.graph.conv2d import to_conv2d
from wyoming_kokoro.preparation.graph.dequantize import dequantize, is_quantized
from wyoming_kokoro.preparation.graph.landmarks import Landmarks, find_landmarks
from wyoming_kokoro.preparation.graph.quantize import quantize, read_ranges
from wyoming_kokoro.preparation.graph.stateful import TimeExtent, make_stateful
from wyoming_kokoro.preparation.graph.view import GraphView, Shape, cut, rename, sort_nodes
from wyoming_kokoro.preparation.store import run_child
from wyoming_kokoro.types import FloatArray

STYLE: dict[str, Shape] = {"style": [1, STYLE_WIDTH]}


def write_stages(model_file: str, target: str) -> None:
    """Write the stages of the model into the folder `target`, the manifest last. Raises `GraphMismatch`."""
    try:
        model = sort_nodes(onnx.load(model_file))
    except DecodeError:
        raise GraphMismatch(f"{model_file} is not an ONNX file") from None
    folder = Path(target)
    float_model = dequantize(model)
    landmarks = find_landmarks(float_model.graph)
    _write_prosody_and_decoder(model if is_quantized(model.graph) else float_model, landmarks, folder)
    inputs: dict[str, Shape] = {landmarks.frames: [1, 512, "P"], landmarks.source: [1, 22, "H"], **STYLE}
    vocoder = rename(cut(float_model, inputs, [landmarks.spectrum]), landmarks.names)
    sites = find_sites(vocoder.graph)
    channels = _write_affine(vocoder, sites, folder)
    states, lag = _write_vocoder(vocoder, sites, channels, folder)
    view = GraphView(float_model.graph)
    harmonics = tuple(float(weight) for weight in view.array(landmarks.harmonics).ravel())
    offset = float(view.array(landmarks.offset).ravel()[0])
    Manifest(states, lag, LOOK_AHEAD_FRAMES, harmonics, offset).write(folder)


def _write_prosody_and_decoder(model: onnx.ModelProto, landmarks: Landmarks, folder: Path) -> None:
    # Both keep the precision of the model: int8 is faster here, and it sounds as the model was published.
    tokens: dict[str, Shape] = {"tokens": [1, "T"], "speed": [1], **STYLE}
    prosody = cut(model, tokens, [landmarks.durations, landmarks.text, landmarks.pitch, landmarks.energy])
    onnx.save(rename(prosody, landmarks.names), folder / "prosody.onnx")
    curves: dict[str, Shape] = {
        landmarks.text: [1, 512, "F"],
        landmarks.pitch: [1, "P"],
        landmarks.energy: [1, "P"],
        **STYLE,
    }
    decoder = cut(model, curves, [landmarks.frames])
    onnx.save(rename(decoder, landmarks.names), folder / "decoder.onnx")


def _write_affine(vocoder: onnx.ModelProto, sites: Sequence[AdaInSite], folder: Path) -> list[int]:
    """Write the linear map from the style to all gains and biases. Return the number of channels of each site."""
    names = [*(site.gain for site in sites), *(site.bias for site in sites)]
    layers = cut(vocoder, STYLE, names).SerializeToString()
    session = runtime().InferenceSession(layers, providers=["CPUExecutionProvider"])

    def run(style: FloatArray) -> FloatArray:
        return np.concatenate(session.run(names, {"style": style[None]}), axis=None)

    # The layers are linear, so the results for unit vectors are their weights.
    constants = run(np.zeros(STYLE_WIDTH, dtype=np.float32))
    units = np.eye(STYLE_WIDTH, dtype=np.float32)
    weights = np.stack([run(unit) - constants for unit in units[:TIMBRE_WIDTH]])
    if any(not np.array_equal(run(unit), constants) for unit in units[TIMBRE_WIDTH::32]):
        raise GraphMismatch("the vocoder uses more of the style than its first half")
    channels = [output.size for output in session.run(names[: len(sites)], {"style": units[:1]})]
    AdaInAffine(weights, constants, _statistics_indices(sites, channels)).write(folder)
    return channels


def _statistics_indices(sites: Sequence[AdaInSite], channels: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return the index of the statistics of each channel of each site. Parallel sites share their statistics."""
    ranges: dict[str, npt.NDArray[np.int64]] = {}
    end = 0
    for site, count in zip(sites, channels, strict=True):
        if site.mean not in ranges:
            ranges[site.mean] = end + np.arange(count)
            end += count
    return np.concatenate([ranges[site.mean] for site in sites])


def _write_vocoder(
    vocoder: onnx.ModelProto, sites: Sequence[AdaInSite], channels: Sequence[int], folder: Path
) -> tuple[tuple[StateTensor, ...], int]:
    """Write the vocoder for windows and for whole utterances. Return the states and the lag of the former."""
    window = to_conv2d(freeze_adain(vocoder, sites, channels))
    extents = {
        "frames": TimeExtent(1, 0, 512),
        "source": TimeExtent(HOPS_PER_FRAME, -HOPS_PER_FRAME * LOOK_AHEAD_FRAMES, 22),
    }
    stateful, states, output = make_stateful(window, extents)
    onnx.save(stateful, folder / "vocoder.onnx")
    ranges = (resources.files("wyoming_kokoro") / "data" / "ranges.json").read_bytes()
    onnx.save(quantize(stateful, read_ranges(ranges)), folder / "vocoder.int8.onnx")
    onnx.save(expose_statistics(vocoder, sites), folder / "whole.onnx")
    return tuple(states), output.lag


if __name__ == "__main__":
    raise SystemExit(run_child(write_stages))
