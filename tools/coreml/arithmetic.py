"""How many multiplications each stage of the model does for one sentence."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from wyoming_kokoro.api.providers import Provider, Session, SessionOptions
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.builtin import builtin_statistics, builtin_styles
from wyoming_kokoro.onnx import runtime
from wyoming_kokoro.types import Array

VOICE = "af_heart"
# A typical sentence of 4.8 s. The share of prosody grows with the length of the sentence.
PHONEMES = "tˈɜːnd ˈɔn ðə lˈɪvɪŋ ɹˈuːm lˈaɪts ænd sˈɛt ðə θˈɜːmoʊstæt tə twˈɛnti wˈʌn dᵻɡɹˈiːz."
# The first two are prosody. The vocoder's graphs have other names, one for each window.
STAGES = ("albert", "predictor", "decoder")
VOCODER = "vocoder"
ACCELERATED_STAGES = (VOCODER, "albert")

CONVOLUTIONS = frozenset({"Conv", "ConvInteger"})
PRODUCTS = frozenset({"MatMul", "MatMulInteger", "FusedMatMul", "Gemm"})
RECURRENT = frozenset({"LSTM", "DynamicQuantizeLSTM"})
GATES = 4
Shape = list[int]


def measure_shares(folder: Path) -> dict[str, float]:
    """Return each stage's share of the arithmetic of one sentence, 0 to 1. Takes some seconds.

    `folder` holds a prepared model. The vocoder runs in windows of fixed shapes. Raises `GraphMismatch`,
    `StartupError` and `OSError`.
    """
    sessions: list[CountingSession] = []
    with tempfile.TemporaryDirectory() as scratch:

        def open_counting(file: Path, _: SessionOptions) -> Session:
            sessions.append(CountingSession(file, Path(scratch)))
            return sessions[-1]

        provider = Provider("counting", 1, "float", open_counting)
        stages = ModelPipeline(folder, [provider], SessionOptions(1, Path(scratch)))
        stages.use_split_prosody(stages.open_split_prosody())
        vocoder = stages.open_vocoder(replace(provider, fixed_shapes=True), 1)
        _synthesize(stages, vocoder)
        vocoder.close()
        stages.close()
    counts = {name: sum(item.multiplications for item in sessions if item.name == name) for name in STAGES}
    counts[VOCODER] = sum(item.multiplications for item in sessions if item.name not in STAGES)
    return {name: count / sum(counts.values()) for name, count in counts.items()}


def _synthesize(stages: ModelPipeline, vocoder: Session) -> None:
    """Run every stage once on the sentence."""
    styles = builtin_styles()
    prosody = stages.predict_prosody(PHONEMES, styles.row(VOICE, len(PHONEMES)), 1.0)
    frames = stages.decode_frames(prosody)
    statistics = builtin_statistics(styles).predict(VOICE, stages.features(prosody, frames))
    decoding = stages.start_vocoder(prosody, statistics, 0, vocoder)
    frames = np.pad(frames, ((0, 0), (0, stages.lag)), mode="edge")
    for first, last in PlaybackPacer.fixed_windows(0, frames.shape[1]):
        decoding.feed(frames[:, first:last])


class CountingSession:
    """Runs a graph slowly and counts the multiplications of its convolutions, matrix products and LSTMs."""

    def __init__(self, file: Path, folder: Path) -> None:
        """Open `file`; ONNX Runtime writes its profile into `folder`."""
        ort = runtime()
        settings = ort.SessionOptions()
        settings.enable_profiling = True
        settings.profile_file_prefix = str(folder / file.stem)
        settings.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        settings.log_severity_level = 3
        self.name = file.stem
        self.multiplications = 0
        self._weights = _weights(onnx.load(file).graph)
        self._session: Any = ort.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return every output by its name."""
        names = [output.name for output in self._session.get_outputs()]
        return dict(zip(names, self._session.run(names, dict(feeds)), strict=True))

    def close(self) -> None:
        """Free the session and set `multiplications` to the sum of all runs."""
        profile = Path(self._session.end_profiling())
        self._session = None
        for event in json.loads(profile.read_bytes()):
            details = event.get("args", {})
            if "output_type_shape" in details:
                weight = self._weights.get(event["name"].removesuffix("_kernel_time"), [])
                self.multiplications += _multiplications(details, weight)


def _weights(graph: onnx.GraphProto) -> dict[str, Shape]:
    """Return the shape of each node's constant second input, which a profile sometimes omits."""
    shapes = {item.name: list(item.dims) for item in graph.initializer}
    return {node.name: shapes[node.input[1]] for node in graph.node if len(node.input) > 1 and node.input[1] in shapes}


def _multiplications(details: Mapping[str, Any], weight: Shape) -> int:
    """Return the multiplications of one node in one run, given its entry in ONNX Runtime's profile."""
    operator = details["op_name"]
    (source, *_), (output, *_) = _shapes(details["input_type_shape"]), _shapes(details["output_type_shape"])
    if operator in CONVOLUTIONS:
        return math.prod(output) * math.prod(weight[1:])
    if operator == "ConvTranspose":
        return math.prod(source) * math.prod(weight[1:])
    if operator in PRODUCTS:
        return math.prod(output) * source[-1]
    if operator in RECURRENT:
        width = output[-1]
        return math.prod(output) * GATES * (source[-1] + width)
    return 0


def _shapes(described: list[dict[str, Shape]]) -> list[Shape]:
    return [next(iter(item.values())) for item in described] or [[]]
