"""Make wyoming_kokoro/data/ranges.json: the value ranges of the vocoder's convolutions, for int8.

    python -m tools.data.make_ranges STAGES

STAGES is a prepared model. Every voice speaks two lines of its language's material. For the input and the output of
each convolution that may be int8, the range is recorded that all but the most extreme values stay within.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import helper

import wyoming_kokoro
from wyoming_kokoro import Array, Provider, Session, SessionOptions
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.builtin import builtin_statistics, builtin_styles
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.preparation.graph.quantize import Range, Ranges

DATA = Path(wyoming_kokoro.__file__).parent / "data"
# Each pair of convolutions was quantized alone, and compared with the float windows. Most have a log-spectral distance
# of 0.3 to 0.9 dB, but noise_res.1/convs2.2 has 1.3, resblocks.3/convs2 3.0, resblocks.4 2.5 and 3.3, and
# resblocks.5/convs2 2.2. Without these, 35 of 48 convolutions are int8, and a window takes two thirds of the time (with
# VNNI).
TOO_SENSITIVE = ("noise_res.1/convs2.2", "resblocks.3/convs2", "resblocks.4/", "resblocks.5/convs2")
SPEEDS = (1.0, 0.8, 1.3)
WINDOW_FRAMES, WINDOWS = 32, 3
SAMPLES_PER_WINDOW = 4000
INSIDE_PERCENT = 99.99
"""Percent of the sampled values that are within the range. The extremes of each window are among the samples."""


class TappedVocoder:
    """A vocoder session that samples the inputs and outputs of its convolutions."""

    def __init__(self, file: Path) -> None:
        model = onnx.load(file)
        self._outputs = {output.name for output in model.graph.output}
        self.taps = {node.name: (node.input[0], node.output[0]) for node in model.graph.node if may_be_int8(node)}
        self._tensors = {name for pair in self.taps.values() for name in pair}
        for name in self._tensors - self._outputs:
            model.graph.output.append(helper.make_empty_tensor_value_info(name))
        self._session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        self._random = np.random.default_rng(0)
        self._samples: dict[str, list[npt.NDArray[np.float32]]] = {}

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Run a window, record samples and return the vocoder's outputs."""
        names = [output.name for output in self._session.get_outputs()]
        outputs = dict(zip(names, self._session.run(names, dict(feeds)), strict=True))
        for name in self._tensors:
            values = outputs[name].ravel()
            extremes = [values.min(keepdims=True), values.max(keepdims=True)]
            samples = [self._random.choice(values, SAMPLES_PER_WINDOW), *extremes]
            self._samples.setdefault(name, []).append(np.concatenate(samples))
        return {name: outputs[name] for name in self._outputs}

    def close(self) -> None:
        """Do nothing: the program ends soon."""

    def range(self, name: str) -> Range:
        """Return the range of a tensor without its most extreme values."""
        values = np.concatenate(self._samples[name])
        return Range(*(float(np.percentile(values, percent)) for percent in (100 - INSIDE_PERCENT, INSIDE_PERCENT)))


def may_be_int8(node: onnx.NodeProto) -> bool:
    """Return whether `node` is a convolution that stays accurate in int8."""
    is_residual = "resblocks." in node.name or "noise_res." in node.name
    return node.op_type == "Conv" and is_residual and not any(name in node.name for name in TOO_SENSITIVE)


def main() -> None:
    """Speak with all voices and write the ranges."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", type=Path, metavar="STAGES", help="folder of the prepared model")
    folder: Path = parser.parse_args().stages
    vocoder = TappedVocoder(folder / "vocoder.onnx")

    def open_stage(file: Path, options: SessionOptions) -> Session:
        return vocoder if file.stem == "vocoder" else open_onnx(file, ["CPUExecutionProvider"], options)

    stages = ModelPipeline(folder, [Provider("tapped", 1, "float", open_stage)], SessionOptions(2, folder))
    styles = builtin_styles()
    statistics = builtin_statistics(styles)
    for index, voice in enumerate(published_voices(styles.names)):
        lines = (DATA / "material" / f"{voice.language}.txt").read_text("utf-8").splitlines()
        # The first 30 lines are short, and the next 25 are of medium length.
        for line in (lines[index % 30], lines[30 + index % 25]):
            style = styles.row(voice.name, len(line))
            prosody = stages.predict_prosody(line, style, SPEEDS[index % len(SPEEDS)])
            frames = stages.decode_frames(prosody)
            predicted = statistics.predict(voice.name, stages.features(prosody, frames))
            decoding = stages.start_vocoder(prosody, predicted, 0)
            for first in range(0, min(prosody.frames, WINDOW_FRAMES * WINDOWS), WINDOW_FRAMES):
                decoding.feed(frames[:, first : first + WINDOW_FRAMES])
        print(voice.name, flush=True)
    ranges = {name: Ranges(*map(vocoder.range, pair)) for name, pair in sorted(vocoder.taps.items())}
    (DATA / "ranges.json").write_bytes(msgspec.json.format(msgspec.json.encode(ranges), indent=1) + b"\n")


if __name__ == "__main__":
    main()
