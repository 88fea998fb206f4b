"""Make wyoming_kokoro/data/ranges.json: what the vocoder's activations lie between. `... STAGES`

STAGES is a prepared model. Every voice speaks two lines of its language's material; of the input and the output of each
convolution that is worth quantising the ends are kept that all but the most extreme windows stay within.

Which are worth it was found by quantising each pair alone (log-spectral distance to the float windows): most cost 0.3
to 0.9 dB, but noise_res.1/convs2.2 alone 1.3, resblocks.3/convs2 3.0, resblocks.4 2.5 and 3.3, resblocks.5/convs2 2.2.
Without these, 35 of 48 convolutions are left, and a window takes two thirds of the time (on VNNI).
"""

from __future__ import annotations

import sys
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
TOO_SENSITIVE = ("noise_res.1/convs2.2", "resblocks.3/convs2", "resblocks.4/", "resblocks.5/convs2")
SPEEDS = (1.0, 0.8, 1.3)
WINDOW, WINDOWS = 32, 3
SAMPLES = 4000
INSIDE = 99.99
"""Percent of the samples of all windows; each window's extremes are among them."""


class Tapped:
    """A vocoder that tells what its convolutions see."""

    def __init__(self, file: Path) -> None:
        model = onnx.load(file)
        self._names = {item.name for item in model.graph.output}
        self.taps = {node.name: (node.input[0], node.output[0]) for node in model.graph.node if is_worth_it(node)}
        for name in {name for pair in self.taps.values() for name in pair} - self._names:
            model.graph.output.append(helper.make_empty_tensor_value_info(name))
        self._session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        self._choice = np.random.default_rng(0)
        self.seen: dict[str, list[npt.NDArray[np.float32]]] = {}

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Decode a window and note some of what was seen."""
        names = [output.name for output in self._session.get_outputs()]
        made = dict(zip(names, self._session.run(names, dict(feeds)), strict=True))
        for name in {name for pair in self.taps.values() for name in pair}:
            values = made[name].ravel()
            some = [self._choice.choice(values, SAMPLES), values.min(keepdims=True), values.max(keepdims=True)]
            self.seen.setdefault(name, []).append(np.concatenate(some))
        return {name: made[name] for name in self._names}

    def close(self) -> None:
        """There is nothing to give back before the end."""

    def range(self, name: str) -> Range:
        """Return what nearly all values of a tensor lie between."""
        values = np.concatenate(self.seen[name])
        return Range(*(float(np.percentile(values, percent)) for percent in (100 - INSIDE, INSIDE)))


def is_worth_it(node: onnx.NodeProto) -> bool:
    """Return whether `node` is a convolution that may be int8."""
    is_residual = "resblocks." in node.name or "noise_res." in node.name
    return node.op_type == "Conv" and is_residual and not any(name in node.name for name in TOO_SENSITIVE)


def main() -> None:
    """Let all voices speak and write what was seen."""
    folder = Path(sys.argv[1])
    tapped = Tapped(folder / "vocoder.onnx")

    def opened(file: Path, options: SessionOptions) -> Session:
        return tapped if file.stem == "vocoder" else open_onnx(file, ["CPUExecutionProvider"], options)

    stages = ModelPipeline(folder, [Provider("tapped", 1, "float", opened)], SessionOptions(2, folder))
    styles = builtin_styles()
    statistics = builtin_statistics(styles)
    for index, voice in enumerate(published_voices(styles.names)):
        lines = (DATA / "material" / f"{voice.language}.txt").read_text("utf-8").splitlines()
        for line in (lines[index % 30], lines[30 + index % 25]):
            style = styles.row(voice.name, len(line))
            prosody = stages.predict_prosody(line, style, SPEEDS[index % len(SPEEDS)])
            frames = stages.decode_frames(prosody)
            predicted = statistics.predict(voice.name, stages.features(prosody, frames))
            decoding = stages.start_vocoder(prosody, predicted, 0)
            for first in range(0, min(prosody.frames, WINDOW * WINDOWS), WINDOW):
                decoding.feed(frames[:, first : first + WINDOW])
        print(voice.name, flush=True)
    ranges = {name: Ranges(*map(tapped.range, pair)) for name, pair in sorted(tapped.taps.items())}
    (DATA / "ranges.json").write_bytes(msgspec.json.format(msgspec.json.encode(ranges), indent=1) + b"\n")


if __name__ == "__main__":
    main()
