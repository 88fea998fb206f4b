"""Measures the AdaIN statistics of a voice in a child process.

Run as `python -m wyoming_kokoro.synthesis.learn_statistics STAGES STYLES LANGUAGE RESULT`. STAGES is a folder with a
prepared model, and STYLES an .npy file with the styles of a voice, shape [510, 256]. The process synthesizes sample
lines of LANGUAGE and writes the features and statistics of each utterance to RESULT, an .npz file. It takes about 20 s
on an idle core. Its memory is freed when it ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from wyoming_kokoro.api.providers import Provider, SessionOptions
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.statistics import to_log_space
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.storage import open_atomically
from wyoming_kokoro.types import FloatArray

LINE_COUNTS = (30, 25, 15)
"""The short, medium and long lines in the sample file of each language."""
SINGLE_VOICE_COUNTS = (9, 6, 0)
"""The lines of each length for the mean of one voice. Long lines tell least for their time."""
EVERY_VOICE_COUNTS = (11, 7, 3)
"""The lines of each length and voice for what all voices share."""
NICENESS = 19
"""The lowest priority: synthesis for clients comes first."""
MIN_SPEED, MAX_SPEED = 0.5, 2.0
"""Every other line has a random speed in this range."""


def main() -> None:
    """Learn the voice given on the command line."""
    stages, styles, language, result = sys.argv[1:]
    os.nice(NICENESS)
    learn(open_stages(Path(stages), threads=1), np.load(styles), language, SINGLE_VOICE_COUNTS, Path(result))


def open_stages(folder: Path, threads: int) -> ModelPipeline:
    """Open the prepared stages in `folder` on the CPU."""
    provider = Provider("cpu", 1, "float", lambda file, options: open_onnx(file, ["CPUExecutionProvider"], options))
    return ModelPipeline(folder, [provider], SessionOptions(threads, folder))


def learn(pipeline: ModelPipeline, styles: FloatArray, language: str, line_counts: Sequence[int], result: Path) -> None:
    """Measure sample lines of `language` in the voice of `styles`, and write `result` atomically."""
    # The seed gives the voices of one language different lines.
    seed = int.from_bytes(styles[0, :1].tobytes(), "little")
    lines = sample_lines(language, line_counts, seed)
    measured = [measure_utterance(pipeline, line, styles[len(line) - 1][None], speed) for line, speed in lines]
    features, statistics = (np.stack(part) for part in zip(*measured, strict=True))
    with open_atomically(result) as stream:
        np.savez(stream, features=features, statistics=statistics)


def measure_utterance(
    pipeline: ModelPipeline, phonemes: str, style: FloatArray, speed: float
) -> tuple[FloatArray, FloatArray]:
    """Return the features of one utterance and its statistics in log space."""
    prosody = pipeline.predict_prosody(phonemes, style, speed)
    frames = pipeline.decode_frames(prosody)
    _, mean, variance = pipeline.decode_whole(prosody, frames)
    return pipeline.features(prosody, frames), to_log_space(mean, variance)


def sample_lines(language: str, line_counts: Sequence[int], seed: int) -> Iterator[tuple[str, float]]:
    """Yield random lines as phonemes and speed: `line_counts` short, medium and long ones."""
    random = np.random.default_rng(seed)
    folder = resources.files("wyoming_kokoro") / "data" / "material"
    lines = (folder / f"{language}.txt").read_text("utf-8").splitlines()
    first = 0
    for available, count in zip(LINE_COUNTS, line_counts, strict=True):
        for index, line in enumerate(random.choice(lines[first : first + available], count, replace=False)):
            speed = float(np.exp(random.uniform(np.log(MIN_SPEED), np.log(MAX_SPEED)))) if index % 2 else 1.0
            yield str(line), speed
        first += available


if __name__ == "__main__":
    main()
