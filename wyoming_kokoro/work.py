"""How much arithmetic each stage of the model does, counted while it speaks."""

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
PHONEMES = "tˈɜːnd ˈɔn ðə lˈɪvɪŋ ɹˈuːm lˈaɪts ænd sˈɛt ðə θˈɜːmoʊstæt tə twˈɛnti wˈʌn dᵻɡɹˈiːz."
"""A sentence of 4.8 s, as a home says them: the longer one is, the more of its work is prosody."""
STAGES = ("albert", "predictor", "decoder")
"""Prosody is the first two."""
VOCODER = "vocoder"
ELIGIBLE = (VOCODER, "albert")
"""Those that accelerators are given."""

CONVOLUTIONS = frozenset({"Conv", "ConvInteger"})
PRODUCTS = frozenset({"MatMul", "MatMulInteger", "FusedMatMul", "Gemm"})
RECURRENT = frozenset({"LSTM", "DynamicQuantizeLSTM"})
GATES = 4
Shape = list[int]


def shares(stages: Path) -> dict[str, float]:
    """Return each stage's share of the arithmetic of one sentence, the vocoder's in windows of fixed shapes.

    `stages` is a prepared model. Takes some seconds. Raises `GraphMismatch`, `StartupError` and `OSError`.
    """
    opened: list[CountingSession] = []
    with tempfile.TemporaryDirectory() as scratch:

        def counted(file: Path, _: SessionOptions) -> Session:
            opened.append(CountingSession(file, Path(scratch)))
            return opened[-1]

        processor = Provider("cpu, counting", 1, "float", counted)
        speaking = ModelPipeline(stages, [processor], SessionOptions(1, Path(scratch)))
        speaking.read_with(speaking.open_reading())
        vocoder = speaking.open_vocoder(replace(processor, fixed_shapes=True), 1)
        _speak(speaking, vocoder)
        vocoder.close()
        speaking.close()
    work = {name: sum(item.multiplications for item in opened if item.name == name) for name in STAGES}
    work[VOCODER] = sum(item.multiplications for item in opened if item.name not in STAGES)
    return {name: count / sum(work.values()) for name, count in work.items()}


def _speak(stages: ModelPipeline, vocoder: Session) -> None:
    """Say the sentence, the vocoder's part with `vocoder`."""
    styles = builtin_styles()
    prosody = stages.prosody(PHONEMES, styles.row(VOICE, len(PHONEMES)), 1.0)
    frames = stages.frames(prosody)
    told = builtin_statistics(styles).predict(VOICE, stages.features(prosody, frames))
    decoding = stages.vocoder_stream(prosody, told, 0, vocoder)
    frames = np.pad(frames, ((0, 0), (0, stages.lag)), mode="edge")
    for first, last in PlaybackPacer.fixed_windows(0, frames.shape[1]):
        decoding.feed(frames[:, first:last])


class CountingSession:
    """A session that is slow, and counts the multiplications of its convolutions, products and LSTMs."""

    def __init__(self, file: Path, folder: Path) -> None:
        """Open `file`; ONNX Runtime's profile is written into `folder`."""
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
        """Count what was done in all runs. The session is not used again."""
        profile = Path(self._session.end_profiling())
        self._session = None
        for event in json.loads(profile.read_bytes()):
            details = event.get("args", {})
            if "output_type_shape" in details:
                weight = self._weights.get(event["name"].removesuffix("_kernel_time"), [])
                self.multiplications += _multiplications(details, weight)


def _weights(graph: onnx.GraphProto) -> dict[str, Shape]:
    """Return the shape of the constant second input of every node; a profile leaves some out."""
    shapes = {item.name: list(item.dims) for item in graph.initializer}
    return {node.name: shapes[node.input[1]] for node in graph.node if len(node.input) > 1 and node.input[1] in shapes}


def _multiplications(details: Mapping[str, Any], weight: Shape) -> int:
    """Return those of one node in one run, from what ONNX Runtime's profile tells."""
    operator = details["op_name"]
    (source, *_), (made, *_) = _shapes(details["input_type_shape"]), _shapes(details["output_type_shape"])
    if operator in CONVOLUTIONS:
        return math.prod(made) * math.prod(weight[1:])
    if operator == "ConvTranspose":
        return math.prod(source) * math.prod(weight[1:])
    if operator in PRODUCTS:
        return math.prod(made) * source[-1]
    if operator in RECURRENT:
        width = made[-1]
        return math.prod(made) * GATES * (source[-1] + width)
    return 0


def _shapes(described: list[dict[str, Shape]]) -> list[Shape]:
    return [next(iter(item.values())) for item in described] or [[]]
